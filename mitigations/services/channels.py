"""Where messages go besides people's mail: rooms, pagers, webhooks. Addresses hold tokens and stand in no event."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse

from accounts.authority import Actor, Deed, demand
from audit import sinks
from audit.delivery import NotDelivered
from audit.ledger import recorded
from audit.models import Channel
from audit.refusal import Objection, Unacceptable
from audit.sealing import Unreadable
from audit.ways import chat
from audit.ways.chat import BadAddress
from audit.ways.message import Message
from mitigations.services import events


@dataclass(frozen=True, kw_only=True)
class Tested:
    arrived: bool
    sentence: str


def save(*, id: int | None, name: str, address: str, kinds: Collection[str], by: Actor, at: datetime) -> Channel:
    """Add a channel, or change one; an empty address keeps the one that is there.

    A new channel is told what happens from now on. Raises Unacceptable for an address that cannot be used, or a name
    that is taken.
    """
    with recorded(events.CHANNEL_SAVED, subject=name, by=by.author, at=at) as record:
        record.facts = {"kinds": ", ".join(kinds) or "nothing", "address": _change(id, address)}
        demand(by, Deed.EDIT_CHANNELS)
        channel = Channel() if id is None else Channel.objects.select_for_update().get(pk=id)
        if address:
            channel.address, channel.label = address, _label(address)
        if not channel.sealed:
            _refuse("address", "A channel needs an address.")
        channel.name, channel.kinds = name, list(kinds)
        _write(channel)
        sinks.ensure(channel.sink)
        if address:
            sinks.try_now(channel.sink)
    return channel


def delete(*, id: int, by: Actor, at: datetime) -> str:
    """Its name. What has not been told there yet never will be."""
    with recorded(events.CHANNEL_DELETED, subject="a channel", by=by.author, at=at) as record:
        demand(by, Deed.EDIT_CHANNELS)
        channel = Channel.objects.select_for_update().get(pk=id)
        record.subject = channel.name
        sinks.remove(channel.sink)
        channel.delete()
    return channel.name


def test(*, id: int, by: Actor, at: datetime) -> Tested:
    """Send a message there at once, and record what became of it. When it arrives, what waits is tried at once."""
    demand(by, Deed.EDIT_CHANNELS)
    channel = Channel.objects.get(pk=id)
    tested = _test(channel, by=by, at=at)
    with recorded(events.CHANNEL_TESTED, subject=channel.name, by=by.author, at=at) as record:
        record.facts = {"sentence": tested.sentence}
        if tested.arrived:
            sinks.try_now(channel.sink)
    return tested


def _test(channel: Channel, *, by: Actor, at: datetime) -> Tested:
    message = Message(
        key=f"test-{channel.pk}-{at.timestamp()}",
        title="A test from Breakwater",
        text=f"{by.username} sent this to see whether it arrives. Nothing needs to be done.",
        link=f"{settings.PORTAL_URL}{reverse('channels')}" if settings.PORTAL_URL else "",
    )
    try:
        chat.send(message, address=channel.address, seconds=settings.TELLING_CALL_SECONDS)
    except (NotDelivered, BadAddress, Unreadable) as error:
        return Tested(arrived=False, sentence=str(error))
    return Tested(arrived=True, sentence="It was taken.")


def _change(id: int | None, address: str) -> str:
    if not address:
        return "kept"
    return "set" if id is None else "changed"


def _label(address: str) -> str:
    try:
        return chat.label(address)
    except BadAddress as error:
        _refuse("address", str(error))


def _write(channel: Channel) -> None:
    try:
        channel.save()
    except IntegrityError:
        _refuse("name", f"There is a channel named {channel.name} already.")


def _refuse(code: str, sentence: str) -> NoReturn:
    raise Unacceptable([Objection(code=code, sentence=sentence)]) from None
