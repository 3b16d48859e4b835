from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.authority import COMMAND_LINE
from audit import sinks
from audit.models import Event, Sink
from audit.refusal import Conflict, Forbidden
from mitigations.services import lagging
from mitigations.services.delivering import MAIL
from mitigations.services.streaming import PREFIX
from tests.making import NOW, make_channel, make_event, make_mitigation
from tests.people import Cast, acting
from tests.processes.running import until

LATE = NOW + timedelta(minutes=5)
SYSLOG = f"{PREFIX}syslog"


def happen() -> None:
    make_event("mitigation.ended", make_mitigation())


def said() -> list[tuple[str, str, bool]]:
    told = Event.objects.filter(deed__startswith="audit.stream").order_by("number")
    return list(told.values_list("deed", "subject", "review"))


def catch_up() -> None:
    Sink.objects.update(cursor=Event.objects.latest("number").number)


@pytest.fixture
def behind(cast: Cast) -> None:
    """A stream to which nothing is brought."""
    sinks.ensure(SYSLOG, whole=True)
    Sink.objects.update(begun_at=NOW, last_error="It answered with HTTP 503.")
    happen()


class TestASinkThatIsBehind:
    def test_is_said_once(self, behind: None) -> None:
        lagging.watch(at=LATE - timedelta(seconds=1))
        assert said() == []
        for minutes in range(3):
            lagging.watch(at=LATE + timedelta(minutes=minutes))
        assert said() == [("audit.stream-behind", SYSLOG, True)]
        sentence = Event.objects.latest("number").sentence
        assert sentence == (
            "worker found stream-syslog behind the log by 1 events for 5 minutes: It answered with HTTP 503."
        )

    def test_and_catches_up_is_said_once_and_it_may_fall_behind_again(self, behind: None) -> None:
        lagging.watch(at=LATE)
        catch_up()
        for _ in range(2):
            lagging.watch(at=LATE)
        assert [deed for deed, *_ in said()] == ["audit.stream-behind", "audit.stream-caught-up"]
        # The second of the two waits for it by now, and nobody comes.
        lagging.watch(at=LATE + timedelta(minutes=6))
        assert [deed for deed, *_ in said()][2:] == ["audit.stream-behind"]

    def test_and_nearly_in_time_is_not_said_to_have_caught_up(self, behind: None) -> None:
        """Or it would be said again and again of one that is as fast as the log."""
        lagging.watch(at=LATE)
        # What it waits for now is the event that says so.
        Sink.objects.update(cursor=1)
        lagging.watch(at=LATE + timedelta(minutes=1))
        assert len(said()) == 1
        lagging.watch(at=LATE + timedelta(seconds=59))
        assert len(said()) == 2

    def test_may_be_a_channel_and_is_called_by_its_name(self, cast: Cast) -> None:
        make_channel("NOC room")
        Sink.objects.update(begun_at=NOW)
        happen()
        lagging.watch(at=LATE)
        assert said() == [("audit.stream-behind", "NOC room", True)]

    @pytest.mark.django_db(transaction=True)
    def test_is_said_once_by_two_who_look_at_the_same_moment(self, behind: None) -> None:
        meet = threading.Barrier(2)

        def look() -> None:
            meet.wait(5)
            lagging.watch(at=LATE)
            connection.close()

        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        until(lambda: len(said()) == 1)


class TestForgetting:
    def forget(self, by, *, name: str = SYSLOG, served: tuple[str, ...] = ()) -> None:
        lagging.forget(name=name, served=served, by=by, at=NOW)

    def test_lets_it_go_and_says_so(self, behind: None) -> None:
        self.forget(COMMAND_LINE)
        assert not Sink.objects.exists()
        assert said() == [("audit.stream-forgotten", SYSLOG, True)]

    def test_lets_nobody_go_who_is_served(self, behind: None) -> None:
        with pytest.raises(Conflict, match="Switch it off there first"):
            self.forget(COMMAND_LINE, served=(SYSLOG, MAIL))
        with pytest.raises(Conflict, match="Nobody of that name"):
            self.forget(COMMAND_LINE, name="stream-pigeon")
        assert Sink.objects.count() == 1

    def test_lets_no_channel_go(self, cast: Cast) -> None:
        """That is deleted on its page."""
        channel = make_channel()
        with pytest.raises(Conflict, match="It is a channel"):
            self.forget(COMMAND_LINE, name=channel.sink)
        assert Sink.objects.count() == 1

    @pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
    def test_is_for_administrators(self, name: str, behind: None, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            self.forget(acting(getattr(cast, name)))
        assert Sink.objects.count() == 1
