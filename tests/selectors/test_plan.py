from __future__ import annotations

import pytest

from mitigations.policies.alarms import ONLY_IN_FORCE, ORDER, Code
from mitigations.policies.lifecycle import Status
from mitigations.selectors import plan
from tests.making import make_mitigation
from tests.people import Cast
from tests.showing import make_alarm


def codes() -> list[str]:
    return [alarm.code for alarm in plan.alarms()]


def test_the_loudest_alarm_comes_first(cast: Cast) -> None:
    mitigation = make_mitigation(Status.ACTIVE)
    for code in reversed(ORDER):
        make_alarm(code, mitigation)
    assert codes() == list(ORDER)


def test_one_of_an_unheard_of_kind_comes_last(cast: Cast) -> None:
    make_alarm("sunk")
    make_alarm("other-comment")
    assert codes() == ["other-comment", "sunk"]


@pytest.mark.parametrize("code", sorted(set(Code) - ONLY_IN_FORCE))
def test_an_alarm_stands_when_the_mitigation_is_over(code: Code, cast: Cast) -> None:
    make_alarm(code, make_mitigation(Status.STOPPED))
    assert codes() == [code]


@pytest.mark.parametrize("code", sorted(ONLY_IN_FORCE))
def test_what_matters_only_while_it_is_in_force_is_over_with_the_mitigation(code: Code, cast: Cast) -> None:
    make_alarm(code, make_mitigation(Status.STOPPED))
    make_alarm(code, make_mitigation(Status.UNKNOWN))
    assert codes() == [code]


def test_the_loudest_is_loud_only_while_it_runs(cast: Cast) -> None:
    make_alarm("stop-undelivered", make_mitigation(Status.STOPPED))
    make_alarm("stop-undelivered", make_mitigation(Status.ACTIVE))
    assert [alarm.is_loudest for alarm in plan.alarms()] == [False, True]
