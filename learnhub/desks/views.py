"""The home page and the system page."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.catalog.messages import KINDS
from learnhub.config import Settings
from learnhub.design.i18n import _, _n
from learnhub.desks import actions, queries
from learnhub.desks.messages import JOB_KINDS, JOB_STATES, greeting
from learnhub.kernel import clock
from learnhub.kernel.errors import Conflict
from learnhub.org.guard import ability, actor
from learnhub.org.scope import Actor, scope_of
from learnhub.sessions.messages import STATES
from learnhub.study import queries as study
from learnhub.study.words import REFUSED

blueprint = Blueprint("desks", __name__, template_folder="templates", static_folder=None)

FRESH = timedelta(minutes=5)
AREAS_KEPT = 500


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


@blueprint.get("/")
@ability("own.use")
def home() -> str:
    """What the person needs today, from all features."""
    me, now = actor(), clock.now()
    return render_template(
        "desks/home.html",
        home=queries.home_of(me, _department(me, now), now=now, settings=_settings()),
        greeting=greeting(me.name, now),
        now=now,
        kinds=KINDS,
        session_states=STATES,
        may_view_sessions=me.can("sessions.view"),
    )


def _department(me: Actor, now: datetime) -> queries.DepartmentDesk | None:
    """The year of the person's area, added up at most every few minutes: it reads the whole year's ledger."""
    area = scope_of(me, "records.read")
    if not area:
        return None
    kept: dict[object, queries.DepartmentDesk] = current_app.extensions.setdefault("learnhub_desks_department", {})
    known = kept.get(area)
    if known is None or not timedelta(0) <= now - known.at < FRESH or known.year != clock.local_year(now):
        if len(kept) >= AREAS_KEPT:
            kept.clear()
        known = kept[area] = queries.department_desk(me, now=now, settings=_settings())
    return known


@blueprint.get("/system")
@ability("system.run")
def show_system() -> str:
    """Jobs, storage, index, versions, health."""
    state = request.args.get("state", "")
    state = state if state in JOB_STATES else ""
    number = request.args.get("page", "")
    return render_template(
        "desks/system.html",
        system=queries.system_state(settings=_settings()),
        state=state,
        page=queries.page_of_jobs(state, int(number) if number.isdecimal() and len(number) < 8 else 1),
        job_states=JOB_STATES,
        job_kinds=JOB_KINDS,
        refused_reports=study.list_refused_reports(clock.local_date(clock.now())),
        refused_words=REFUSED,
        now=clock.now(),
    )


@blueprint.post("/system/jobs/retry")
@ability("system.run")
def retry_jobs() -> Response:
    """Runs one failed job again, or all of them."""
    wanted = request.form.get("job", "")
    count = actions.retry_jobs(actor(), int(wanted) if wanted.isdecimal() else None, now=clock.now())
    flash(_n("%(num)d job is waiting again.", "%(num)d jobs are waiting again.", count), "success")
    return redirect(url_for("desks.show_system", state="waiting"))


@blueprint.post("/system/jobs/cancel")
@ability("system.run")
def cancel_job() -> Response:
    """Calls off a job that waits or runs."""
    wanted = request.form.get("job", "")
    if not wanted.isdecimal() or len(wanted) > 9:
        raise Conflict("desks.nothing_to_cancel")
    actions.cancel_job(actor(), int(wanted), now=clock.now())
    flash(_("The job is called off; one that runs stops within seconds."), "success")
    return redirect(url_for("desks.show_system"))
