from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from accounts import services
from accounts.authority import COMMAND_LINE, Role
from accounts.models import User
from audit import ledger, selectors
from audit.author import Author, Origin
from audit.models import Event, Item, Outcome
from audit.refusal import Unacceptable
from tests.making import NOW
from tests.people import Cast, acting

pytestmark = pytest.mark.django_db

MAX = Author(key="user:5", name="max")
HERE, THERE = Origin(ip="192.0.2.1", user_agent="x"), Origin(ip="192.0.2.2", user_agent="x")


BY = COMMAND_LINE.author


def enrol(username: str = "zoe", *roles: Role, full_name: str = "Zoe van Dam") -> User:
    return services.enrol(
        username=username, full_name=full_name, roles=roles, password="correct horse battery", by=MAX, at=NOW
    )


def test_enrols_somebody_with_roles_name_and_password() -> None:
    zoe = enrol("zoe", Role.APPROVER, Role.REQUESTER)

    assert acting(zoe).roles == {Role.APPROVER, Role.REQUESTER}
    assert (zoe.first_name, zoe.last_name, zoe.name) == ("Zoe", "van Dam", "Zoe van Dam")
    assert zoe.check_password("correct horse battery")


def test_records_who_enrolled_whom_as_what() -> None:
    enrol("zoe", Role.APPROVER, Role.REQUESTER)

    [entry] = selectors.story("zoe")
    assert entry.sentence == "max gave zoe an account: approver, requester"


def test_keeps_the_password_out_of_the_log() -> None:
    enrol()

    event = Event.objects.get()
    assert "correct horse" not in f"{event.body}{event.detail}"


@pytest.mark.parametrize("other", [Role.APPROVER, Role.REQUESTER])
def test_refuses_an_auditor_who_would_review_their_own_deeds(other: Role) -> None:
    with pytest.raises(Unacceptable, match=f"An auditor cannot also be {other}"):
        enrol("zoe", Role.AUDITOR, other)

    assert not User.objects.filter(username="zoe").exists()
    assert Event.objects.get().outcome == Outcome.REFUSED


def test_gives_nobody_the_worker_s_role() -> None:
    assert acting(enrol("zoe", Role.WORKER)).roles == frozenset()


def test_changes_the_password_of_an_account_that_is_there() -> None:
    zoe = enrol("zoe")

    assert services.set_password(username="zoe", password="another battery", by=BY, at=NOW)

    zoe.refresh_from_db()
    assert zoe.check_password("another battery")
    assert selectors.story("zoe")[-1].sentence == "manage.py set the password of zoe"


def test_leaves_a_password_that_is_right_already() -> None:
    before = enrol("zoe").password

    assert services.set_password(username="zoe", password="correct horse battery", by=BY, at=NOW)

    assert User.objects.get(username="zoe").password == before


def test_changes_no_password_where_there_is_no_account() -> None:
    assert not services.set_password(username="nobody", password="another battery", by=BY, at=NOW)


@pytest.mark.parametrize(
    ("record", "sentence"),
    [(services.record_sign_in, "dana signed in"), (services.record_sign_out, "dana signed out")],
)
def test_records_coming_and_going(cast: Cast, record, sentence: str) -> None:
    record(by=acting(cast.dana), at=NOW)

    [entry] = selectors.story("dana")
    assert entry.sentence == sentence


# --- Sign-ins that failed ---------------------------------------------------------------------------------------------


def fail(username: str = "dana", origin: Origin = HERE) -> None:
    services.record_failed_sign_in(username=username, origin=origin, at=NOW)


def test_records_that_a_sign_in_failed(cast: Cast) -> None:
    fail()

    event = Event.objects.get()
    assert (event.outcome, event.actor, event.details["ip"]) == (Outcome.REFUSED, f"user:{cast.dana.pk}", "192.0.2.1")
    assert selectors.story("dana")[0].sentence == "dana could not sign in: The password was wrong."


def test_records_one_failure_a_minute_for_each_account_and_address(cast: Cast) -> None:
    for _ in range(3):
        for name in ("dana", "lee"):
            for origin in (HERE, THERE):
                fail(name, origin)

    assert Event.objects.count() == 4


def test_records_a_failure_again_when_the_minute_is_over(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        fail()
        clock.shift(timedelta(seconds=59))
        fail()
        assert Event.objects.count() == 1
        clock.shift(timedelta(seconds=2))
        fail()

    assert Event.objects.count() == 2


def fail_in_a_row(count: int, username: str = "dana") -> list[bool]:
    """From so many addresses, one failure each: which of them want a look."""
    first = (Event.objects.values_list("number", flat=True).first() or 0) + 1
    for number in range(count):
        fail(username, Origin(ip=f"198.51.100.{number}", user_agent="x"))
    return list(Event.objects.filter(number__gte=first).order_by("number").values_list("review", flat=True))


def test_marks_the_third_failure_in_a_row_and_every_tenth(cast: Cast) -> None:
    marked = fail_in_a_row(32)

    assert [place for place, review in enumerate(marked, start=1) if review] == [3, 10, 20, 30]
    assert set(Item.objects.values_list("kind", "grave")) == {("sign-ins", True)}


def test_counts_failures_from_the_last_sign_in_that_went_well(cast: Cast) -> None:
    fail_in_a_row(2)
    cache.clear()
    services.record_sign_in(by=acting(cast.dana), at=NOW)
    assert not any(fail_in_a_row(2))


def test_counts_the_failures_of_each_account_alone(cast: Cast) -> None:
    fail_in_a_row(2)
    assert not any(fail_in_a_row(2, "lee"))


def test_marks_a_number_of_failures_and_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_MOST_IN_A_ROW", 20)

    marked = fail_in_a_row(45)

    assert [place for place, review in enumerate(marked, start=1) if review] == [3, 10, 20]


@pytest.mark.parametrize("name", ["nobody", "", "DANA ", "x" * 500, "dana\x00"])
def test_records_no_failure_of_a_name_that_nobody_has(cast: Cast, name: str) -> None:
    fail(name)

    assert not Event.objects.exists()


def test_logs_every_failure_without_the_name(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("dana", "dana", "nobody"):
        fail(name)

    assert [(record.levelno, record.ip) for record in caplog.records] == [(logging.WARNING, "192.0.2.1")] * 3  # type: ignore[attr-defined]
    assert "dana" not in caplog.text


def test_fails_the_enrolment_when_it_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(ledger, "append", broken)

    with pytest.raises(OSError, match="disk is full"):
        enrol()

    assert not User.objects.exists()
