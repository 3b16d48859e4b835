from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts.authority import Deed
from accounts.models import User
from accounts.selectors import holders
from accounts.services import choose_messages
from audit.models import Event
from tests.making import NOW
from tests.people import Cast, acting

ADDRESS = "dana@example.net"


def choose(cast: Cast, email: str = ADDRESS, muted: tuple[str, ...] = ()) -> Event:
    choose_messages(email=email, muted=muted, by=acting(cast.dana), at=NOW)
    return Event.objects.latest("number")


def test_keeps_what_somebody_chose(cast: Cast) -> None:
    choose(cast, muted=("ending", "decided"))
    cast.dana.refresh_from_db()
    assert (cast.dana.email, cast.dana.muted) == (ADDRESS, ["decided", "ending"])


def test_records_the_kinds_and_never_the_address(cast: Cast) -> None:
    event = choose(cast, muted=("ending",))
    assert event.facts == {"address": "set", "without": "ending"}
    assert ADDRESS not in event.body + str(event.detail)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "", "none"),
        ("", "a@b.c", "set"),
        ("a@b.c", "d@b.c", "changed"),
        ("a@b.c", "", "removed"),
        ("a@b.c", "a@b.c", "kept"),
    ],
)
def test_records_what_became_of_the_address(cast: Cast, before: str, after: str, told: str) -> None:
    User.objects.update(email=before)
    assert choose(cast, email=after).facts["address"] == told


def test_wants_everything_until_somebody_chooses(cast: Cast) -> None:
    assert cast.dana.muted == []


def test_changes_nobody_else(cast: Cast) -> None:
    choose(cast, muted=("ending",))
    assert User.objects.exclude(email="").get() == cast.dana


class TestHolders:
    def test_are_those_whose_roles_allow_it(self, cast: Cast) -> None:
        assert {user.username for user in holders(Deed.APPROVE)} == {"lee", "kim"}

    def test_are_active(self, cast: Cast) -> None:
        User.objects.filter(username="lee").update(is_active=False)
        assert {user.username for user in holders(Deed.APPROVE)} == {"kim"}

    def test_hold_every_right_that_is_needed_besides(self, cast: Cast) -> None:
        right = Group.objects.get(name="break-glass")
        cast.dana.groups.add(right)
        cast.ana.groups.add(right)
        assert {user.username for user in holders(Deed.BREAK_GLASS)} == {"dana"}
