"""One's own proofs, those of people in scope, and the pages on which anybody checks one."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.config import Settings
from learnhub.design import format as shown
from learnhub.design.i18n import _
from learnhub.kernel import clock, keys
from learnhub.kernel.errors import Refusal
from learnhub.kernel.messages import text_of
from learnhub.org.guard import ability, actor, public
from learnhub.org.queries import person_for
from learnhub.proofs import actions, pdf, queries
from learnhub.proofs.messages import COUNTED
from learnhub.proofs.models import Proof
from learnhub.proofs.rules import LONGEST, SHOWN, Statement, decode
from learnhub.study import queries as study
from learnhub.study.actions.refusals import count_now

blueprint = Blueprint("proofs", __name__, template_folder="templates", static_folder=None)


def _settings() -> Settings:
    found: Settings = current_app.extensions["learnhub_settings"]
    return found


@blueprint.get("/my-proofs")
@ability("study.learn")
def mine() -> str:
    """One's own proofs, and what can be proved."""
    me = actor()
    return render_template(
        "proofs/mine.html",
        proofs=queries.list_own(me.person_id),
        years=study.years_of(me.person_id, clock.now()),
        courses=queries.completed_courses(me.person_id),
        title_of=_title_of,
    )


def _title_of(proof: Proof) -> str:
    return queries.statement_of(proof, _settings().data_dir).title


@blueprint.post("/my-proofs")
@ability("study.learn")
def issue() -> AnyResponse:
    """Issues a proof of a year or of a course."""
    course, year = request.form.get("course", ""), request.form.get("year", "")
    if course.isdecimal() and len(course) < 10:
        proof = actions.issue_course(actor(), int(course), now=clock.now(), settings=_settings())
    else:
        chosen = int(year) if year.isdecimal() and len(year) == 4 else clock.local_year(clock.now())
        proof = actions.issue_year(actor(), chosen, now=clock.now(), settings=_settings())
    return redirect(url_for("proofs.show", proof_id=proof.id))


@blueprint.get("/my-proofs/<int:proof_id>")
@ability("study.learn")
def show(proof_id: int) -> str:
    """One proof: what it states, its PDF, and what its public page shows."""
    proof = queries.own_proof(actor(), proof_id)
    statement = queries.statement_of(proof, _settings().data_dir)
    return render_template(
        "proofs/show.html", proof=proof, statement=statement, rows=_rows(statement), shown_words=_shown_words(),
        check_url=_check_address(proof),
    )  # fmt: skip


@blueprint.post("/my-proofs/<int:proof_id>/shown")
@ability("study.learn")
def let_show(proof_id: int) -> AnyResponse:
    """Saves what the public page shows."""
    actions.let_show(actor(), proof_id, request.form.getlist("shows"), now=clock.now())
    flash(_("Saved."), "success")
    return redirect(url_for("proofs.show", proof_id=proof_id))


@blueprint.get("/my-proofs/<int:proof_id>.pdf")
@ability("study.learn")
def download(proof_id: int) -> Response:
    """The proof on paper."""
    proof = queries.own_proof(actor(), proof_id)
    statement = queries.statement_of(proof, _settings().data_dir)
    paper = pdf.draw(statement, _paper_words(proof, statement), _check_address(proof))
    headers = {"Content-Disposition": f'attachment; filename="{proof.serial}.pdf"', "Cache-Control": "no-store"}
    return Response(paper, content_type="application/pdf", headers=headers)


def _check_address(proof: Proof) -> str:
    return f"{url_for('proofs.check', _external=True)}#{proof.token}"


def _rows(statement: Statement) -> tuple[tuple[str, str], ...]:
    return (
        (_("Name"), statement.person),
        (_("Unit"), statement.unit),
        (_("What"), statement.title),
        (_("Hours"), shown.hours(statement.centihours)),
        (_("Year"), str(statement.year)),
        (_("Rule (version)"), statement.rule),
        (_("Issued on"), statement.issued),
    )


def _paper_words(proof: Proof, statement: Statement) -> pdf.Words:
    facts = {"name": statement.person, "title": statement.title, "hours": shown.hours(statement.centihours)}
    if statement.kind == "year":
        heading = _("Proof of study")
        sentence = _("%(name)s earned %(hours)s in the year %(year)d.", **facts, year=statement.year)
    else:
        heading = _("Certificate of completion")
        sentence = _("%(name)s has completed the course “%(title)s” (%(hours)s).", **facts)
    revoked = _("Revoked on %(day)s", day=shown.day(proof.revoked_at)) if proof.revoked_at else ""
    return pdf.Words(
        heading, sentence, _rows(statement),
        _("Scan the code to check this paper. The code carries the signed statement: it can be checked without a network."),
        url_for("proofs.check", _external=True), revoked,
    )  # fmt: skip


