"""Proofs: signed, checkable without this server, refused when a digit changed, shown only as far as agreed."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from learnhub.kernel import clock, keys
from learnhub.kernel.errors import Invalid
from learnhub.org.models import AuditLine
from learnhub.proofs import actions, cli
from learnhub.proofs import queries as queries_of_proofs
from learnhub.proofs.models import Proof
from learnhub.proofs.rules import Statement, decode, encode
from learnhub.study import actions as study
from learnhub.study import cli as ledger_cli
from learnhub.study import heads, queries
from tests.cast import Cast
from tests.client import CheckingClient
from tests.study.conftest import Library

SignIn = Callable[[str], CheckingClient]
STATEMENT = Statement(
    "26-ABCDE-FGHJK", "李㛃·䶮", "大石板社区", "year", "2026年度学习", 8_425, 2026, "yunnan-online@012345", "2026-11-22"
)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> keys.SigningKey:
    """A key pair of its own."""
    return keys.signing_key(tmp_path_factory.mktemp("key"))


def test_one_altered_digit_is_refused(key: keys.SigningKey) -> None:
    token, publics = encode(STATEMENT, key.id, key.sign), {key.id: keys.PublicKey(key.public)}
    assert decode(f"http://x.test/proofs/check#{token}", publics) == STATEMENT
    assert decode(token[:60] + "\n " + token[60:], publics) == STATEMENT
    mark, body, signature = token.split(".")
    altered = keys.pack(keys.unpack(body).replace(b"8425", b"9425"))
    for text in (
        f"{mark}.{altered}.{signature}",
        token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
        f"{mark}.{body}",
        "",
        "hello",
    ):
        with pytest.raises(Invalid, match="proofs"):
            decode(text, publics)
    with pytest.raises(Invalid, match="other_key"):
        decode(token, {"00000000": keys.PublicKey(key.public)})


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_no_changed_character_is_believed(key: keys.SigningKey, place: int, sign: str) -> None:
    token = encode(STATEMENT, key.id, key.sign)
    place %= len(token)
    changed = token[:place] + sign + token[place + 1 :]
    if "".join(changed.split()) == token:
        return
    with pytest.raises(Invalid):
        decode(changed, {key.id: keys.PublicKey(key.public)})


def test_after_a_change_of_keys_old_proofs_hold_and_the_old_key_signs_nothing_younger(tmp_path: Path) -> None:
    first = keys.signing_key(tmp_path)
    young = dataclasses.replace(STATEMENT, serial="26-YYYYY-YYYYY", issued="2026-12-02")
    stolen = encode(young, first.id, first.sign)
    tokens = [encode(STATEMENT, first.id, first.sign)]
    for day in (date(2026, 12, 1), date(2027, 3, 1)):
        made = keys.rotate(tmp_path, day)
        tokens.append(encode(dataclasses.replace(STATEMENT, issued=day.isoformat()), made.id, made.sign))
    publics = keys.public_keys(tmp_path)
    assert [one.until for one in publics.values()] == ["2026-12-01", "2027-03-01", ""]
    assert keys.read_public_keys(keys.write_public_keys(publics)) == publics
    assert [decode(token, publics).person for token in tokens] == [STATEMENT.person] * 3
    with pytest.raises(Invalid, match="key_retired"):
        decode(stolen, publics)
    assert (tmp_path / keys.FILE_NAME).stat().st_mode & 0o077 == 0
    assert b"PRIVATE" not in (tmp_path / keys.FORMER_NAME).read_bytes()


def test_a_change_of_keys_that_was_cut_short_leaves_the_old_key_in_use(tmp_path: Path) -> None:
    first = keys.signing_key(tmp_path)
    pem = (tmp_path / keys.FILE_NAME).read_bytes()
    keys.rotate(tmp_path, date(2026, 12, 1))
    (tmp_path / keys.FILE_NAME).write_bytes(pem)  # as after a crash between the two files
    assert keys.public_keys(tmp_path) == {first.id: keys.PublicKey(first.public)}
    keys.rotate(tmp_path, date(2026, 12, 2))
    assert [one.until for one in keys.public_keys(tmp_path).values()] == ["2026-12-02", ""]


def test_a_new_key_is_made_on_the_command_line_and_everything_older_can_still_be_checked(
    client_for: SignIn, cast: Cast, library: Library, app: Flask, client: CheckingClient, tmp_path: Path
) -> None:
    settings, now = app.extensions["learnhub_settings"], clock.now()
    study.credit_group_viewing(cast.people["learner"].id, library.video.id, 7, held_at=now, now=now, settings=settings)
    old = actions.issue_year(cast.learner, clock.local_year(now), now=now, settings=settings)
    done = CliRunner().invoke(cli.group, ["rotate-key", "--yes"], obj=settings)
    assert done.exit_code == 0, done.output
    new, former = list(reversed(keys.public_keys(settings.data_dir)))
    assert new in done.output and former in done.output
    assert AuditLine.get(AuditLine.action == "key.rotated").detail == {"before": former, "after": new}
    actions.revoke(cast.actor("department"), old.id, reason="换密钥后重新开具", now=now)
    again = actions.issue_year(cast.learner, clock.local_year(now), now=now, settings=settings)
    assert [queries_of_proofs.statement_of(one, settings.data_dir).serial for one in (old, again)] == [
        old.serial, again.serial
    ]  # fmt: skip
    client.get("/proofs/check")
    assert "撤销" in client.send("/proofs/check", {"text": old.token}).text
    assert "真实" in client.send("/proofs/check", {"text": again.token}).text
    (tmp_path / "keys.json").write_text(client.get("/proofs/keys.json").text)
    elsewhere = dataclasses.replace(settings, data_dir=tmp_path / "elsewhere")
    for words, code in (((), 1), (("--keys", str(tmp_path / "keys.json")), 0), (("--key", "00" * 32), 1)):
        for proof in (old, again):
            assert CliRunner().invoke(cli.group, ["verify", proof.token, *words], obj=elsewhere).exit_code == code
    assert CliRunner().invoke(ledger_cli.group, ["verify"], obj=settings).exit_code == 0
    later = actions.rotate_key(settings, now=now + timedelta(days=400))
    assert later.id not in (new, former)
    table, publics = heads.list_records(), keys.public_keys(settings.data_dir)
    assert list(heads.faults(table, table, publics)) == []
    alone = {later.id: publics[later.id]}
    assert [fault.code for fault in heads.faults(table, table, alone)] == ["head_forged"] * len(table)


def test_a_year_is_proved_on_paper_shown_as_agreed_and_revoked(
    client_for: SignIn, cast: Cast, library: Library, app: Flask, client: CheckingClient, tmp_path: Path
) -> None:
    settings, now = app.extensions["learnhub_settings"], clock.now()
    learner, department = client_for("learner"), client_for("department")
    learner.get("/my-proofs")
    assert learner.send("/my-proofs", {"year": str(clock.local_year(now))}).status_code == 422
    study.credit_group_viewing(cast.people["learner"].id, library.video.id, 7, held_at=now, now=now, settings=settings)
    page = learner.send("/my-proofs", {"year": str(clock.local_year(now))}, follow_redirects=True)
    again = learner.send("/my-proofs", {"year": str(clock.local_year(now))}, follow_redirects=True)
    proof = Proof.get()
    assert (page.request.path, Proof.select().count()) == (again.request.path, 1)
    paper = learner.get(f"{page.request.path}.pdf").data
    reader = PdfReader(io.BytesIO(paper))
    assert "杨建国" in reader.pages[0].extract_text() and proof.serial in reader.pages[0].extract_text()
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    inside = [one.get_object()["/FontDescriptor"].get_object() for font in fonts for one in font["/DescendantFonts"]]
    assert inside and all("/FontFile2" in one for one in inside)
    public = client.get(f"/p/{proof.serial}").text
    assert "证明存在" in public and "杨建国" not in public
    learner.get(page.request.path)
    learner.send(f"{page.request.path}/shown", {"shows": ["person", "hours", "salary"]})
    public = client.get(f"/p/{proof.serial}").text
    assert "杨建国" in public and "0.25" in public and "大石板" not in public
    client.get("/proofs/check")
    assert "真实" in client.send("/proofs/check", {"text": proof.token}).text
    altered = proof.token[:-1] + ("A" if proof.token[-1] != "A" else "B")
    for text in (altered, altered, "你好"):
        client.send("/proofs/check", {"text": text})
    counted = {code: today for code, today, _week in queries.list_refused_reports(clock.local_date(clock.now()))}
    assert (counted["proofs.forged"], counted["proofs.not_a_proof"]) == (2, 1)
    department.get(f"/people/{cast.people['learner'].id}/proofs")
    assert department.send(f"/proofs/{proof.id}/revoke", {"reason": "签发有误"}).status_code == 302
    assert client.get("/proofs/revoked.json").json["revoked"][0]["serial"] == proof.serial
    assert "撤销" in client.send("/proofs/check", {"text": proof.token}).text
    assert "撤销" in client.get(f"/p/{proof.serial}").text
    assert client_for("colleague").get(f"{page.request.path}.pdf").status_code == 404
    (tmp_path / "proof.pdf").write_bytes(paper)
    _check_by_command(tmp_path, proof, keys.signing_key(settings.data_dir).public.hex())


def _check_by_command(folder: Path, proof: Proof, public: str) -> None:
    """``learnhub proofs verify`` as a process, without the database."""

    def run(*words: str) -> tuple[int, str]:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", str(Path.cwd())),
            "LEARNHUB_HOME": str(folder),
        }
        done = subprocess.run(
            [sys.executable, "-m", "learnhub.cli", "proofs", "verify", "--key", public, *words],
            capture_output=True, text=True, env=environ,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    code, told = run(str(folder / "proof.pdf"))
    assert code == 0 and "genuine" in told and "杨建国" in told
    (folder / "revoked.json").write_text(json.dumps({"revoked": [{"serial": proof.serial, "day": "2026-06-15"}]}))
    assert run(proof.token, "--revoked", str(folder / "revoked.json"))[0] == 1
    mark, body, signature = proof.token.split(".")
    forged = keys.pack(keys.unpack(body).replace(b",25,", b",95,"))
    assert forged != body
    assert run(f"{mark}.{forged}.{signature}")[0] == 1
