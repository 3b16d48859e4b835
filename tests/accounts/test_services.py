from __future__ import annotations

import pytest

from accounts import services
from accounts.authority import COMMAND_LINE, Role
from accounts.models import User
from audit import ledger, selectors
from audit.author import Author
from audit.models import Event, Outcome
from audit.refusal import Unacceptable
from tests.making import NOW
from tests.people import acting

pytestmark = pytest.mark.django_db

MAX = Author(key="user:5", name="max")


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


def test_fails_the_enrolment_when_it_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(ledger, "append", broken)

    with pytest.raises(OSError, match="disk is full"):
        enrol()

    assert not User.objects.exists()
