"""How people get in, as pages need to know it: second factors, sessions, sign-ins. Constant in queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Q

from accounts import browsers
from accounts.models import OpenSession, User

_NAMES = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}
# What counts as a second factor by itself. Recovery codes are what one has beside it.
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, kw_only=True)
class Session:
    """`is_here`: the one in which it is looked at."""

    id: int
    begun_at: datetime
    seen_at: datetime
    ip: str
    browser: str
    user_agent: str
    is_here: bool = False


@dataclass(frozen=True, kw_only=True)
class Factor:
    """`left`: how many of the recovery codes are not used up."""

    id: int
    kind: str
    name: str
    added_at: datetime
    used_at: datetime | None
    left: int = 0


def factor_rows(user_id: int) -> list[Factor]:
    """Each second factor of one person, the oldest first."""
    return [_row(each) for each in Authenticator.objects.filter(user_id=user_id).order_by("pk")]


def _row(row: Authenticator) -> Factor:
    kind = Authenticator.Type(row.type)
    return Factor(
        id=row.pk,
        kind=_NAMES[kind],
        name=str(row.data.get("name", "")),
        added_at=row.created_at,
        used_at=row.last_used_at,
        left=_codes_left(row.data) if kind is Authenticator.Type.RECOVERY_CODES else 0,
    )


def _codes_left(data: Mapping[str, int]) -> int:
    """A bit for each code that is used up; the codes themselves are nobody's to read again."""
    return int(settings.MFA_RECOVERY_CODE_COUNT) - data["used_mask"].bit_count()


def factors_of(user_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of each person's second factors ("authenticator app", "passkey", "recovery codes"); none: an empty
    list.
    """
    found: dict[int, set[str]] = {user_id: set() for user_id in user_ids}
    for user_id, kind in Authenticator.objects.filter(user_id__in=user_ids).values_list("user_id", "type"):
        found[user_id].add(_NAMES[Authenticator.Type(kind)])
    return {user_id: sorted(names) for user_id, names in found.items()}


def has_factor(user_id: int) -> bool:
    return bool(Authenticator.objects.filter(user_id=user_id, type__in=_FACTORS).exists())


def sessions_of(user_id: int, *, at: datetime, here: str | None = None) -> list[Session]:
    """Where somebody is signed in, the newest first; `here` is the key of the session that looks."""
    rows = OpenSession.objects.filter(_alive(at), user_id=user_id).order_by("-seen_at", "-pk")
    return [
        Session(
            id=row.pk,
            begun_at=row.begun_at,
            seen_at=row.seen_at,
            ip=row.ip or "",
            browser=browsers.named(row.user_agent),
            user_agent=row.user_agent,
            is_here=row.key == here,
        )
        for row in rows[:100]
    ]


def linked(user_ids: Collection[int]) -> frozenset[int]:
    """Those who sign in by the provider that there is now."""
    accounts = SocialAccount.objects.filter(provider=settings.OIDC_ISSUER, user_id__in=user_ids)
    return frozenset(accounts.values_list("user_id", flat=True)) if settings.OIDC_ISSUER else frozenset()


def may_sign_in_locally(user: User) -> bool:
    """By a password or passkey of the portal's. Whoever signs in by the provider does so there alone: it may have let
    them go. Emergency accounts are for when it is away.
    """
    if user.username in settings.EMERGENCY_ACCOUNTS:
        return True
    return bool(settings.LOCAL_SIGN_IN) and not linked([user.pk])


def _alive(at: datetime) -> Q:
    idle: timedelta = settings.SESSION_IDLE
    return Q(begun_at__gt=at - settings.SESSION_LONGEST, seen_at__gt=at - idle)
