"""``learnhub proofs …``: checking a proof without any network or database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from learnhub.config import Settings
from learnhub.kernel import clock, keys
from learnhub.kernel.db import connect
from learnhub.kernel.errors import Invalid
from learnhub.kernel.messages import register
from learnhub.proofs import actions
from learnhub.proofs.messages import WORDS
from learnhub.proofs.rules import Statement, decode


@click.group("proofs")
def group() -> None:
    """Certificates and proofs of years."""
    register(WORDS)


@group.command()
@click.argument("text")
@click.option(
    "--key",
    "given",
    multiple=True,
    help="A public key, as `learnhub ledger public-key` prints it; may be repeated (default: this installation's).",
)
@click.option(
    "--keys",
    "ring",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of /proofs/keys.json: all public keys of an installation, with the days on which they were retired.",
)
@click.option(
    "--revoked",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of /proofs/revoked.json: a proof that stands in it is refused.",
)
@click.pass_obj
def verify(settings: Settings, text: str, given: tuple[str, ...], ring: Path | None, revoked: Path | None) -> None:
    """Check the signature of TEXT: a PDF or text file, an address from a code, or the signed text itself."""
    publics = keys.keys_given(given) or _ring(ring) or keys.public_keys(settings.data_dir)
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


def _ring(path: Path | None) -> dict[str, keys.PublicKey]:
    try:
        return keys.read_public_keys(path.read_text("utf-8")) if path else {}
    except ValueError as error:
        raise click.ClickException(f"{path}: {error}") from error


@group.command("rotate-key")
@click.confirmation_option(prompt="A new key signs from now on, and the old one is destroyed. Go on?")
@click.pass_obj
def rotate_key(settings: Settings) -> None:
    """Let a new key sign proofs and the ledger's ends; what the old one signed until today stays good."""
    connect(settings.database_url)
    made = actions.rotate_key(settings, now=clock.now())
    former = [name for name in keys.public_keys(settings.data_dir) if name != made.id]
    click.echo(f"{made.id} signs now; kept for checking: {', '.join(former)}")
    click.echo(f"back up {settings.data_dir / keys.FILE_NAME} and {settings.data_dir / keys.FORMER_NAME}")


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
