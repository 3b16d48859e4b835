"""People, as the rest of the portal needs to know them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Case, Q, QuerySet, When

from accounts.authority import GRANTS, Actor, Deed, Role
from accounts.models import User
from audit.author import Author, Origin

# Whoever was invited and has neither signed in nor set a password can do nothing yet, whatever roles they have.
HAS_COME = Q(invited_at=None) | Q(last_login__isnull=False)


def actor_for(user: User, *, origin: Origin) -> Actor:
    """The person as they are now: one query for their roles. Somebody deactivated has none."""
    names = set(user.groups.values_list("name", flat=True)) if user.is_active else set()
    roles = frozenset(role for role in Role if role in names and role is not Role.WORKER)
    return Actor(id=user.pk, username=user.username, name=user.name, roles=roles, origin=origin)


def author_of(user: User, *, origin: Origin) -> Author:
    """The same person as the log names them, without a query."""
    return Author(key=f"user:{user.pk}", name=user.username, origin=origin)


def still(ids: Collection[int], *roles: Role) -> frozenset[int]:
    """Those of `ids` who are active and hold all of these roles at this moment."""
    people = User.objects.filter(pk__in=ids, is_active=True)
    for role in roles:
        people = people.filter(groups__name=role)
    return frozenset(people.values_list("pk", flat=True))


def holders(deed: Deed) -> QuerySet[User]:
    """Everybody active, and not merely invited, whose roles allow this kind of deed."""
    grant = GRANTS[deed]
    people = User.objects.filter(HAS_COME, is_active=True, groups__name__in=grant.roles)
    for role in grant.besides:
        people = people.filter(groups__name=role)
    return people.distinct()


def person(actor: Actor) -> User:
    """The account of somebody who is signed in."""
    assert actor.id is not None, "only people sign in"
    return User.objects.get(pk=actor.id)


def named(text: str) -> QuerySet[User]:
    """Everybody in whose names each of these words begins one; whose username it is comes first."""
    people = User.objects.all()
    for word in text.split():
        begins = Q(username__istartswith=word) | Q(first_name__istartswith=word) | Q(last_name__istartswith=word)
        people = people.filter(begins)
    exact = Case(When(username__iexact=text, then=0), default=1)
    return people.order_by(exact, "username")


def user_id(username: str) -> int:
    """The number of an account, or one that nobody has."""
    found = User.objects.filter(username=username).values_list("pk", flat=True).first()
    return 0 if found is None else found
