"""The fixed cast.

dana asks and may break the glass, lee and kim approve, ana audits, max administers, eve has an account and no role.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group

from accounts.authority import Actor, Role
from accounts.models import User
from accounts.selectors import actor_for
from audit.author import Origin

ROLES: dict[str, tuple[Role, ...]] = {
    "dana": (Role.REQUESTER, Role.BREAK_GLASS),
    "lee": (Role.APPROVER,),
    "kim": (Role.APPROVER,),
    "ana": (Role.AUDITOR,),
    "max": (Role.ADMINISTRATOR,),
    "eve": (),
}


@dataclass(frozen=True)
class Cast:
    dana: User
    lee: User
    kim: User
    ana: User
    max: User
    eve: User


def make_person(name: str, roles: Iterable[Role] = ()) -> User:
    """Without a usable password: tests sign in by `client.force_login`, and hashing would be most of the run."""
    user = User.objects.create_user(name, first_name=name.capitalize())
    user.groups.set(Group.objects.filter(name__in=list(roles)))
    return user


def make_cast() -> Cast:
    return Cast(**{name: make_person(name, roles) for name, roles in ROLES.items()})


def acting(user: User) -> Actor:
    return actor_for(user, origin=Origin(request_id="test", ip="192.0.2.99", user_agent="pytest"))
