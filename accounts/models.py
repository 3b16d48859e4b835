from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.db import models
from django.utils import timezone

from accounts import events, rights, zones
from accounts.authority import COMMAND_LINE, PEOPLE, Role
from accounts.rights import State
from accounts.token_models import ApiToken, KeptAnswer, Tally, TokenNetwork
from audit.ledger import recorded

__all__ = [
    "ApiToken",
    "Expected",
    "FailedTries",
    "KeptAnswer",
    "KnownNetwork",
    "OpenSession",
    "PortalUserManager",
    "Tally",
    "TokenNetwork",
    "User",
]


class PortalUserManager(UserManager["User"]):
    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: object
    ) -> User:
        """The first administrator, from `manage.py createsuperuser`. The superuser bit itself gives no right."""
        with recorded(events.ENROLLED, subject=username, by=COMMAND_LINE.author, at=timezone.now()) as record:
            user = super().create_superuser(username, email, password, **extra)
            user.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
            record.facts = {"roles": Role.ADMINISTRATOR.value}
        return user


class User(AbstractUser):
    """A person. Never deleted, only deactivated: mitigations, decisions and events name them."""

    # Kinds of messages that this person does not want. Kept as what is switched off, so that a new kind is on.
    muted = models.JSONField(default=list, blank=True)
    # How pages look to this person: their own taste, which leaves no event, for nobody else sees or suffers it.
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="A name such as Europe/Berlin; empty: the site's."
    )
    twelve_hours = models.BooleanField(default=False)
    shortcuts = models.BooleanField(default=True)

    # When they were last invited; empty: their account was made with a password, or they have set one since.
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Part of every session and invitation of this person: another one ends all of them at once.
    stamp = models.CharField(max_length=32, blank=True, editable=False)

    objects: ClassVar[PortalUserManager] = PortalUserManager()

    def __str__(self) -> str:
        return self.username

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def zone(self) -> ZoneInfo | None:
        """None: the site's, which also stands in for a zone that this machine does not know any more."""
        return zones.known(self.time_zone)

    @property
    def roles(self) -> frozenset[Role]:
        """What their groups say, whether or not the account is active; `selectors.actor_for` says what they may."""
        names = {group.name for group in self.groups.all()}
        return frozenset(role for role in PEOPLE if role in names)

    @property
    def roles_in_words(self) -> str:
        return rights.listed(self.roles)

    @property
    def state(self) -> State:
        if not self.is_active:
            return State.DEACTIVATED
        return State.INVITED if self.invited_at is not None and self.last_login is None else State.ACTIVE

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}{self.stamp}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (f"{former}{self.stamp}" for former in super().get_session_auth_fallback_hash())

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Never: `accounts.authority.may` alone says what people may do. Django would let a superuser do anything."""
        return False

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class OpenSession(models.Model):
    """A browser in which somebody is signed in. The session itself is Django's; without that one this is nothing."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="open_sessions")
    key = models.CharField(max_length=40, unique=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When they last did something, to the minute.")
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.user} since {self.begun_at}"


class KnownNetwork(models.Model):
    """Where somebody has signed in from: tries from there are counted apart from those of strangers."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="known_networks")
    network = models.CharField(max_length=43)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "network"], name="one_row_a_network")]

    def __str__(self) -> str:
        return f"{self.user} at {self.network}"


class FailedTries(models.Model):
    """Sign-ins of one account that failed since the last that went well, and what of it the log was not yet told."""

    class What(models.TextChoices):
        PASSWORD = "password"  # noqa: S105 (what failed)
        CODE = "code"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="failed_tries")
    what = models.CharField(max_length=8, choices=What)
    in_a_row = models.PositiveIntegerField(default=0)
    untold = models.PositiveIntegerField(default=0)
    # Where the untold ones came from, the first few of them.
    untold_from = models.JSONField(default=list)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "what"], name="one_row_of_failures")]

    def __str__(self) -> str:
        return f"{self.user}: {self.in_a_row}"


class Expected(models.Model):
    """An account that whoever the provider knows by this address, and vouches for, may take as theirs."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="expected")
    # In lower case: to the provider they are one.
    email = models.EmailField(unique=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} as {self.email}"
