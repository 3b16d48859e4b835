from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts import tokens
from accounts.admission import NotAdmitted
from accounts.authority import Actor, Role, Scope
from accounts.models import ApiToken, User
from audit import ledger
from audit.author import Origin
from audit.models import Event, Item
from audit.refusal import Conflict, Forbidden, Unacceptable
from tests.making import NOW, make_token
from tests.people import Cast, acting

pytestmark = pytest.mark.django_db

HERE, THERE = Origin(ip="192.0.2.1", user_agent="curl"), Origin(ip="198.51.100.1", user_agent="curl")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def admitted(made: tokens.Made, *, origin: Origin = HERE, at=NOW) -> Actor:
    return tokens.admit(made.text, origin=origin, at=at).actor


def refused(made: tokens.Made, *, origin: Origin = HERE, at=NOW) -> tuple[str, int]:
    with pytest.raises(NotAdmitted) as refusal:
        tokens.admit(made.text, origin=origin, at=at)
    return refusal.value.code, refusal.value.status


def sentences() -> list[str]:
    return [event.sentence for event in Event.objects.order_by("number")]


class TestMaking:
    def test_keeps_a_hash_and_a_beginning_and_nothing_else_of_it(self, cast: Cast) -> None:
        made = make_token(cast.dana)

        row = ApiToken.objects.values().get()
        assert made.text not in str(row)
        assert made.text[10:] not in str(row)
        assert (row["beginning"], row["sha256"] != "") == (made.text[:10], True)

    def test_is_an_event_that_says_what_it_is_for_and_does_not_hold_it(self, cast: Cast) -> None:
        made = make_token(cast.dana, Scope.ASK, Scope.READ, name="soar", networks=("192.0.2.0/24",))

        [event] = Event.objects.all()
        assert event.sentence == (
            "dana made the token “soar” of dana, to read, ask, from 192.0.2.0/24, until 2026-12-23"
        )
        assert event.note == "Playbooks on soar01."
        assert made.text[10:] not in f"{event.body}{event.detail}"

    @pytest.mark.parametrize(("scopes", "kinds"), [({Scope.READ}, []), ({Scope.READ, Scope.AUDIT}, ["tokens"])])
    def test_wants_a_look_when_it_may_do_more_than_read(self, cast: Cast, scopes: set[Scope], kinds: list[str]) -> None:
        make_token(cast.dana, *scopes)

        assert list(Item.objects.values_list("kind", flat=True)) == kinds

    def test_is_not_for_somebody_without_a_role(self, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            make_token(cast.eve)
        assert not ApiToken.objects.exists()
        assert Event.objects.get().outcome == "refused"

    def test_is_not_for_a_token(self, cast: Cast) -> None:
        soar = admitted(make_token(cast.dana))
        wish = tokens.Wish(name="x", purpose="x", scopes=frozenset(Scope), networks=(), lasts=DAY)

        with pytest.raises(Forbidden, match="No token may make a token"):
            tokens.make(wish=wish, longest=DAY, by=soar, at=NOW)

    @pytest.mark.parametrize("lasts", [timedelta(), -DAY, 366 * DAY])
    def test_expires_within_what_the_setting_allows(self, cast: Cast, lasts: timedelta) -> None:
        with pytest.raises(Unacceptable, match="at most 365"):
            make_token(cast.dana, lasts=lasts)

    def test_needs_a_scope(self, cast: Cast) -> None:
        with pytest.raises(Unacceptable, match="at least one scope"):
            make_token(cast.dana, scopes=frozenset())

    def test_has_a_name_of_its_own_among_the_owner_s(self, cast: Cast) -> None:
        make_token(cast.dana, name="soar")
        make_token(cast.lee, name="soar")

        with pytest.raises(Conflict, match="a token named soar already"):
            make_token(cast.dana, name="soar")

    def test_frees_the_name_of_one_that_was_revoked(self, cast: Cast) -> None:
        first = make_token(cast.dana, name="soar")
        tokens.revoke(id=first.token.pk, by=acting(cast.dana), at=NOW)

        assert make_token(cast.dana, name="soar").text != first.text

    def test_ends_at_a_number_that_somebody_still_looks_through(self, cast: Cast) -> None:
        for _ in range(tokens.MOST):
            make_token(cast.dana)

        with pytest.raises(Conflict, match="Revoke one first"):
            make_token(cast.dana)

    def test_makes_nothing_when_it_cannot_be_recorded(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*args: object, **kwargs: object) -> None:
            raise RuntimeError("the log is full")

        monkeypatch.setattr(ledger, "append", broken)
        with pytest.raises(RuntimeError):
            make_token(cast.dana)
        assert not ApiToken.objects.exists()


class TestAdmitting:
    def test_gives_its_owner_bounded_by_its_scopes(self, cast: Cast) -> None:
        who = admitted(make_token(cast.dana, Scope.ASK, name="soar"))

        assert who == replace(acting(cast.dana), origin=HERE, scopes=frozenset({Scope.ASK}), token="soar")

    def test_asks_for_the_owner_s_roles_each_time(self, cast: Cast) -> None:
        made = make_token(cast.dana)
        cast.dana.groups.set(Group.objects.filter(name=Role.VIEWER))

        assert admitted(made).roles == {Role.VIEWER}

    @pytest.mark.parametrize("text", ["", "bwk_x", f"bwk_{'A' * 43}", "x" * 10_000, "bwk_\x00"])
    def test_lets_nothing_in_that_is_no_token(self, cast: Cast, text: str) -> None:
        made = make_token(cast.dana)

        assert refused(tokens.Made(token=made.token, text=text)) == ("unknown-token", 401)

    def test_lets_nobody_in_by_the_hash(self, cast: Cast) -> None:
        made = make_token(cast.dana)

        assert refused(tokens.Made(token=made.token, text=made.token.sha256)) == ("unknown-token", 401)

    def test_ends_at_its_moment(self, cast: Cast) -> None:
        made = make_token(cast.dana, lasts=DAY)

        assert admitted(made, at=NOW + DAY - MINUTE).username == "dana"
        assert refused(made, at=NOW + DAY) == ("expired-token", 401)

    def test_ends_when_it_is_revoked(self, cast: Cast) -> None:
        made = make_token(cast.dana)
        tokens.revoke(id=made.token.pk, by=acting(cast.dana), at=NOW)

        assert refused(made) == ("revoked-token", 401)

    def test_ends_with_the_account_of_its_owner(self, cast: Cast) -> None:
        made = make_token(cast.dana)
        User.objects.filter(pk=cast.dana.pk).update(is_active=False)

        assert refused(made) == ("owner-gone", 401)

    def test_does_not_come_back_with_an_owner_whose_tokens_were_silenced(self, cast: Cast) -> None:
        made = make_token(cast.dana)

        assert tokens.silence(owner_id=cast.dana.pk, at=NOW) == 1
        assert refused(made) == ("revoked-token", 401)

    @pytest.mark.parametrize(
        ("networks", "origin", "code"),
        [
            (("192.0.2.0/24",), HERE, None),
            (("203.0.113.0/24", "192.0.2.1/32"), HERE, None),
            (("192.0.2.0/24",), THERE, "network"),
            (("192.0.2.0/24",), Origin(), "network"),
            (("::/0",), HERE, "network"),
            (("2001:db8::/32",), Origin(ip="2001:db8::1"), None),
        ],
    )
    def test_is_bound_to_its_networks(
        self, cast: Cast, networks: tuple[str, ...], origin: Origin, code: str | None
    ) -> None:
        made = make_token(cast.dana, networks=networks)

        if code is None:
            assert admitted(made, origin=origin).username == "dana"
        else:
            assert refused(made, origin=origin) == (code, 403)

    def test_keeps_when_and_from_where_it_was_used_once_a_minute(self, cast: Cast) -> None:
        made = make_token(cast.dana)
        seen = []
        for seconds in (0, 59, 60, 90):
            admitted(made, at=NOW + timedelta(seconds=seconds))
            seen.append(ApiToken.objects.get().last_used_at - NOW)

        assert [each.total_seconds() for each in seen] == [0, 0, 60, 60]
        assert ApiToken.objects.get().last_used_from == HERE.ip

    def test_asks_the_database_a_constant_number_of_times(
        self, cast: Cast, django_assert_num_queries: pytest.FixtureRequest
    ) -> None:
        made = make_token(cast.dana)
        admitted(made)

        with django_assert_num_queries(2):
            admitted(made)


class TestANewNetwork:
    def test_is_an_event_each_time_and_wants_a_look_from_the_second_on(self, cast: Cast) -> None:
        made = make_token(cast.dana, Scope.READ, name="soar")
        same = Origin(ip="192.0.2.77")
        for origin in (HERE, same, THERE, HERE, THERE):
            admitted(made, origin=origin)

        assert sentences()[1:] == [
            "dana, by the token “soar”, used the token “soar” of dana from 192.0.2.0/24 for the first time",
            "dana, by the token “soar”, used the token “soar” of dana from 198.51.100.0/24 for the first time",
        ]
        assert [item.number for item in Item.objects.all()] == [3]

    def test_wants_no_look_where_its_owner_named_it(self, cast: Cast) -> None:
        made = make_token(cast.dana, Scope.READ, networks=("192.0.2.0/24", "198.51.100.0/24"))
        for origin in (HERE, THERE):
            admitted(made, origin=origin)

        assert not Item.objects.exists()

    def test_that_is_not_allowed_is_an_event_that_wants_a_look_once_an_hour(self, cast: Cast) -> None:
        made = make_token(cast.dana, Scope.READ, name="soar", networks=("192.0.2.0/24",))
        for _ in range(3):
            refused(made, origin=THERE)

        [said] = sentences()[1:]
        assert said == (
            "dana, by the token “soar”, could not use the token “soar” of dana from 198.51.100.1: "
            "This token may not be used from there."
        )
        assert Item.objects.get().kind == "forbidden"


class TestRevoking:
    def test_is_an_event(self, cast: Cast) -> None:
        made = make_token(cast.dana, Scope.READ, name="soar")
        tokens.revoke(id=made.token.pk, by=acting(cast.dana), at=NOW)

        assert sentences()[-1] == "dana revoked the token “soar” of dana"
        assert not Item.objects.exists()

    def test_is_an_administrator_s_too_and_wants_a_look_then(self, cast: Cast) -> None:
        made = make_token(cast.dana, Scope.READ)
        tokens.revoke(id=made.token.pk, by=acting(cast.max), at=NOW)

        assert refused(made) == ("revoked-token", 401)
        assert Item.objects.get().kind == "tokens"

    @pytest.mark.parametrize("name", ["lee", "ana", "eve"])
    def test_is_nobody_else_s(self, cast: Cast, name: str) -> None:
        made = make_token(cast.dana)

        with pytest.raises(Forbidden):
            tokens.revoke(id=made.token.pk, by=acting(getattr(cast, name)), at=NOW)
        assert admitted(made).username == "dana"

    def test_is_nothing_that_a_token_does(self, cast: Cast) -> None:
        made = make_token(cast.dana)

        with pytest.raises(Forbidden):
            tokens.revoke(id=made.token.pk, by=admitted(made), at=NOW)

    def test_is_done_once(self, cast: Cast) -> None:
        made = make_token(cast.dana)
        tokens.revoke(id=made.token.pk, by=acting(cast.dana), at=NOW)

        with pytest.raises(Conflict, match="revoked already"):
            tokens.revoke(id=made.token.pk, by=acting(cast.dana), at=NOW)

    def test_ends_a_call_that_waits(self, cast: Cast) -> None:
        made = make_token(cast.dana)
        waiting = tokens.admit(made.text, origin=HERE, at=NOW)
        assert tokens.as_of_now(waiting, at=NOW) == waiting.actor
        tokens.revoke(id=made.token.pk, by=acting(cast.dana), at=NOW)

        with pytest.raises(NotAdmitted, match="was revoked"):
            tokens.as_of_now(waiting, at=NOW)
