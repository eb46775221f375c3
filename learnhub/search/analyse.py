"""Chinese text for the index and for the query: folding, character bigrams, words; pure functions.

The index holds pairs of neighbouring characters, so that every part of a text is found whatever a dictionary
thinks of it (新寨村党委 is not cut into 新 / 寨村 / 党委); only the query is cut into words, and only when its
whole is found nowhere. See docs/decisions/0040.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import opencc
import rjieba

QUERY_LENGTH = 100  # characters of a query that are looked at; what people type is far shorter
TITLE_WEIGHT = 4  # an occurrence in the title counts as this many in the body

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{_HAN}]+)|((?:(?![{_HAN}])[^\\W_])+)")
_PART = re.compile(r"\d+|[^\W\d_]+")
_BETWEEN = r"[\W_]{0,3}"
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("•‧∙⋅・･᛫", "·"),
        **dict.fromkeys("“”„‟「」『』", '"'),
        **dict.fromkeys("‘’‚‛", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)


@lru_cache(maxsize=1)
def _table() -> list[str]:
    """For each character of the basic plane the one it counts as: width, case, traditional form."""
    plain = [chr(code) for code in range(0x10000)]
    for code, character in enumerate(plain):
        if not 0xD800 <= code < 0xE000:
            folded = unicodedata.normalize("NFKC", character).lower()
            plain[code] = " " if character.isspace() else folded if len(folded) == 1 else character
    han = range(0x2E80, 0xFB00)
    letters = [plain[code] if not 0xD800 <= code < 0xE000 else "?" for code in han]
    simplified = opencc.OpenCC("t2s").convert("\n".join(letters)).split("\n")
    for code, simple in zip(han, simplified, strict=True):
        if len(simple) == 1 and not 0xD800 <= code < 0xE000:
            plain[code] = simple
    return [character.translate(_ALIKE) for character in plain]


def fold(text: str) -> str:
    """The text with full-width, upper-case and traditional characters made plain, of exactly the same length.

    >>> fold("ＬｅａｒｎＨｕｂ 鄉村振興")
    'learnhub 乡村振兴'
    """
    return text.translate(_table())


def terms_of(folded: str) -> Iterator[str]:
    """The index terms of folded text, in order, repeated as they occur.

    Each run of Han characters gives its bigrams and its last character alone, so that every character begins
    a term; a run of letters and digits gives itself and, where both meet, its parts.
    """
    for match in _RUN.finditer(folded):
        run = match[1]
        if run is not None:
            yield from map("".join, zip(run, run[1:], strict=False))
            yield run[-1]
        else:
            word = match[2][:60]
            yield word
            parts = _PART.findall(word)
            if len(parts) > 1:
                yield from parts


def weigh(title: str, body: str) -> Counter[str]:
    """How much each term of a document counts: once per place in the body, TITLE_WEIGHT times in the title."""
    weights = Counter(terms_of(fold(body)))
    for term in terms_of(fold(title)):
        weights[term] += TITLE_WEIGHT
    return weights


@dataclass(frozen=True)
class Unit:
    """A part of a query that must be found as it stands.

    ``terms`` are looked up exactly; ``starts`` are single characters, looked up as beginnings of terms.
    ``is_exact``: the terms alone prove that the unit is there, the text need not be looked at.
    """

    text: str
    terms: tuple[str, ...]
    starts: tuple[str, ...]
    is_exact: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the unit in folded text; marks and spaces between its runs may differ."""
        runs = [re.escape(match[0]) for match in _RUN.finditer(self.text)]
        return re.compile(_BETWEEN.join(runs))


@dataclass(frozen=True)
class Query:
    """What somebody looks for: the parts between spaces. ``is_cut``: it was longer than QUERY_LENGTH."""

    text: str
    units: tuple[Unit, ...]
    is_cut: bool = False

    @property
    def words(self) -> Query:
        """The same query with each part cut into the words of the dictionary, each wanted once.

        Single characters (的, 和) are left out beside longer words.
        """
        units = _units([word for unit in self.units for word in rjieba.cut(unit.text)])
        longer = tuple(unit for unit in units if len(unit.text) > 1)
        return Query(self.text, longer or units, self.is_cut)


def read_query(text: str) -> Query:
    """Any text as a query; marks, operators and wildcards mean nothing, nothing raises; may have no units."""
    seen = text[: QUERY_LENGTH * 4]
    clean = " ".join("".join(sign if sign.isprintable() else " " for sign in seen).split())
    return Query(clean[:QUERY_LENGTH], _units(fold(clean[:QUERY_LENGTH]).split()), len(clean) > QUERY_LENGTH)


def _units(texts: list[str]) -> tuple[Unit, ...]:
    units = {text: unit for text in texts if (unit := _unit(text)) is not None}
    return tuple(units.values())


def _unit(text: str) -> Unit | None:
    terms: list[str] = []
    singles: list[str] = []
    runs = list(_RUN.finditer(text))
    for match in runs:
        han, word = match[1], match[2]
        if han is None:
            terms.append(word[:60])
        elif len(han) == 1:
            singles.append(han)
        else:
            terms.extend(map("".join, zip(han, han[1:], strict=False)))
    if not runs:
        return None
    is_exact = len(runs) == 1 and len(terms) + len(singles) == 1
    return Unit(text, tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(singles)), is_exact)


@dataclass(frozen=True)
class Cue:
    """A caption as it is shown: from ``start_ms`` to ``end_ms``."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Passage:
    """Captions that follow each other, joined; ``cues`` says which character begins at which millisecond."""

    start_ms: int
    end_ms: int
    text: str
    cues: tuple[tuple[int, int], ...]


def passages(cues: list[Cue], *, length_ms: int = 30_000) -> list[Passage]:
    """Joins captions into passages of about ``length_ms``, broken where a sentence ends or a pause is heard.

    A sentence that runs over several captions stays in one passage; a passage never exceeds twice the length.
    """
    made: list[Passage] = []
    held: list[Cue] = []
    for cue in cues:
        if held and _ends_before(held, cue, length_ms):
            made.append(_joined(held))
            held = []
        held.append(cue)
    return [*made, _joined(held)] if held else made


def _ends_before(held: list[Cue], cue: Cue, length_ms: int) -> bool:
    length = held[-1].end_ms - held[0].start_ms
    sentence_ends = held[-1].text.rstrip().endswith(("。", "！", "？", ".", "!", "?", "；"))
    pause = cue.start_ms - held[-1].end_ms > 1500
    return cue.end_ms - held[0].start_ms > 2 * length_ms or (length >= length_ms and (sentence_ends or pause))


def _joined(held: list[Cue]) -> Passage:
    text, offsets = "", []
    for cue in held:
        words = " ".join(cue.text.split())
        if text and words and text[-1].isascii() and words[0].isascii():
            text += " "
        offsets.append((len(text), cue.start_ms))
        text += words
    return Passage(held[0].start_ms, held[-1].end_ms, text, tuple(offsets))


def cue_at(cues: list[tuple[int, int]] | list[list[int]], offset: int) -> int | None:
    """The millisecond at which the caption holding the character ``offset`` begins; None without captions."""
    starts = [start_ms for first, start_ms in cues if first <= offset]
    return starts[-1] if starts else None
