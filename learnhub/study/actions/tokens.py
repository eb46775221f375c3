"""The token of a viewing: what a report needs to be judged without asking who sends it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from learnhub.kernel.errors import Forbidden
from learnhub.kernel.signing import read_signed, sign
from learnhub.study.actions.storing import Claims

TOKEN_LIFE = timedelta(days=3)
"""How long reports of a viewing may still be handed in after a line that was down."""

PURPOSE = "study.beat"
_LONGEST = 1000


def make_token(claims: Claims, *, key: str, now: datetime) -> str:
    """The signed token of a viewing that is opened now."""
    told = {"v": claims.viewing_id, "p": claims.person_id, "l": claims.length_ms, "n": claims.needed_ms}
    return sign(told, purpose=PURPOSE, key=key, expires=now + TOKEN_LIFE)


def read_token(token: Any, *, key: str, now: datetime) -> Claims:
    """What a token claims. Raises Forbidden ``study.report_token`` when it is forged, damaged or too old."""
    if isinstance(token, str) and token.isascii() and len(token) < _LONGEST:
        told = read_signed(token, purpose=PURPOSE, key=key, now=now)
        if told is not None:
            return Claims(told["v"], told["p"], told["l"], told["n"])
    raise Forbidden("study.report_token")
