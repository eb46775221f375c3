"""What joins features that may not know each other: the layout's view of the person, events, sources, paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from learnhub.catalog import hours as course_hours
from learnhub.catalog import search_documents as catalogue
from learnhub.catalog.actions import reorganising as following
from learnhub.config import BadSetting, Settings
from learnhub.design import navigation
from learnhub.kernel import clock, events
from learnhub.kernel.errors import Refusal
from learnhub.media import direct
from learnhub.org.events import PeopleMerged, PeopleParted, UnitRetired, UnitsMerged, UnitSplit
from learnhub.org.views import accounts
from learnhub.search import sources
from learnhub.search.analyse import Cue
from learnhub.search.rules import Kind
from learnhub.sessions.actions import merging as merging_rolls
from learnhub.study import beat, hours
from learnhub.study.actions import merging as merging_study
from learnhub.study.actions.refusals import count_now
from learnhub.study.rules.hours import HoursRule
from learnhub.years import messages as claims_and_rules
from learnhub.years.actions import merging as merging_years


def connect_features(app: Flask) -> None:
    """Subscribes and registers across features; called once when the application is made."""
    navigation.wire(
        app,
        navigation.Wiring(
            person_name=lambda: g.actor.name if current_user.is_authenticated else None,
            may_use=lambda ability: bool(current_user.is_authenticated and g.actor.can(ability)),
            home="desks.home",
            sign_in="org.login",
            sign_out="org.logout",
            search="search.results",
        ),
    )
    for feature in (merging_study, merging_rolls, merging_years):
        events.subscribe(PeopleMerged, feature.take_over)
        events.subscribe(PeopleParted, feature.give_back)
    events.subscribe(UnitsMerged, following.follow_merge)
    events.subscribe(UnitSplit, following.follow_split)
    events.subscribe(UnitRetired, following.follow_retirement)
    settings: Settings = app.extensions["learnhub_settings"]
    try:
        hours.rule_named(settings.hours_rule)
    except hours.BadRule as error:
        raise BadSetting(f"LEARNHUB_HOURS_RULE: {error}") from error
    course_hours.wire(
        app,
        lambda lessons, is_required: hours.lessons_centihours(
            _viewers_rule(settings), lessons, is_required=is_required
        ),
    )
    sources.register_source(
        sources.Source(
            catalogue.SOURCE,
            list_ids=catalogue.list_course_ids,
            documents_for=lambda course_id: _search_documents(course_id, settings),
        )
    )


def _viewers_rule(settings: Settings) -> HoursRule:
    """This year's rule of the viewer's own unit, asked for once a request; the setting's for whoever is not signed in."""
    if not current_user.is_authenticated:
        return hours.rule_named(settings.hours_rule)
    if "hours_rule" not in g:
        g.hours_rule = hours.rule_for(g.actor.unit_path, clock.local_year(clock.now()), settings)
    rule: HoursRule = g.hours_rule
    return rule


def mount(wsgi: Callable[..., Any], settings: Settings) -> Callable[..., Any]:
    """Puts the paths that need no Flask in front of it."""
    return beat.mount(direct.mount(wsgi, settings), settings)


def count_refused(refusal: Refusal) -> None:
    """Counts a refusal that the system page tells of; all others pass."""
    counted = claims_and_rules.COUNTED.keys() & {refusal.code, *refusal.fields.values()}
    if counted:
        count_now(counted, clock.local_date(clock.now()))


def sign_in_page(next_path: str) -> Response:
    """Sends a person who is not signed in to the log-in page and back afterwards."""
    return redirect(url_for("org.login", next=next_path.rstrip("?")))


def form_too_late() -> Response | None:
    """The answer to a form that came after its session had ended, with what was typed; None where none can be given."""
    return accounts.form_too_late()


def _search_documents(course_id: str, settings: Settings) -> list[sources.SearchDocument]:
    """The texts of a course as search knows them; captions become passages of about half a minute."""
    documents: list[sources.SearchDocument] = []
    for found in catalogue.search_documents(course_id, settings=settings, now=clock.now()):
        shared = {
            "part": found.part, "title": found.title, "url": found.url, "unit_ids": found.unit_ids,
            "parents": found.parents, "category": found.category, "level": found.level,
        }  # fmt: skip
        if found.kind == Kind.CAPTION:
            cues = [Cue(cue.start_ms, cue.end_ms, cue.text) for cue in found.cues]
            documents += sources.caption_documents(cues, **shared)
        else:
            kind = Kind(found.kind)
            documents.append(sources.SearchDocument(kind=kind, body=found.body, length_s=found.length_s, **shared))
    return documents
