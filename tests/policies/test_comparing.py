from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mitigations.policies.comparing import disagreement
from mitigations.policies.lifecycle import FINAL, Status
from mitigations.policies.observing import Appearance

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LATER, EARLIER = AT + timedelta(hours=1), AT - timedelta(hours=1)


def said(status: Status, appearance: Appearance, *, ends_at: datetime | None = LATER) -> str:
    return disagreement(status, appearance, ends_at=ends_at, at=AT)


@pytest.mark.parametrize("appearance", [Appearance.PENDING, Appearance.LIVE, Appearance.STOPPING])
def test_what_runs_here_and_there_agrees(appearance: Appearance) -> None:
    assert said(Status.ACTIVE, appearance) == ""


@pytest.mark.parametrize("status", sorted(FINAL))
def test_what_is_over_here_and_there_agrees(status: Status) -> None:
    assert said(status, Appearance.ENDED) == ""


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.UNKNOWN, Status.STOPPED])
def test_a_failed_clear_is_told_whatever_the_status(status: Status) -> None:
    assert "could not remove it" in said(status, Appearance.CLEAR_FAILED)


def test_a_failed_start_protects_nothing() -> None:
    assert "protects nothing" in said(Status.ACTIVE, Appearance.START_FAILED)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_what_is_over_here_and_live_there_is_told(status: Status) -> None:
    assert said(status, Appearance.LIVE) == f"Here it is {status}, and Kentik still shows it. Look there."


def test_what_is_over_there_and_not_here_is_told() -> None:
    assert said(Status.ACTIVE, Appearance.ENDED) == "Kentik shows that it is over, and here it is not yet."


def test_what_lives_beyond_its_auto_stop_is_told() -> None:
    assert "auto-stop has passed" in said(Status.ACTIVE, Appearance.LIVE, ends_at=EARLIER)


def test_what_has_no_auto_stop_lives_beyond_none() -> None:
    assert said(Status.ACTIVE, Appearance.LIVE, ends_at=None) == ""


def test_a_state_that_nobody_knows_is_looked_at() -> None:
    assert "does not know" in said(Status.ACTIVE, Appearance.UNKNOWN)
