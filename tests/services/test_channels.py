from __future__ import annotations

from collections.abc import Iterator

import pytest

from audit.models import Channel, Event, Sink
from audit.refusal import Forbidden, Unacceptable
from mitigations.services import channels
from tests.making import NOW, make_channel
from tests.people import Cast, acting
from tests.receiving import Hook, free_port, hook
from tests.views.facts import deeds

TOKEN = "canary-5e1f"
ADDRESS = f"jsons://user:{TOKEN}@hooks.example.net/{TOKEN}"


@pytest.fixture
def told() -> Iterator[Hook]:
    with hook() as told:
        yield told


def save(cast: Cast, *, by: str = "max", **changes: object) -> Channel:
    values = {"id": None, "name": "NOC room", "address": ADDRESS, "kinds": ["waiting", "glass"], **changes}
    return channels.save(**values, by=acting(getattr(cast, by)), at=NOW)  # type: ignore[arg-type]


def newest() -> Event:
    return Event.objects.latest("number")


class TestSaving:
    def test_keeps_the_address_and_what_may_be_shown_of_it(self, cast: Cast) -> None:
        channel = save(cast)
        assert (channel.address, channel.label) == (ADDRESS, "jsons://hooks.example.net/…")

    def test_leaves_an_event_without_the_address(self, cast: Cast) -> None:
        save(cast)
        assert newest().facts == {"kinds": "waiting, glass", "address": "set"}
        assert "hooks.example.net" not in newest().body + str(newest().detail)

    def test_keeps_the_address_that_is_there_for_an_empty_one(self, cast: Cast) -> None:
        channel = save(cast, id=save(cast).pk, name="NOC", address="")
        assert (channel.name, channel.address) == ("NOC", ADDRESS)
        assert newest().facts["address"] == "kept"

    def test_follows_the_log_from_now_on(self, cast: Cast) -> None:
        channel = save(cast)
        assert Sink.objects.get(name=channel.sink).cursor == 0
        assert newest().number == 1

    def test_of_a_mended_address_ends_the_pause(self, cast: Cast) -> None:
        channel = save(cast)
        Sink.objects.update(failures=5, next_try_at=NOW)
        save(cast, id=channel.pk)
        assert Sink.objects.filter(failures=0, next_try_at=None).exists()

    @pytest.mark.parametrize("address", ["", "fish", f"nope://{TOKEN}", "syslog://"])
    def test_of_an_address_that_cannot_be_used_is_refused_without_repeating_it(self, cast: Cast, address: str) -> None:
        with pytest.raises(Unacceptable) as caught:
            save(cast, address=address)
        assert TOKEN not in str(caught.value) + newest().body
        assert not Channel.objects.exists()

    def test_of_a_name_that_is_taken_is_refused(self, cast: Cast) -> None:
        save(cast)
        with pytest.raises(Unacceptable, match="There is a channel named NOC room already"):
            save(cast)
        assert Channel.objects.count() == Sink.objects.count() == 1


class TestDeleting:
    def test_forgets_the_address_and_the_sink(self, cast: Cast) -> None:
        channels.delete(id=save(cast).pk, by=acting(cast.max), at=NOW)
        assert not Channel.objects.exists()
        assert not Sink.objects.exists()
        assert deeds("NOC room")[-1] == ("max", "channel.deleted", "done")


class TestTesting:
    def test_sends_a_message_and_records_that_it_arrived(self, cast: Cast, told: Hook) -> None:
        channel = make_channel(address=told.address)
        tested = channels.test(id=channel.pk, by=acting(cast.max), at=NOW)
        assert tested.arrived
        assert told.titles == ["A test from Breakwater"]
        assert newest().facts == {"sentence": "It was taken."}

    def test_records_that_it_did_not_arrive(self, cast: Cast) -> None:
        channel = make_channel(address=f"json://127.0.0.1:{free_port()}/{TOKEN}")
        tested = channels.test(id=channel.pk, by=acting(cast.max), at=NOW)
        assert not tested.arrived
        assert newest().facts == {"sentence": "It cannot be reached, or took nothing."}

    def test_that_arrives_ends_the_pause_of_what_waits(self, cast: Cast, told: Hook) -> None:
        channel = make_channel(address=told.address)
        Sink.objects.update(failures=5, next_try_at=NOW)
        channels.test(id=channel.pk, by=acting(cast.max), at=NOW)
        assert Sink.objects.filter(failures=0, next_try_at=None).exists()


@pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
def test_channels_are_for_administrators(name: str, cast: Cast, told: Hook) -> None:
    channel = make_channel(address=told.address)
    by = acting(getattr(cast, name))

    for deed in (channels.delete, channels.test):
        with pytest.raises(Forbidden):
            deed(id=channel.pk, by=by, at=NOW)
    with pytest.raises(Forbidden):
        save(cast, by=name)

    assert Channel.objects.count() == 1
    assert told.calls == []
