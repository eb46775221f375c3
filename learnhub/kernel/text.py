"""Text as people write it, folded so that equal things compare equal; what is stored stays as written."""

from __future__ import annotations

import re
import unicodedata

_DOTS = dict.fromkeys(map(ord, "·•‧∙⋅・･᛫．。"), "·")
_SPACES = re.compile(r"\s+")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


def fold(text: str) -> str:
    """Full-width to half-width, lower case, runs of white space to one space, invisible marks removed."""
    return _SPACES.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFKC", text))).strip().lower()


def fold_name(name: str) -> str:
    """A person's name for comparing: no spaces, one kind of middle dot, full-width folded, lower case.

    >>> fold_name("阿依古丽•买买提") == fold_name("阿依古丽·买买提")
    True
    """
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", name.translate(_DOTS))).translate(_DOTS)
    return _SPACES.sub("", folded).lower()


def clean(text: str) -> str:
    """What somebody typed into a one-line field, without invisible marks and outer or doubled white space."""
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()
