"""What browsers send to the catalogue, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from learnhub.catalog.queries.cards import SORTS, CourseFilters
from learnhub.catalog.rules import LONGEST_REASON, Band, Kind, State
from learnhub.kernel.errors import Malformed
from learnhub.kernel.text import clean
from learnhub.media.captions import Cue
from learnhub.org.rules import Level

_MOST_CUES = 20_000
_LONGEST_CUE = 1000  # characters
_LONGEST_MS = 100 * 3_600_000
_CHOICES: dict[str, tuple[str, ...]] = {
    "level": tuple(Level),
    "kind": tuple(Kind),
    "band": tuple(Band),
    "required": ("required", "elective"),
    "sort": SORTS,
}


@dataclass(frozen=True)
class ReasonForm:
    """Why a course is withdrawn or restored; ``errors`` maps fields to refusal codes."""

    reason: str
    errors: dict[str, str] = field(default_factory=dict)


def read_cues(sent: object) -> tuple[int, list[Cue]]:
    """The version begun with and the captions of the editor: ``{"base": 3, "cues": [[from_ms, to_ms, text], …]}``.

    Raises Malformed.
    """
    try:
        base, lines = sent["base"], sent["cues"]  # type: ignore[index]
        cues = [Cue(int(start), int(end), str(text)[:_LONGEST_CUE]) for start, end, text in lines]
        if len(cues) > _MOST_CUES or not all(-_LONGEST_MS < one.start_ms <= one.end_ms < _LONGEST_MS for one in cues):
            raise ValueError("out of bounds")
        return int(base), cues
    except (TypeError, KeyError, ValueError) as error:
        raise Malformed("captions.bad_cues") from error


def read_filters(args: MultiDict[str, str]) -> CourseFilters:
    """The filters of an address; a value that is no choice counts as none, so that old links keep working."""
    chosen = {name: args.get(name, "") for name in _CHOICES}
    known = {name: value for name, value in chosen.items() if value in _CHOICES[name]}
    texts = {name: clean(args.get(name, ""))[:100] for name in ("category", "series", "text")}
    return CourseFilters(**{"sort": "new", **known, **texts})


def read_page(args: MultiDict[str, str]) -> int:
    """The number of the page asked for; 1 for what is no number."""
    return max(1, min(args.get("page", 1, type=int), 1_000_000))


def read_state(args: MultiDict[str, str]) -> str:
    """A state to narrow the editor's list by; empty for all."""
    state = args.get("state", "")
    return state if state in tuple(State) else ""


def read_reason(form: MultiDict[str, str]) -> ReasonForm:
    """The reason with what is wrong with it."""
    reason = clean(form.get("reason", ""))
    if not reason:
        return ReasonForm("", {"reason": "catalog.reason_missing"})
    if len(reason) > LONGEST_REASON:
        return ReasonForm(reason, {"reason": "catalog.reason_too_long"})
    return ReasonForm(reason)
