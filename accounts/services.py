"""What is done to accounts."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import takewhile

from django.contrib.auth.models import Group
from django.core.cache import cache

from accounts import events
from accounts.authority import PEOPLE, Actor, Role, clashes
from accounts.models import User
from audit.author import Author, Origin
from audit.ledger import recorded
from audit.models import Event, Outcome
from audit.refusal import Conflict, Forbidden, Objection, Unacceptable

logger = logging.getLogger(__name__)

# Strangers must not be able to fill the audit log: one refused sign-in for each account and address in this time.
_REFUSALS_EVERY = timedelta(minutes=1)
# Of sign-ins that failed in a row, the third wants a look, and then every tenth, up to this many.
_THIRD, _TENTH, _MOST_IN_A_ROW = 3, 10, 200


def enrol(
    *,
    username: str,
    full_name: str,
    roles: Collection[Role],
    password: str,
    by: Author,
    at: datetime,
    email: str = "",
) -> User:
    """Create a person with their roles. Raises Unacceptable for roles that clash, Conflict for a name that is taken."""
    held = frozenset(roles) & PEOPLE
    with recorded(events.ENROLLED, subject=username, by=by, at=at) as record:
        if objections := clashes(held):
            raise Unacceptable(objections)
        if User.objects.filter(username=username).exists():
            raise Conflict([Objection(code="taken", sentence=f"There is an account named {username} already.")])
        first, _, last = full_name.partition(" ")
        user = User.objects.create_user(username, email, password, first_name=first, last_name=last)
        user.groups.set(Group.objects.filter(name__in=held))
        record.facts = {"roles": ", ".join(sorted(held)) or "no role"}
    return user


def record_sign_in(*, by: Actor, at: datetime) -> None:
    with recorded(events.SIGNED_IN, subject=by.username, by=by.author, at=at):
        pass


def record_sign_out(*, by: Actor, at: datetime) -> None:
    with recorded(events.SIGNED_OUT, subject=by.username, by=by.author, at=at):
        pass


def record_failed_sign_in(*, username: str, origin: Origin, at: datetime) -> None:
    """Log every failure; keep at most one a minute for each existing account and address in the audit log."""
    logger.warning("A sign-in failed.", extra={"ip": origin.ip})
    user = User.objects.filter(username=username).first() if "\x00" not in username else None
    if user is None or not cache.add(f"failed-sign-in:{user.pk}:{origin.ip}", True, _REFUSALS_EVERY.total_seconds()):
        return
    by = Author(key=f"user:{user.pk}", name=user.username, origin=origin)
    try:
        with recorded(events.SIGNED_IN, subject=user.username, by=by, at=at) as record:
            record.review = events.SIGN_INS if _wants_a_look(user.username) else None
            raise Forbidden([Objection(code="credentials", sentence="The password was wrong.")])
    except Forbidden:
        return


def _wants_a_look(username: str) -> bool:
    """Whether one more failure makes it the third in a row since the last sign-in that went well, or every tenth.

    Two that fail in the same moment count the same: neither of them is passed over for the third.
    """
    tries = Event.objects.filter(subject=username, deed=events.SIGNED_IN).values_list("outcome", "review")
    failed = list(takewhile(lambda each: each[0] == Outcome.REFUSED, tries[:_MOST_IN_A_ROW]))
    count = len(failed) + 1
    if count < _THIRD or count > _MOST_IN_A_ROW:
        return False
    return count % _TENTH == 0 or not any(review for _, review in failed)


def set_password(*, username: str, password: str, by: Author, at: datetime) -> bool:
    """Make this the password of an existing account, if it is not already. False when there is no such account."""
    user = User.objects.filter(username=username).first()
    if user is None:
        return False
    if not user.check_password(password):
        with recorded(events.PASSWORD_SET, subject=username, by=by, at=at):
            user.set_password(password)
            user.save(update_fields=["password"])
    return True


def choose_messages(*, email: str, muted: Collection[str], by: Actor, at: datetime) -> User:
    """Set an own e-mail address (empty: none) and the kinds of messages that shall not come by mail.

    The event tells that the address was set, changed or removed, and never the address.
    """
    with recorded(events.MESSAGES_CHOSEN, subject=by.username, by=by.author, at=at) as record:
        assert by.id is not None, "only people get messages"
        user = User.objects.select_for_update().get(pk=by.id)
        record.facts = {"address": _change(user.email, email), "without": ", ".join(sorted(muted)) or "nothing"}
        user.email, user.muted = email, sorted(muted)
        user.save(update_fields=["email", "muted"])
    return user


def choose_preferences(*, time_zone: str, twelve_hours: bool, shortcuts: bool, by: Actor) -> None:
    """Set how pages look to this person. No event: it is their own taste, and changes nothing for anybody else."""
    assert by.id is not None, "only people look at pages"
    chosen = {"time_zone": time_zone, "twelve_hours": twelve_hours, "shortcuts": shortcuts}
    User.objects.filter(pk=by.id).update(**chosen)


def _change(before: str, after: str) -> str:
    if before == after:
        return "kept" if after else "none"
    if not after:
        return "removed"
    return "changed" if before else "set"
