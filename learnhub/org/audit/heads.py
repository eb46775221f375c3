"""The ends of the chains, noted in a file with a signature: what was noted can neither be rewritten nor cut off unseen.

One line of JSON for each noting: ``{"at": …, "heads": [[chain, number, digest], …], "signature": …}``. The signature
covers the signature before it too, so that no record can be taken out of the middle. Keep copies of the file on another
machine: who may write here and knows the key can forge it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from learnhub.kernel import files
from learnhub.org.audit.chain import Flaw, Head

FILE_NAME = "audit-heads.jsonl"


def note_heads(path: Path, heads: Sequence[Head], *, key: str, now: datetime) -> bool:
    """Adds a record; False when nothing has changed since the last one. The file survives a power cut whole."""
    records = _read(path)
    listed = [[head.chain, head.number, head.digest] for head in heads]
    if records and records[-1].get("heads") == listed:
        return False
    body = {"at": now.isoformat(), "heads": listed}
    before = str(records[-1].get("signature", "")) if records else ""
    line = json.dumps({**body, "signature": _signature(body, before, key)}, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(line + "\n")
        out.flush()
        os.fsync(out.fileno())
    files.sync_folder(path.parent)
    return True


def read_heads(path: Path, *, key: str) -> tuple[list[Head], list[Flaw]]:
    """All heads that were ever noted with a sound signature, and a flaw for each record whose signature is not."""
    heads: set[Head] = set()
    flaws: list[Flaw] = []
    before = ""
    for number, record in enumerate(_read(path), start=1):
        signature = str(record.pop("signature", ""))
        if hmac.compare_digest(signature.encode(), _signature(record, before, key).encode()):
            heads.update(Head(*one) for one in record["heads"])
        else:
            flaws.append(Flaw("head_forged", 0, number))
        before = signature
    return sorted(heads, key=lambda head: (head.chain, head.number)), flaws


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    records = []
    for line in path.read_text("utf-8").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        records.append(record if isinstance(record, dict) else {"unreadable": line})
    return records


def _signature(body: dict[str, Any], before: str, key: str) -> str:
    text = "\n".join(["audit heads", before, json.dumps(body, sort_keys=True, separators=(",", ":"))])
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
