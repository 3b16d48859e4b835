"""How those fare who follow the log, and where messages go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from audit.models import Channel, Event, Sink
from audit.selectors.log import head


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a sink fares. `behind`: events that it has not got, `since` when the oldest of them happened."""

    behind: int
    since: datetime | None
    last_ok_at: datetime | None
    last_error: str
    last_error_at: datetime | None
    next_try_at: datetime | None
    failures: int
    given_up: int

    @property
    def is_failing(self) -> bool:
        return self.failures > 0

    @property
    def has_lost(self) -> bool:
        """The newest thing that happened to it is that something was given up."""
        if not self.given_up or self.last_error_at is None:
            return False
        return self.last_ok_at is None or self.last_ok_at < self.last_error_at


@dataclass(frozen=True, kw_only=True)
class Late:
    """A sink that does not keep up. `behind`: events that it has not got, `since` when the oldest of them happened."""

    name: str
    behind: int
    since: datetime
    last_error: str


def standings(names: Collection[str]) -> dict[str, Standing]:
    """How the sinks of these names fare; one that nobody has served yet is not among them."""
    newest = head()
    found = list(Sink.objects.filter(name__in=names))
    waiting = Event.objects.filter(number__in=[sink.cursor + 1 for sink in found])
    times = dict(waiting.values_list("number", "at"))
    return {
        sink.name: Standing(
            behind=max(newest - sink.cursor, 0),
            since=times.get(sink.cursor + 1),
            last_ok_at=sink.last_ok_at,
            last_error=sink.last_error,
            last_error_at=sink.last_error_at,
            next_try_at=sink.next_try_at,
            failures=sink.failures,
            given_up=sink.given_up,
        )
        for sink in found
    }


def late(*, at: datetime) -> list[Late]:
    """Who has been behind for 5 minutes, whether or not anybody has noticed."""
    found = list(Sink.objects.late(at))
    if not found:
        return []
    newest, names = head(), called([sink.name for sink in found])
    return [
        Late(name=names[sink.name], behind=newest - sink.cursor, since=sink.since, last_error=sink.last_error)
        for sink in found
    ]


def called(names: Collection[str]) -> dict[str, str]:
    """What people call the sinks of these names: channels have names of their own."""
    named = {channel.sink: channel.name for channel in Channel.objects.only("name")}
    return {name: named.get(name, name) for name in names}


def sink_names(prefix: str) -> list[str]:
    return list(Sink.objects.filter(name__startswith=prefix).values_list("name", flat=True))


def channels() -> list[Channel]:
    """Every channel, without the address, which nobody but the one who writes to it needs."""
    return list(Channel.objects.defer("sealed"))


def channel(id: int) -> Channel:
    return Channel.objects.defer("sealed").get(pk=id)
