"""The fixed cast.

dana asks and may break the glass, lee and kim approve, ana audits, max administers, eve has an account and no role.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts import sessions
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
    """Without a usable password: tests sign in by `browser_of`, and hashing would be most of the run."""
    user = User.objects.create_user(name, first_name=name.capitalize())
    user.groups.set(Group.objects.filter(name__in=list(roles)))
    return user


def make_cast() -> Cast:
    """All of them in three queries: nearly every test begins with it."""
    unsaved = [User(username=name, first_name=name.capitalize(), password=make_password(None)) for name in ROLES]
    people = {user.username: user for user in User.objects.bulk_create(unsaved)}
    groups = dict(Group.objects.values_list("name", "pk"))
    belongs = User.groups.through
    belongs.objects.bulk_create(
        belongs(user_id=people[name].pk, group_id=groups[role]) for name, roles in ROLES.items() for role in roles
    )
    return Cast(**people)


def browser_of(user: User, **options: bool) -> Client:
    """One in which somebody is signed in, with the session that `force_login` makes in a dozen queries more."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # It lasts, and whoever has it has proved who they are: other tests are about that.
    for_ever = datetime(2100, 1, 1, tzinfo=UTC)
    session["door"] = {"begun": for_ever.timestamp(), "seen": for_ever.timestamp(), "how": "password"}
    sessions.prove(session, at=for_ever)
    session.save()
    client = Client(**options)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def acting(user: User) -> Actor:
    return actor_for(user, origin=Origin(request_id="test", ip="192.0.2.99", user_agent="pytest"))
