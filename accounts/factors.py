"""Second factors: an authenticator app, passkeys, recovery codes. allauth keeps and checks them; each change is a deed.

What must be kept secret of them is encrypted (`accounts.secrets`).
"""

from __future__ import annotations

import logging
from datetime import datetime

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.db import transaction

from accounts import events, secrets, sessions
from accounts.access import factors_of, has_factor
from accounts.authority import Actor, Deed, demand
from accounts.models import User
from accounts.secrets import UnreadableError
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable

logger = logging.getLogger(__name__)

_CODES, _APP, _PASSKEY = Authenticator.Type.RECOVERY_CODES, Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN


def matching(user: User, code: str) -> Authenticator | None:
    """The factor that a code belongs to, which is used up by it: that of the app, or else a recovery code."""
    for factor in Authenticator.objects.filter(user=user, type__in=[_APP, _CODES]).order_by("-type"):
        try:
            if factor.wrap().validate_code(code):
                return factor
        except UnreadableError as error:
            logger.error("A second factor cannot be read: %s", error)
    return None


def address_of(user: User, secret: str) -> str:
    """What an app reads from the QR code."""
    return str(get_adapter().build_totp_url(user, secret))


def add_app(*, secret: str, by: Actor, at: datetime) -> None:
    """The app that holds `secret`. Raises Conflict when there is one already."""
    user = _person(by)
    with recorded(events.FACTOR_ADDED, subject=by.username, by=by.author, at=at) as record:
        record.facts = {"factor": "an authenticator app"}
        if Authenticator.objects.filter(user=user, type=_APP).exists():
            raise Conflict([Objection(code="there-already", sentence="You have an authenticator app already.")])
        TOTP.activate(user, secret)


def add_passkey(*, name: str, credential: dict[str, object], by: Actor, at: datetime) -> None:
    """`credential` is what the browser made, checked by the form."""
    with recorded(events.FACTOR_ADDED, subject=by.username, by=by.author, at=at) as record:
        record.facts = {"factor": "a passkey"}
        record.detail = {"name": name}
        WebAuthn.add(_person(by), name, credential)


def make_codes(*, by: Actor, at: datetime) -> list[str]:
    """New recovery codes, in place of those that there were. Raises Unacceptable without a factor beside them."""
    user = _person(by)
    with recorded(events.CODES_MADE, subject=by.username, by=by.author, at=at):
        if not has_factor(user.pk):
            sentence = "Recovery codes stand in for a second factor: set one up first."
            raise Unacceptable([Objection(code="no-factor", sentence=sentence)])
        User.objects.select_for_update().get(pk=user.pk)
        Authenticator.objects.filter(user=user, type=_CODES).delete()
        codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


def remove(*, id: int, must_have_one: bool, by: Actor, at: datetime) -> None:
    """Remove an own app or passkey. Recovery codes go with the last of them.

    Raises Unacceptable for the last one of somebody whose role demands one.
    """
    me = _person(by)
    factor = Authenticator.objects.get(pk=id, user=me, type__in=[_APP, _PASSKEY])
    with recorded(events.FACTOR_REMOVED, subject=by.username, by=by.author, at=at) as record:
        record.facts = {"factor": "an authenticator app" if factor.type == _APP else "a passkey"}
        User.objects.select_for_update().get(pk=me.pk)
        others = Authenticator.objects.filter(user=me).exclude(pk=id)
        is_last = not others.exclude(type=_CODES).exists()
        if is_last and must_have_one:
            sentence = "Your role demands a second factor: add another one before you remove this."
            raise Unacceptable([Objection(code="last", sentence=sentence)])
        factor.delete()
        if is_last:
            others.delete()


def reset_factors(*, username: str, note: str, by: Actor, at: datetime) -> None:
    """For somebody who has lost theirs: take all of them away, and end their sessions, for whoever found the phone may
    use one. By an administrator, who has made sure who is asking.

    Raises Forbidden for anybody else, Conflict when there is none.
    """
    user = User.objects.get(username=username)
    with recorded(events.FACTORS_RESET, subject=username, by=by.author, at=at) as record:
        names = factors_of([user.pk])[user.pk]
        record.facts, record.detail = {"factors": ", ".join(names) or "none"}, {"note": note}
        demand(by, Deed.MANAGE_PEOPLE)
        if not names:
            raise Conflict([Objection(code="no-factor", sentence=f"{username} has no second factor.")])
        Authenticator.objects.filter(user=user).delete()
        sessions.end_all(user.pk)


def rotate_keys() -> int:
    """Encrypt every secret by the first key; how many there were. All of them, or none when one cannot be read."""
    with transaction.atomic():
        rows = list(Authenticator.objects.select_for_update().filter(type__in=[_APP, _CODES]))
        for row in rows:
            for name in ("secret", "seed"):
                if name in row.data:
                    row.data[name] = secrets.rotate(row.data[name], settings.FACTOR_KEYS)
            row.save(update_fields=["data"])
    return len(rows)


def _person(by: Actor) -> User:
    assert by.id is not None, "only people have second factors"
    return User.objects.get(pk=by.id)
