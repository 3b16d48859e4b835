from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.db import models
from django.utils import timezone

from accounts import events
from accounts.authority import COMMAND_LINE, Role
from audit.ledger import recorded


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

    objects: ClassVar[PortalUserManager] = PortalUserManager()

    def __str__(self) -> str:
        return self.username

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Never: `accounts.authority.may` alone says what people may do. Django would let a superuser do anything."""
        return False

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False
