"""``learnhub proofs …``: checking a proof without any network or database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from learnhub.config import Settings
from learnhub.kernel import keys
from learnhub.kernel.errors import Invalid
from learnhub.kernel.messages import register
from learnhub.proofs import queries
from learnhub.proofs.messages import WORDS
from learnhub.proofs.rules import Statement, decode


@click.group("proofs")
def group() -> None:
    """Certificates and proofs of years."""
    register(WORDS)


@group.command()
@click.argument("text")
@click.option("--key", help="The public key, as `learnhub ledger public-key` prints it (default: this installation's).")
@click.option(
    "--revoked",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of /proofs/revoked.json: a proof that stands in it is refused.",
)
@click.pass_obj
def verify(settings: Settings, text: str, key: str | None, revoked: Path | None) -> None:
    """Check the signature of TEXT: a PDF or text file, an address from a code, or the signed text itself."""
    publics = {keys.key_id(bytes.fromhex(key)): bytes.fromhex(key)} if key else queries.public_keys(settings.data_dir)
    try:
        statement = decode(_content(text), publics)
        if revoked is not None:
            _refuse_revoked(statement, revoked)
    except Invalid as refusal:
        words = WORDS.get(refusal.code)
        click.echo(str(words) % refusal.params if words and refusal.params else str(words or refusal), err=True)
        sys.exit(1)
    for name, value in statement.__dict__.items():
        click.echo(f"{name}: {value / 100:g}" if name == "centihours" else f"{name}: {value}")
    click.echo("genuine")


def _refuse_revoked(statement: Statement, path: Path) -> None:
    days = {one["serial"]: one["day"] for one in json.loads(path.read_text("utf-8"))["revoked"]}
    if statement.serial in days:
        raise Invalid("proofs.is_revoked", day=days[statement.serial])


def _content(text: str) -> str:
    path = Path(text)
    if len(text) > 255 or not path.is_file():
        return text
    raw = path.read_bytes()
    if not raw.startswith(b"%PDF-"):
        return raw.decode("utf-8", "replace")
    try:
        facts = PdfReader(path).metadata
        return str((facts.get("/Keywords") if facts else "") or "")
    except PyPdfError as error:
        raise Invalid("proofs.not_a_proof") from error