def _shown_words() -> list[tuple[str, str]]:
    return list(zip(SHOWN, (_("Name"), _("Unit"), _("What"), _("Hours")), strict=True))


@blueprint.get("/p/<serial>")
@public
def public_page(serial: str) -> str:
    """What everybody may know of a proof: that it exists, whether it holds, and what its holder agreed to."""
    proof = queries.proof_by_serial(serial[:20])
    statement = queries.statement_of(proof, _settings().data_dir)
    values = {
        "person": statement.person, "unit": statement.unit, "title": statement.title,
        "hours": shown.hours(statement.centihours),
    }  # fmt: skip
    rows = [(label, values[name]) for name, label in _shown_words() if name in proof.shows]
    return render_template("proofs/public.html", proof=proof, rows=rows)


@blueprint.route("/proofs/check", methods=["GET", "POST"])
@public
def check() -> str:
    """Checks a signed text: in the browser where scripts run, else by the server."""
    text, rows, problem = request.form.get("text", "")[: 2 * LONGEST], (), None
    publics = keys.public_keys(_settings().data_dir)
    if text:
        try:
            statement = decode(text, publics)
            rows = _rows(statement)
            problem = _revoked_problem(statement.serial)
        except Refusal as refusal:
            problem = text_of(refusal.code, refusal.params)
            count_now(COUNTED.keys() & {refusal.code}, clock.local_date(clock.now()))
    data = {
        "keys": {name: {"public": one.public.hex(), "until": one.until} for name, one in publics.items()},
        "revoked": url_for("proofs.revoked"),
        "labels": [label for label, _value in _rows(Statement("", "", "", "", "", 0, 0, "", ""))],
        "words": _check_words(),
    }
    return render_template("proofs/check.html", text=text, rows=rows, problem=problem, data=data)


def _revoked_problem(serial: str) -> str | None:
    day = dict(queries.list_revoked()).get(serial)
    return text_of("proofs.is_revoked", {"day": day}) if day else None


def _check_words() -> dict[str, str]:
    return {
        "genuine": _("Genuine: the signature fits, and the proof has not been revoked."),
        "unknown": _("The signature is genuine. Whether the proof was revoked cannot be asked without a network."),
        "revoked": _("The signature is genuine, but the proof was revoked on {day}."),
        "forged": _("The signature does not fit: the text was changed or was never issued."),
        "retired": _("The key of this proof was retired on {day}, and the proof claims to be younger."),
        "other": _("This proof was signed by another installation."),
        "shape": _("This is not a proof of LearnHub. Paste the whole text behind the code."),
        "hours": _("{hours} h"),
    }


@blueprint.get("/proofs/revoked.json")
@public
def revoked() -> Response:
    """The list of revoked proofs, for checking elsewhere."""
    rows = [{"serial": serial, "day": day} for serial, day in queries.list_revoked()]
    return jsonify({"at": clock.now().isoformat(), "revoked": rows})


@blueprint.get("/proofs/keys.json")
@public
def public_keys() -> Response:
    """The public keys of this installation, for checking elsewhere: the one that signs, and those that did."""
    return Response(keys.write_public_keys(keys.public_keys(_settings().data_dir)), content_type="application/json")


@blueprint.get("/people/<int:person_id>/proofs")
@ability("hours.decide")
def of_person(person_id: int) -> str:
    """The proofs of somebody in scope."""
    person = person_for(actor(), person_id, actions.DECIDE)
    return render_template(
        "proofs/of_person.html", person=person, proofs=queries.list_own(person.id), title_of=_title_of
    )


@blueprint.post("/proofs/<int:proof_id>/revoke")
@ability("hours.decide")
def revoke(proof_id: int) -> AnyResponse:
    """Revokes a proof."""
    proof = actions.revoke(actor(), proof_id, reason=request.form.get("reason", "").strip(), now=clock.now())
    flash(_("The proof has been revoked."), "success")
    return redirect(url_for("proofs.of_person", person_id=proof.person_id))
