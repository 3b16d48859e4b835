"""Passkeys, by allauth: what a browser is asked, and what its answer means.

Each is made for this portal's name, kept by its device so that it signs in alone, and used only after the device has
seen its person (a finger, a face, a PIN).
"""

from __future__ import annotations

import ipaddress
from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError

from accounts.access import may_sign_in_locally
from accounts.models import User


def ask_for_new(user: User) -> dict[str, Any]:
    return cast("dict[str, Any]", auth.begin_registration(user, True))


def is_new(credential: dict[str, Any]) -> bool:
    """Whether this answers what was asked by `ask_for_new`, and its device has seen its person."""
    try:
        auth.parse_registration_response(credential)
        return bool(auth.complete_registration(credential).is_user_verified())
    except (ValidationError, ValueError, KeyError, TypeError):
        return False


def ask_for_any() -> dict[str, Any]:
    return cast("dict[str, Any]", auth.begin_authentication(None))


def ask_for(user: User) -> dict[str, Any]:
    return cast("dict[str, Any]", auth.begin_authentication(user))


def of_anybody(credential: dict[str, Any]) -> Authenticator | None:
    """The passkey that answered, of somebody who may sign in here; it says itself whose it is."""
    try:
        user = cast("User", auth.extract_user_from_response(credential))
    except (ValidationError, ValueError, AttributeError):
        return None
    return of(user, credential) if user.is_active and may_sign_in_locally(user) else None


def of(user: User, credential: dict[str, Any]) -> Authenticator | None:
    """The passkey of this person that answered what was asked, whose device has seen its person."""
    try:
        answer = auth.parse_authentication_response(credential)
        found = auth.complete_authentication(user, credential)
    except (ValidationError, ValueError, KeyError, TypeError):
        return None
    return found if answer.response.authenticator_data.is_user_verified() else None


def fits(host: str) -> bool:
    """Whether browsers make passkeys for this name: an address by numbers is none."""
    name = host.rsplit(":", 1)[0].strip("[]")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return True
    return False
