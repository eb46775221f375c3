"""A few thousand of the random traces of ``bench/traces.py``, which runs a million of them."""

from __future__ import annotations

import pytest

from bench.traces import judge, judge_batch

TRACES = 3_000


def test_random_traces_are_credited_with_what_was_seen_and_nothing_else() -> None:
    found = judge_batch((7, 0, TRACES))
    assert (found["traces"], found["beyond"], found["beyond_clock"], found["missed"]) == (TRACES, 0, 0, 0)
    assert found["credited"] > found["played"] // 2 > 0


def test_a_rule_that_gave_grace_for_each_report_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from learnhub.study.rules import reports

    plain = reports.accept
    generous = lambda report, state, now_ms: plain(  # noqa: E731
        report, reports.replace(state, budget_ms=state.budget_ms + reports.GRACE_MS), now_ms
    )
    monkeypatch.setattr(reports, "accept", generous)
    monkeypatch.setattr(reports, "go_on", lambda *_report: None)
    assert any(judge(f"grace-{number}", is_script=True)["beyond_clock"] for number in range(300))


def test_a_rule_that_forgot_what_does_not_fit_at_once_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from learnhub.study.rules import reports

    monkeypatch.setattr(reports, "RESERVE_MS", 0)
    assert any(judge(f"reserve-{number}", is_script=False)["missed"] for number in range(300))
