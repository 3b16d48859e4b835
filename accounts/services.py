"""What is done to accounts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts import events
from accounts.authority import PEOPLE, Actor, Role, clashes
from accounts.models import User
from audit.author import Author
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable


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


def change_password(*, password: str, by: Actor, at: datetime) -> User:
    """Set an own password. Raises Unacceptable with each rule that it breaks."""
    with recorded(events.PASSWORD_SET, subject=by.username, by=by.author, at=at):
        assert by.id is not None, "only people have passwords"
        user = User.objects.select_for_update().get(pk=by.id)
        if objections := broken_rules(password, user):
            raise Unacceptable(objections)
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def broken_rules(password: str, user: User | None = None) -> list[Objection]:
    """The rules for passwords that this one breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Objection(code="password", sentence=sentence) for sentence in error.messages]
    return []


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
