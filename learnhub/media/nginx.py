"""The ready configuration of nginx for one installation."""

from __future__ import annotations

import re
from importlib.resources import files

from learnhub.config import Settings
from learnhub.media.delivery import LIFE, address_key

_MEDIA = re.compile(r" *#\[media\n.*?#media\]\n\n", re.DOTALL)


class CannotWrite(ValueError):
    """A path or name that cannot stand in a configuration of nginx; the text is a sentence."""


def configuration(settings: Settings, *, listen: str = "80", names: str = "_") -> str:
    """The text of the server block: media straight from the disk, everything else from LearnHub.

    ``listen`` is an address as nginx wants it, ``names`` are host names apart by blanks. Raises CannotWrite.
    """
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    values = {
        "APP": f"[{host}]:{settings.port}" if ":" in host else f"{host}:{settings.port}",
        "LISTEN": listen,
        "NAMES": names,
        "MEDIA": str(settings.media_dir),
        "KEY": address_key(settings),
        "KEEP": str(int(LIFE.total_seconds())),
        "BODY": str(settings.max_upload_mb + 1),
    }
    text = files("learnhub.media").joinpath("data/nginx.conf").read_text("utf-8")
    if settings.s3_bucket:  # segments come from the bucket; what else is below /m/ LearnHub sends
        text = _MEDIA.sub("", text)
    for name, value in values.items():
        if set(value) & set("\"'\\;{}$\r\n"):
            raise CannotWrite(f"{value!r} cannot stand in a configuration of nginx; please use a plain path or name.")
        text = text.replace(f"@{name}@", value)
    return text
