"""The link by which somebody who was invited sets their password: valid once, for three days.

It is nowhere kept: it is made of the account as it is, and means nothing any more once that has a password, has signed
in, was signed out everywhere, was deactivated, or was invited anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.rights import State

if TYPE_CHECKING:
    from accounts.models import User


class _Tokens(PasswordResetTokenGenerator):
    key_salt = "breakwater.invitation"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        invited = user.invited_at.isoformat() if user.invited_at else ""
        return f"{super()._make_hash_value(user, timestamp)}{invited}{user.stamp}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        """By when they were invited: a link that the worker made later holds no longer for that."""
        until = ends_at(user) if user is not None and user.state is State.INVITED else None
        return until is not None and timezone.now() <= until and super().check_token(user, token)


tokens = _Tokens()


def path_for(person: User) -> str:
    return reverse("account:join", args=[urlsafe_base64_encode(force_bytes(person.pk)), tokens.make_token(person)])


def ends_at(person: User) -> datetime | None:
    """Until when a link that was made when they were last invited holds."""
    lasts = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return person.invited_at + lasts if person.invited_at else None
