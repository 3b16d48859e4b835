from __future__ import annotations

from datetime import timedelta

import pytest

from mitigations.policies.lifecycle import Status
from tests.services.watching import MINUTE, Watch, deeds, view

CLOSED, OPEN = "kentik.refused", "kentik.open-again"


def noted() -> list[str]:
    return deeds(CLOSED, OPEN)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_that_v6_is_refused_is_one_event_however_often(watch: Watch, status: int) -> None:
    watch.sandbox.fault("status", status=status, api="v6", times=100)

    watch.look()
    watch.look(10 * MINUTE)
    watch.look(10 * MINUTE)

    assert noted() == [CLOSED]
    assert (view().refused_at is not None, str(status) in view().refusal) == (True, True)


def test_that_it_is_open_again_is_one_event(watch: Watch) -> None:
    watch.sandbox.fault("status", status=403, api="v6", times=3)
    watch.look()

    watch.look(10 * MINUTE)
    watch.look(10 * MINUTE)

    assert noted() == [CLOSED, OPEN]
    assert (view().refused_at, view().refusal) == (None, "")


def test_that_it_was_always_open_is_none(watch: Watch) -> None:
    watch.look()

    assert noted() == []


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 429}, {"kind": "status", "status": 500}, {"kind": "redirect"}]
)
def test_what_says_nothing_about_it_changes_nothing(watch: Watch, fault: dict[str, object]) -> None:
    watch.sandbox.fault(**{**fault, "api": "v6"})
    watch.look()
    before = noted()
    watch.sandbox.fault("status", status=403, api="v6")
    watch.look(10 * MINUTE)
    watch.sandbox.fault(**{**fault, "api": "v6"})
    watch.look(10 * MINUTE)

    assert (before, noted()) == ([], [CLOSED])


def test_a_catalogue_that_is_refused_alone_says_nothing_about_it(watch: Watch) -> None:
    watch.lookout.turn()
    watch.sandbox.fault("status", status=403, api="v6")
    watch.lookout.turn()

    assert watch.calls() == ["GET /v202505/mitigations", "GET /v202505/mitigations/platforms"]
    assert noted() == []


def test_after_a_refusal_nothing_is_asked_for_ten_minutes(watch: Watch) -> None:
    watch.sandbox.fault("status", status=403, api="v6", times=3)
    watch.look()
    before = len(watch.calls())

    watch.look(timedelta(minutes=9, seconds=59))
    assert len(watch.calls()) == before

    watch.look(timedelta(seconds=1))
    assert len(watch.calls()) > before


def test_without_v6_starting_goes_on(watch: Watch) -> None:
    watch.sandbox.fault("status", status=403, api="v6", times=100)
    watch.look()

    assert watch.send().status == Status.ACTIVE
