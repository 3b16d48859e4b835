"""People as whoever manages them sees them, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from accounts.authority import Role
from accounts.models import User
from accounts.selectors import actor_for, named
from audit.author import Origin
from audit.models import Item
from audit.models.review import State as ItemState
from mitigations.models import Mitigation, ProtectedPrefix
from mitigations.selectors import mitigations, reviews

PAGE = 50
_MANY = 100


class Shown(StrEnum):
    """Whom the list shows."""

    HERE = ""
    INVITED = "invited"
    DEACTIVATED = "deactivated"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Sought:
    """`team` is an ID, 0 for people in none; `role` is None for any, and "" for people without one."""

    text: str = ""
    role: str | None = None
    team: int | None = None
    shown: Shown = Shown.HERE


@dataclass(frozen=True, kw_only=True)
class Page:
    """`more`: the name after which the list goes on; empty where it ends."""

    rows: list[User]
    more: str


@dataclass(frozen=True, kw_only=True)
class Waits:
    """What waits for somebody, each counted up to 100: nobody counts on, and a page need not either."""

    to_decide: int
    asked_for: int
    questions: int
    in_review: int
    prefixes: int

    @property
    def is_any(self) -> bool:
        return any((self.to_decide, self.asked_for, self.questions, self.in_review, self.prefixes))


def page(sought: Sought, *, after: str = "") -> Page:
    """By name, `PAGE` at a time."""
    rows = _sought(sought).filter(username__gt=after).order_by("username").prefetch_related("groups", "teams")
    found = list(rows[: PAGE + 1])
    return Page(rows=found[:PAGE], more=found[PAGE - 1].username if len(found) > PAGE else "")


def one(username: str) -> User:
    """Raises User.DoesNotExist."""
    return User.objects.prefetch_related("groups", "teams").get(username=username)


def waits(person: User) -> Waits:
    actor = actor_for(person, origin=Origin())
    reviewed = Item.objects.filter(held_by=actor.author.key).exclude(state=ItemState.CLOSED)
    return Waits(
        to_decide=mitigations.count_awaiting(actor) if Role.APPROVER in actor.roles else 0,
        asked_for=_some(Mitigation.objects.open().filter(requested_by=person)),
        questions=reviews.count_questions(actor),
        in_review=_some(reviewed),
        prefixes=_some(ProtectedPrefix.objects.filter(owner=person)),
    )


def _some(rows: QuerySet) -> int:  # type: ignore[type-arg] # of whatever rows
    return rows.order_by()[:_MANY].count()


_SHOWN = {
    Shown.HERE: Q(is_active=True),
    Shown.INVITED: Q(is_active=True, invited_at__isnull=False, last_login=None),
    Shown.DEACTIVATED: Q(is_active=False),
    Shown.ALL: Q(),
}


def _sought(sought: Sought) -> QuerySet[User]:
    people = named(sought.text).filter(_SHOWN[sought.shown])
    if sought.role is not None:
        roles = [role.value for role in Role]
        people = people.filter(groups__name=sought.role) if sought.role else people.exclude(groups__name__in=roles)
    if sought.team is not None:
        people = people.filter(teams=sought.team or None)
    return people
