"""Whatever changes something can come to the audit trail: every route that takes a POST, every command.

From each view and each command's function the functions are followed that its code names, through the modules of
LearnHub. Where none of them is :func:`audit.record`, the route or command must stand in a list below with its reason.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import click
from flask import Flask

from learnhub import cli
from learnhub.kernel import jobs
from learnhub.org import audit

WITHOUT = {
    "captions.ask_machine": "the job writes the line when it saves the captions",
    "design.choose_language": "the person's choice is written by what the application wires in; a guest's is a cookie",
    "design.choose_text_size": "a cookie of the browser",
    "org.apply_import": "the job writes the line when it has brought the people in",
    "org.correct_columns": "a dry run: nobody is changed",
    "org.say_shared": "a cookie of the browser",
    "org.start_import": "a dry run: nobody is changed",
    "org.try_import_again": "the job writes the line",
    "org.undo_import": "the job writes the line when it has taken the people out again",
    "proofs.check": "reads only; a form because a code does not belong into an address",
    "study.open_viewing": "evidence of study, which the ledger keeps",
    "study.submit_attempt": "evidence of study, which the ledger keeps",
    "years.ask_trial": "a dry run of a rule: nobody's hours are changed",
}
"""Routes that take a POST, PUT, PATCH or DELETE and write no line, each with the reason."""
JOBS = {"captions.ask_machine": "media.transcribe", "org.apply_import": "org.roster", "org.undo_import": "org.roster"}
"""The jobs that write the line for a route."""
COMMANDS_WITHOUT = {
    "audit note-heads": "writes down the ends of the trail itself",
    "audit verify": "reads only",
    "courses check": "reads only",
    "demo": "fills an empty installation with invented data",
    "ledger public-key": "reads only",
    "ledger sign-head": "signs the ends of the ledger's own chains",
    "ledger verify": "reads only",
    "media nginx": "prints only",
    "migrate": "the schema, whose history is kept in a table of its own",
    "proofs verify": "reads only",
    "search check": "reads only",
    "search rebuild": "makes the index anew from what is there",
    "serve": "what it serves writes its own lines",
}
"""Commands that write no line, each with the reason."""


def functions_named_by(function: FunctionType) -> Iterator[FunctionType]:
    """The functions of LearnHub that the code of ``function`` names, by themselves or as attributes of what it names."""
    for code in _codes(function.__code__):
        names = code.co_names
        seen = {name: function.__globals__[name] for name in names if name in function.__globals__}
        for thing in list(seen.values()):
            for one in _things_in(thing):
                yield from _functions_of(one)
            if isinstance(thing, ModuleType) and thing.__name__.startswith("learnhub"):
                for name in names:
                    yield from _functions_of(getattr(thing, name, None))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _functions_of(thing: Any) -> Iterator[FunctionType]:
    thing = inspect.unwrap(thing) if callable(thing) and not isinstance(thing, type) else thing
    if isinstance(thing, FunctionType) and thing.__module__.startswith("learnhub"):
        yield thing


def _things_in(thing: Any) -> Iterator[Any]:
    yield from thing.values() if isinstance(thing, dict) else (thing,)


def comes_to_the_trail(function: Any) -> bool:
    """Whether :func:`audit.record` or :func:`audit.record_many` can be reached."""
    waiting, known = list(_functions_of(function)), set()
    while waiting:
        one = waiting.pop()
        if one in (audit.record, audit.record_many):
            return True
        if one not in known:
            known.add(one)
            waiting += functions_named_by(one)
    return False


def commands(group: click.Group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command below a group with its whole name."""
    for word in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), word)
        if isinstance(command, click.Group):
            yield from commands(command, f"{name}{word} ")
        elif command is not None:
            yield f"{name}{word}", command


def test_every_route_that_changes_something_writes_a_line_or_says_why_not(app: Flask) -> None:
    changing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    }
    silent = {endpoint for endpoint in changing if not comes_to_the_trail(app.view_functions[endpoint])}
    assert silent == set(WITHOUT), f"write a line, or say why not: {sorted(silent ^ set(WITHOUT))}"


def test_the_jobs_that_write_the_line_for_a_route_do(app: Flask) -> None:
    for endpoint, kind in JOBS.items():
        assert endpoint in WITHOUT and comes_to_the_trail(jobs._runners[kind]), kind


def test_every_command_that_changes_something_writes_a_line_or_says_why_not() -> None:
    silent = {name for name, command in commands(cli.main) if not comes_to_the_trail(command.callback)}
    assert silent == set(COMMANDS_WITHOUT), f"write a line, or say why not: {sorted(silent ^ set(COMMANDS_WITHOUT))}"
