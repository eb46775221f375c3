"""A form that came after the session had ended: what was typed is kept over the log-in, sealed inside the page.

Nothing is stored here: the log-in page carries it, readable only by this site, and it is sent only when the person, signed
in again, says so. A form that another site made somebody send is never kept.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, request

from learnhub.design.problems import wants_json
from learnhub.kernel import clock, sealing
from learnhub.org import signed_in

_PURPOSE = "kept form"
_LONGEST = 200_000
_GOOD_FOR = timedelta(hours=4)
_NEVER = {"password", "old", "new", "again", "code"}


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent: the path with its query, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def typed(self) -> tuple[str, ...]:
        """What a person would recognise: the texts, without numbers and single characters."""
        return tuple(value for _name, value in self.fields if len(value.strip()) > 1 and not value.strip().isdigit())


def keep() -> str:
    """The form of this request, sealed; "" where there is nothing to keep: other sites, files, passwords, programs."""
    view = current_app.view_functions.get(request.endpoint or "")
    is_meant_for_people = view is not None and not getattr(view, "is_public", False)
    if request.method != "POST" or wants_json() or not is_meant_for_people or not _is_own():
        return ""
    fields = [(name, text) for name, text in request.form.items(multi=True) if name != "csrf_token"]
    if any(request.files.values()) or _NEVER & {name for name, _text in fields}:
        return ""
    told = {
        "path": request.full_path.rstrip("?"),
        "fields": fields,
        "account": signed_in.last_account(),
        "until": (clock.now() + _GOOD_FOR).timestamp(),
    }
    text = json.dumps(told, ensure_ascii=False)
    if len(text) > _LONGEST:
        return ""
    packed = b64encode(zlib.compress(text.encode())).decode()
    return sealing.seal(packed, purpose=_PURPOSE, secrets=signed_in.secrets())


def _is_own() -> bool:
    """True when a page of this site sent the form; browsers name the sender of each form themselves."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sender).netloc == request.host


def read(sealed: str, *, account_id: int) -> KeptForm | None:
    """The kept form; None when it is forged, old, or somebody else's who was signed in here before."""
    packed = sealing.unseal(sealed, purpose=_PURPOSE, secrets=signed_in.secrets()) if sealed else None
    if packed is None:
        return None
    told = json.loads(zlib.decompress(b64decode(packed)))
    if told["until"] < clock.now().timestamp() or told["account"] not in (None, account_id):
        return None
    return KeptForm(told["path"], tuple((name, text) for name, text in told["fields"]))
