"""Who follows the log: people, by one sink for all mail and one for each channel, and machines, by streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from audit.crew import Crew
from audit.delivery import NotDelivered, Undeliverable
from audit.models import Channel, Event
from audit.sealing import Unreadable
from audit.sinks import Job
from audit.ways import chat, mail
from audit.ways.chat import BadAddress
from mitigations.services import streaming
from mitigations.services.telling import Telling, is_told, telling

MAIL = "mail"
_CHANNEL = "channel-"
# Mail that was off for a month and is switched on again must not tell a month of news.
_NEWS_FOR = timedelta(hours=24)


def crew(*, now: Callable[[], datetime]) -> Crew:
    """Everybody who brings the log anywhere, as the settings want it. It works once it is started.

    Raises ValueError with one clear sentence when the settings do not fit together.
    """
    if settings.TELLING_LEASE_SECONDS <= settings.TELLING_CALL_SECONDS:
        raise ValueError(
            "TELLING_LEASE_SECONDS must be longer than TELLING_CALL_SECONDS, or a message would outlive it."
        )
    return Crew(
        job=lambda name: _channel_job(name, now=now),
        always=served(now=now),
        now=now,
        lease=timedelta(seconds=settings.TELLING_LEASE_SECONDS),
    )


def served(*, now: Callable[[], datetime]) -> dict[str, Job]:
    """What the settings switch on, besides the channels. Raises ValueError likewise."""
    mails = {MAIL: mail_job(now=now)} if mail.is_on() else {}
    return {**mails, **streaming.jobs(now=now)}


def mail_job(*, now: Callable[[], datetime]) -> Job:
    return Job(wants=is_told, deliver=_one(_Mail(now=now).deliver))


def channel_job(id: int, *, now: Callable[[], datetime]) -> Job:
    return Job(wants=is_told, deliver=_one(lambda event: _to_channel(event, id, at=now())))


def addresses(news: Telling) -> list[str]:
    """Where mail goes: everybody whom it concerns, who has an address and wants this kind."""
    found = {
        person.email.lower(): person.email for person in news.readers if person.email and news.kind not in person.muted
    }
    return list(found.values())


class _Mail:
    """Remembers who has got the message that is being tried, so that a second try does not tell them twice."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._number = 0
        self._told: set[str] = set()

    def deliver(self, event: Event) -> bool:
        news = _news(event, at=self._now())
        if news is None:
            return False
        if event.number != self._number:
            self._number, self._told = event.number, set()
        to = [address for address in addresses(news) if address not in self._told]
        if to:
            mail.send(news.message, to=to, accepted=self._told.add, seconds=settings.TELLING_CALL_SECONDS)
        return bool(self._told)


def _one(deliver: Callable[[Event], bool]) -> Callable[[Sequence[Event]], bool]:
    """People are told of one event at a time."""

    def deliver_one(events: Sequence[Event]) -> bool:
        [event] = events
        return deliver(event)

    return deliver_one


def _channel_job(name: str, *, now: Callable[[], datetime]) -> Job | None:
    return channel_job(int(name.removeprefix(_CHANNEL)), now=now) if name.startswith(_CHANNEL) else None


def _to_channel(event: Event, id: int, *, at: datetime) -> bool:
    news = _news(event, at=at)
    channel = Channel.objects.filter(pk=id).first()
    if news is None or news.is_personal or channel is None or news.kind not in channel.kinds:
        return False
    try:
        chat.send(news.message, address=channel.address, seconds=settings.TELLING_CALL_SECONDS)
    except (BadAddress, Unreadable) as error:
        # An administrator can mend it, and the message is then still on its way.
        raise NotDelivered(str(error)) from None
    return True


def _news(event: Event, *, at: datetime) -> Telling | None:
    news = telling(event, portal_url=settings.PORTAL_URL)
    if news is not None and at - event.at > _NEWS_FOR:
        raise Undeliverable("It is older than a day, so nobody is told of it any more.")
    return news
