"""The system page and running failed jobs again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from learnhub.desks import actions
from learnhub.desks.messages import JOB_KINDS
from learnhub.kernel import clock, jobs
from learnhub.kernel.errors import Conflict, Forbidden
from learnhub.kernel.models import Job
from learnhub.org.models import AuditLine
from learnhub.study import queries as study
from learnhub.study.models import RefusedReports
from tests.cast import Cast
from tests.client import CheckingClient
from tests.desks.conftest import add_job

SignIn = Callable[[str], CheckingClient]


def test_only_who_runs_the_system_opens_the_page(client_for: SignIn) -> None:
    assert client_for("unit_admin").get("/system").status_code == 403
    page = client_for("system_admin").get("/system").get_data(as_text=True)
    assert "一切正常" in page and "Python" in page


def test_every_kind_of_job_has_words(client_for: SignIn) -> None:
    features = {"media", "org", "search", "years"}
    assert {kind for kind in jobs.kinds() if kind.split(".")[0] in features} <= JOB_KINDS.keys()


def test_a_failed_job_is_shown_with_its_note_and_run_again(cast: Cast, client_for: SignIn, now: datetime) -> None:
    job = add_job("failed", now, note="Unavailable: kernel.disk_full", attempts=5)
    client = client_for("system_admin")
    page = client.get("/system?state=failed").get_data(as_text=True)
    assert "Unavailable: kernel.disk_full" in page and "有 1 个后台任务失败" in page
    assert client.send("/system/jobs/retry", {"job": str(job.id)}).status_code == 302
    assert (Job.get_by_id(job.id).state, Job.get_by_id(job.id).attempts) == ("waiting", 0)
    assert "已重新排队 1 个任务" in client.get("/system").get_data(as_text=True)


def test_all_failed_jobs_are_run_again_and_only_those(cast: Cast, now: datetime) -> None:
    jobs = [add_job(state, now) for state in ("failed", "done", "failed", "running")]
    assert actions.retry_jobs(cast.system_admin, now=now) == 2
    assert [Job.get_by_id(job.id).state for job in jobs] == ["waiting", "done", "waiting", "running"]
    line = AuditLine.get(AuditLine.action == "jobs.retried")
    assert (line.actor_id, line.detail) == (cast.system_admin.person_id, {"count": 2})


def test_a_failed_job_whose_successor_waits_is_left(cast: Cast, now: datetime) -> None:
    add_job("failed", now, key="search.index")
    add_job("waiting", now, key="search.index")
    with pytest.raises(Conflict) as refused:
        actions.retry_jobs(cast.system_admin, now=now)
    assert refused.value.code == "desks.nothing_to_retry"
    assert not AuditLine.select().where(AuditLine.action == "jobs.retried").exists()


def test_nobody_else_runs_jobs_again(cast: Cast, now: datetime) -> None:
    job = add_job("failed", now)
    with pytest.raises(Forbidden):
        actions.retry_jobs(cast.unit_admin, job.id, now=now)
    assert Job.get_by_id(job.id).state == "failed"


@pytest.mark.parametrize("query", ["?state=nonsense", "?page=-1", "?page=x", "?state=done&page=9999999"])
def test_odd_addresses_show_the_page_all_the_same(client_for: SignIn, query: str) -> None:
    assert client_for("system_admin").get(f"/system{query}").status_code == 200


def test_long_lists_of_jobs_come_in_pages(cast: Cast, client_for: SignIn, now: datetime) -> None:
    for _number in range(30):
        add_job("done", now)
    client = client_for("system_admin")
    assert client.get("/system?state=done&page=2").get_data(as_text=True).count("索引有变动的内容") == 5


def test_refused_reports_are_shown_by_reason(client_for: SignIn) -> None:
    today = clock.local_date(clock.now())
    for days, code, number in [
        (0, "study.report_token", 3),
        (6, "study.report_token", 4),
        (7, "study.report_token", 90),
        (1, "new.code", 1),
    ]:
        RefusedReports.create(day=today - timedelta(days=days), code=code, number=number)
    assert study.list_refused_reports(today) == [("study.report_token", 3, 7), ("new.code", 0, 1)]
    page = client_for("system_admin").get("/system").get_data(as_text=True)
    assert "伪造、改动过或已过期" in page and "new.code" in page
