"""What the audit log is told of sign-ins, and how often somebody may try."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpRequest

from accounts import sessions, signing_in
from accounts.models import User
from accounts.signing_in import Outcome, Try, Verdict
from audit import selectors
from audit.author import Origin
from audit.models import Event, Item
from audit.models import Outcome as EventOutcome
from tests.making import NOW
from tests.people import Cast, acting

pytestmark = pytest.mark.django_db

PASSWORD = "harbour-tide-1234"
HERE, THERE = Origin(ip="192.0.2.1", user_agent="x"), Origin(ip="192.0.2.2", user_agent="x")


@pytest.mark.parametrize(
    ("record", "sentence"),
    [(signing_in.record_sign_in, "dana signed in"), (signing_in.record_sign_out, "dana signed out")],
)
def test_records_coming_and_going(cast: Cast, record, sentence: str) -> None:
    record(by=acting(cast.dana), at=NOW)

    [entry] = selectors.story("dana")
    assert entry.sentence == sentence


def test_marks_the_sign_in_of_an_emergency_account(cast: Cast, settings) -> None:
    settings.EMERGENCY_ACCOUNTS = ["max"]
    for who in (cast.max, cast.dana):
        signing_in.record_sign_in(by=acting(who), at=NOW)

    assert list(Item.objects.values_list("kind", "grave")) == [("emergency", True)]


class TestFailures:
    """What the log is told."""

    def fail(self, username: str = "dana", origin: Origin = HERE, *, after: timedelta = timedelta()) -> None:
        signing_in.record_failed_sign_in(username=username, origin=origin, at=NOW + after)

    def sentences(self) -> list[str]:
        return [entry.sentence.partition(": ")[2] for entry in selectors.story("dana")]

    def test_are_told_at_once_when_they_are_the_first(self, cast: Cast) -> None:
        self.fail()

        event = Event.objects.get()
        assert (event.outcome, event.actor) == (EventOutcome.REFUSED, f"user:{cast.dana.pk}")
        assert event.details["ip"] == "192.0.2.1"
        assert self.sentences() == ["The password was wrong."]

    def test_are_told_together_after_ten_minutes(self, cast: Cast) -> None:
        for number in range(30):
            self.fail(origin=Origin(ip=f"198.51.100.{number % 3}"), after=timedelta(seconds=number))
        assert len(self.sentences()) == 1

        self.fail(after=timedelta(minutes=10))
        assert self.sentences()[-1] == "The password was wrong 30 times, from 4 addresses."

    def test_are_at_most_one_event_in_ten_minutes_however_many_come(self, cast: Cast) -> None:
        for number in range(600):
            self.fail(origin=Origin(ip=f"2001:db8::{number:x}"), after=timedelta(seconds=6 * number))
        assert Event.objects.count() <= 7

    def test_that_nothing_follows_are_told_by_whoever_keeps_the_time(self, cast: Cast) -> None:
        for _ in range(3):
            self.fail()
        signing_in.tell_failures(at=NOW + timedelta(minutes=9))
        assert len(self.sentences()) == 1

        signing_in.tell_failures(at=NOW + timedelta(minutes=10))
        signing_in.tell_failures(at=NOW + timedelta(minutes=30))
        assert self.sentences()[1:] == ["The password was wrong 2 times, from one address."]

    def test_are_told_before_the_sign_in_that_ends_them(self, cast: Cast) -> None:
        for _ in range(3):
            self.fail()
        signing_in.record_sign_in(by=acting(cast.dana), at=NOW)

        assert [entry.sentence for entry in selectors.story("dana")][1:] == [
            "dana could not sign in: The password was wrong 2 times, from one address.",
            "dana signed in",
        ]

    def test_want_a_look_at_the_third_in_a_row_and_at_ten_times_as_many(self, cast: Cast) -> None:
        marked = []
        for number in range(1, 12):
            self.fail(after=timedelta(minutes=10) * number)
            if Event.objects.order_by("number").last().review:
                marked.append(number)

        assert marked == [3, 10]
        assert set(Item.objects.values_list("kind", "grave")) == {("sign-ins", True)}

    def test_are_counted_from_the_last_sign_in_that_went_well(self, cast: Cast) -> None:
        for _ in range(2):
            self.fail()
        signing_in.record_sign_in(by=acting(cast.dana), at=NOW)
        for _ in range(2):
            self.fail()

        assert not Item.objects.exists()

    @pytest.mark.parametrize("name", ["nobody", "", "DANA ", "x" * 500, "dana\x00"])
    def test_of_a_name_that_nobody_has_are_no_event(self, cast: Cast, name: str) -> None:
        self.fail(name)

        assert not Event.objects.exists()

    def test_are_logged_each_without_the_name(self, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
        for name in ("dana", "dana", "nobody"):
            self.fail(name)

        assert [(record.levelno, record.ip) for record in caplog.records] == [(logging.WARNING, "192.0.2.1")] * 3  # type: ignore[attr-defined]
        assert "dana" not in caplog.text


class TestTries:
    """dana signs in from HERE as a rule; strangers are THERE, or anywhere."""

    @pytest.fixture(autouse=True)
    def _dana(self, cast: Cast, settings) -> None:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        settings.TRIES_PER_ACCOUNT, settings.TRIES_PER_ADDRESS = 3, 5
        self.dana = cast.dana
        for user in (cast.dana, cast.lee):
            user.set_password(PASSWORD)
            user.save()

    def tries(self, origin: Origin, *, password: str = PASSWORD, name: str = "dana", **given) -> Outcome:
        tried = Try(username=name, password=password, **given)
        return signing_in.try_password(HttpRequest(), tried, origin=origin, at=NOW)

    def guess(self, count: int, name: str = "dana", prefix: str = "198.51.100.") -> None:
        for number in range(count):
            self.tries(Origin(ip=f"{prefix}{number}"), password="guess", name=name)

    def test_that_fail_too_often_lock_the_account_for_strangers(self) -> None:
        self.guess(3)

        outcome = self.tries(Origin(ip="198.51.100.99"))
        assert (outcome.verdict, outcome.user) == (Verdict.LOCKED, None)

    def test_of_strangers_lock_nobody_out_of_a_network_that_they_are_known_in(self) -> None:
        sessions.know_network(person=self.dana.pk, ip=HERE.ip, at=NOW)
        self.guess(50)

        assert self.tries(HERE).user == self.dana

    def test_of_strangers_lock_nobody_out_of_a_browser_that_they_are_known_in(self) -> None:
        """Though it is in a network that nobody knows, and that the strangers share."""
        self.guess(50)
        for _ in range(10):
            self.tries(THERE, password="guess")

        assert self.tries(THERE, browsers={str(self.dana.pk): "mark"}).user == self.dana

    def test_in_a_network_that_is_known_are_limited_too(self) -> None:
        sessions.know_network(person=self.dana.pk, ip=HERE.ip, at=NOW)
        for _ in range(3):
            self.tries(HERE, password="guess")

        assert self.tries(HERE).verdict is Verdict.LOCKED

    def test_in_a_browser_that_is_known_are_limited_too(self) -> None:
        for _ in range(3 + 3):
            self.tries(HERE, password="guess", browsers={str(self.dana.pk): "mark"})

        assert self.tries(HERE, browsers={str(self.dana.pk): "mark"}).verdict is Verdict.LOCKED

    def test_by_the_mark_of_another_account_count_as_any_stranger(self, cast: Cast) -> None:
        self.guess(3)

        assert self.tries(THERE, browsers={str(cast.lee.pk): "mark"}).verdict is Verdict.LOCKED

    def test_from_one_address_are_limited_over_all_accounts(self) -> None:
        for number in range(5):
            self.tries(THERE, password="guess", name=f"name-{number}")

        assert self.tries(THERE).verdict is Verdict.LOCKED
        assert self.tries(HERE).user == self.dana

    def test_from_one_ipv6_network_count_together(self) -> None:
        for number in range(5):
            self.tries(Origin(ip=f"2001:db8:1:1::{number + 1}"), password="guess", name=f"name-{number}")

        assert self.tries(Origin(ip="2001:db8:1:1:ffff::1")).verdict is Verdict.LOCKED
        assert self.tries(Origin(ip="2001:db8:1:2::1")).user == self.dana

    def test_of_a_name_that_nobody_has_look_the_same(self) -> None:
        self.guess(3, name="nobody")

        assert self.tries(Origin(ip="203.0.113.1"), name="nobody").verdict is Verdict.LOCKED

    def test_in_other_letters_count_for_the_same_account(self) -> None:
        for name in ("Dana", "DANA", "dAna"):
            self.tries(THERE, password="guess", name=name)

        assert self.tries(THERE).verdict is Verdict.LOCKED

    def test_that_are_right_do_not_count(self) -> None:
        assert all(self.tries(THERE).user for _ in range(10))

    def test_are_possible_again_after_a_while(self) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            self.guess(3)
            assert self.tries(THERE).verdict is Verdict.LOCKED
            clock.shift(timedelta(minutes=15, seconds=1))
            assert self.tries(THERE).user == self.dana

    def test_that_are_refused_check_no_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.guess(3)
        monkeypatch.setattr(User, "check_password", lambda *_: pytest.fail("it was checked"))
        assert self.tries(THERE).verdict is Verdict.LOCKED


class TestLocalSignIn:
    @pytest.fixture(autouse=True)
    def _passwords(self, cast: Cast, settings) -> None:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        for user in (cast.dana, cast.max):
            user.set_password(PASSWORD)
            user.save()

    @pytest.mark.parametrize(("name", "verdict"), [("max", Verdict.RIGHT), ("dana", Verdict.WRONG)])
    def test_is_for_emergency_accounts_alone_where_it_is_off(self, settings, name: str, verdict: Verdict) -> None:
        settings.LOCAL_SIGN_IN, settings.EMERGENCY_ACCOUNTS = False, ["max"]
        tried = Try(username=name, password=PASSWORD)
        assert signing_in.try_password(HttpRequest(), tried, origin=HERE, at=NOW).verdict is verdict
