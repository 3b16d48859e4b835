"""Sessions: how long one lasts, in which browsers somebody is signed in, and how one is ended.

The session itself is Django's row: whoever deletes it has ended it, at once and everywhere. Beside it stands a row of
ours, so that people see their sessions by browser and address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import cast

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from accounts import events
from accounts.attempts import network_of
from accounts.models import KnownNetwork, OpenSession, User
from audit.author import Author, Origin
from audit.ledger import recorded

_DOOR, _PROOF = "door", "proof"
# How exactly it is known when somebody was last there: each step is a write.
_STEP = timedelta(minutes=1)
_NETWORKS_KEPT, _NETWORKS_LAST = 20, timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`longest` from signing in, whatever is done; `idle` from what somebody last did."""

    longest: timedelta
    idle: timedelta


def begin(session: SessionBase, *, person: int, how: str, origin: Origin, at: datetime) -> None:
    """Somebody is signed in, by a password, a passkey or the provider."""
    session[_DOOR] = {"begun": at.timestamp(), "seen": at.timestamp(), "how": how}
    if session.session_key is None:
        session.create()
    row = {"user_id": person, "begun_at": at, "seen_at": at, "ip": origin.ip or None, "user_agent": origin.user_agent}
    OpenSession.objects.update_or_create(key=session.session_key, defaults=row)
    _forget_old(person, at)


def is_over(session: SessionBase, *, at: datetime, limits: Limits) -> bool:
    door = session.get(_DOOR)
    if door is None:
        return False
    return at - _time(door["begun"]) > limits.longest or at - _time(door["seen"]) > limits.idle


def keep(session: SessionBase, *, person: int, origin: Origin, at: datetime) -> None:
    """They have done something. A session from before there were limits begins here."""
    door = session.get(_DOOR)
    if door is None:
        begin(session, person=person, how="", origin=origin, at=at)
    elif at - _time(door["seen"]) >= _STEP:
        session[_DOOR] = {**door, "seen": at.timestamp()}
        OpenSession.objects.filter(key=session.session_key).update(seen_at=at, ip=origin.ip or None)


def begun_at(session: SessionBase) -> datetime | None:
    """When somebody signed in; None in a session from before that was kept."""
    door = session.get(_DOOR, {})
    return _time(door["begun"]) if door.get("how") else None


def prove(session: SessionBase, *, at: datetime) -> None:
    """They have just proved who they are."""
    session[_PROOF] = at.timestamp()


def proved_at(session: SessionBase) -> datetime | None:
    return _time(session[_PROOF]) if _PROOF in session else None


def renew(session: SessionBase, *, person: int, at: datetime) -> None:
    """The session has got another key: of the row of the old one, nothing else changes."""
    OpenSession.objects.filter(user_id=person).exclude(key=session.session_key).delete()
    door = session.get(_DOOR, {"begun": at.timestamp()})
    OpenSession.objects.get_or_create(
        key=session.session_key, defaults={"user_id": person, "begun_at": _time(door["begun"]), "seen_at": at}
    )


def forget(session: SessionBase) -> None:
    """They sign out."""
    OpenSession.objects.filter(key=session.session_key).delete()


def end(*, ids: Iterable[int] | None, person: int, but: str = "", by: Author, at: datetime) -> int:
    """End these sessions of somebody, or all (`ids` None) `but` the one of this key; how many there were."""
    rows = OpenSession.objects.filter(user_id=person).exclude(key=but)
    keys = list((rows if ids is None else rows.filter(pk__in=list(ids))).values_list("key", flat=True))
    if not keys:
        return 0
    subject = User.objects.get(pk=person).username
    with recorded(events.OWN_SESSIONS_ENDED, subject=subject, by=by, at=at) as record:
        record.facts = {"count": len(keys)}
        delete(keys)
    return len(keys)


def end_all(person: int) -> None:
    """Every session of somebody, inside the transaction of a deed."""
    delete(OpenSession.objects.filter(user_id=person).values_list("key", flat=True))


def delete(keys: Iterable[str]) -> None:
    """Inside the transaction of a deed: whoever holds one of these is signed out with it."""
    store, gone = _store(), list(keys)
    for key in gone:
        store(key).delete()
    OpenSession.objects.filter(key__in=gone).delete()


def clear(*, at: datetime) -> None:
    """What is over goes, and with it what was typed and kept in it."""
    _store().clear_expired()
    OpenSession.objects.filter(begun_at__lt=at - settings.SESSION_LONGEST).delete()


def know_network(*, person: int, ip: str, at: datetime) -> None:
    if network := network_of(ip):
        KnownNetwork.objects.update_or_create(user_id=person, network=network, defaults={"seen_at": at})


def knows_network(*, person: int, network: str, at: datetime) -> bool:
    lately = {"user_id": person, "seen_at__gt": at - _NETWORKS_LAST}
    return bool(network) and KnownNetwork.objects.filter(network=network, **lately).exists()


def _forget_old(person: int, at: datetime) -> None:
    OpenSession.objects.filter(user_id=person, begun_at__lt=at - settings.SESSION_LONGEST).delete()
    newest = KnownNetwork.objects.filter(user_id=person).order_by("-seen_at").values_list("pk", flat=True)
    KnownNetwork.objects.filter(user_id=person).exclude(pk__in=list(newest[:_NETWORKS_KEPT])).delete()


def _store() -> type[SessionBase]:
    return cast("type[SessionBase]", import_module(settings.SESSION_ENGINE).SessionStore)


def _time(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
