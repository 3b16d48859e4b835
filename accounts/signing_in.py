"""Signing in by name and password, and what of it the audit log is told.

Strangers must not be able to fill the log. A first failure is told at once; those that follow are counted, and told
together after a while, with how many they were and from how many addresses.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest

from accounts import counting, events, factors, sessions
from accounts.access import may_sign_in_locally
from accounts.attempts import Bucket, Limits, Place, address_bucket, choices, network_of
from accounts.authority import Actor
from accounts.models import FailedTries, User
from accounts.selectors import author_of
from audit.author import Origin
from audit.ledger import recorded
from audit.refusal import Forbidden, Objection

What = FailedTries.What
logger = logging.getLogger(__name__)

# Between two events of the same account's failures.
TOLD_EVERY = timedelta(minutes=10)
_ADDRESSES_KEPT = 20
# Of sign-ins that failed in a row, the third wants a look, and then whenever they are ten times as many.
_WANT_A_LOOK = (3, 10, 100, 1_000, 10_000, 100_000)
_WRONG = {What.PASSWORD: "The password was wrong", What.CODE: "The second factor was wrong"}


class Verdict(StrEnum):
    """What became of a try. `LOCKED`: too many have failed from here, or for this account in places where it is not
    known; a code of its second factor beside the password may still open it.
    """

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True)
class Try:
    username: str
    password: str
    # Of the second factor; only looked at when the account is locked.
    code: str = ""
    # The marks of this browser, by the numbers of the accounts that were signed in here before.
    browsers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`user` when it was right; `factor` when their second factor was given along."""

    verdict: Verdict
    user: User | None = None
    factor: Authenticator | None = None


def try_password(request: HttpRequest, tried: Try, *, origin: Origin, at: datetime) -> Outcome:
    """Whether name and password fit together, counted before they are looked at. One answer for everything wrong."""
    known = User.objects.filter(username=tried.username).first()
    place = place_of(known, tried.browsers, origin=origin, at=at)
    taken = counting.take(choices(tried.username.casefold(), place, limits()))
    if taken is None:
        return _try_locked(request, tried, known, origin=origin, at=at)
    user = _authenticated(request, tried)
    if user is None:
        record_failed_sign_in(username=tried.username, origin=origin, at=at)
        return Outcome(verdict=Verdict.WRONG)
    counting.give_back(taken)
    return Outcome(verdict=Verdict.RIGHT, user=user)


def try_code(user: User, code: str, browsers: Mapping[str, str], *, origin: Origin, at: datetime) -> Outcome:
    """The code of somebody whose password was right, counted as passwords are, and apart from them."""
    place = place_of(user, browsers, origin=origin, at=at)
    taken = counting.take(choices(f"code:{user.pk}", place, limits()))
    if taken is None:
        return Outcome(verdict=Verdict.LOCKED)
    factor = factors.matching(user, code)
    if factor is None:
        record_failed_sign_in(username=user.username, origin=origin, at=at, what=What.CODE)
        return Outcome(verdict=Verdict.WRONG)
    counting.give_back(taken)
    return Outcome(verdict=Verdict.RIGHT, user=user, factor=factor)


def try_proof(user: User, *, where: str, origin: Origin, at: datetime, password: str = "", code: str = "") -> Verdict:
    """The password or the code of somebody who is signed in, once more: counted in the session `where` they are, which
    nobody else has.
    """
    bucket = Bucket(key=f"proof:{user.pk}:{where}", most=settings.TRIES_PER_ACCOUNT, within=settings.TRIES_WITHIN)
    taken = counting.take([[bucket]])
    if taken is None:
        return Verdict.LOCKED
    if not (factors.matching(user, code) if code else user.check_password(password)):
        what = What.CODE if code else What.PASSWORD
        record_failed_sign_in(username=user.username, origin=origin, at=at, what=what)
        return Verdict.WRONG
    counting.give_back(taken)
    return Verdict.RIGHT


def _try_locked(request: HttpRequest, tried: Try, known: User | None, *, origin: Origin, at: datetime) -> Outcome:
    """The right code and the right password together, or nothing: neither is told apart, so neither can be guessed by
    itself. Only the limit of the address counts, for nobody else's tries may be in its way.
    """
    taken = counting.take([[address_bucket(network_of(origin.ip), limits())]]) if tried.code else None
    user = _authenticated(request, tried) if taken is not None else None
    factor = factors.matching(known, tried.code) if taken is not None and known is not None else None
    if taken is None or user is None or factor is None:
        record_failed_sign_in(username=tried.username, origin=origin, at=at)
        return Outcome(verdict=Verdict.LOCKED)
    counting.give_back(taken)
    return Outcome(verdict=Verdict.RIGHT, user=user, factor=factor)


def _authenticated(request: HttpRequest, tried: Try) -> User | None:
    """Takes as long for a name that nobody has as for any other."""
    user = authenticate(request, username=tried.username, password=tried.password)
    return user if isinstance(user, User) and may_sign_in_locally(user) else None


def place_of(user: User | None, browsers: Mapping[str, str], *, origin: Origin, at: datetime) -> Place:
    """Where a try comes from, as far as this account is concerned; nobody's account is known nowhere."""
    network = network_of(origin.ip)
    if user is None:
        return Place(network=network)
    is_known = sessions.knows_network(person=user.pk, network=network, at=at)
    return Place(network=network, browser=browsers.get(str(user.pk), ""), is_known=is_known)


def limits() -> Limits:
    return Limits(
        per_account=settings.TRIES_PER_ACCOUNT, per_address=settings.TRIES_PER_ADDRESS, within=settings.TRIES_WITHIN
    )


def record_sign_in(*, by: Actor, at: datetime, how: str = "") -> None:
    """What failed before it and was not told yet is told first."""
    assert by.id is not None, "only people sign in"
    tell_failures(user_id=by.id, at=at)
    FailedTries.objects.filter(user_id=by.id).delete()
    with recorded(events.SIGNED_IN, subject=by.username, by=by.author, at=at) as record:
        record.facts = {"how": how} if how else {}
        if by.username in settings.EMERGENCY_ACCOUNTS:
            record.review = events.EMERGENCY


def record_sign_out(*, by: Actor, at: datetime) -> None:
    with recorded(events.SIGNED_OUT, subject=by.username, by=by.author, at=at):
        pass


def record_failed_sign_in(*, username: str, origin: Origin, at: datetime, what: What = What.PASSWORD) -> None:
    """Every failure is logged; of an account that there is, the audit log is told as the module says."""
    logger.warning("A sign-in failed.", extra={"ip": origin.ip})
    user = User.objects.filter(username=username).first() if "\x00" not in username else None
    if user is None:
        return
    with transaction.atomic():
        first = {"told_at": at - TOLD_EVERY}
        row, _ = FailedTries.objects.select_for_update().get_or_create(user=user, what=what, defaults=first)
        row.in_a_row += 1
        row.untold += 1
        row.untold_from = sorted({*row.untold_from, origin.ip})[:_ADDRESSES_KEPT]
        row.save()
    if at - row.told_at >= TOLD_EVERY:
        _tell(row.pk, origin=origin, at=at)


def tell_failures(*, user_id: int | None = None, at: datetime) -> None:
    """Tell what is not told yet: of one account all, of everybody what has waited long enough."""
    rows = FailedTries.objects.filter(untold__gt=0)
    waiting = rows.filter(told_at__lte=at - TOLD_EVERY) if user_id is None else rows.filter(user_id=user_id)
    for pk in waiting.values_list("pk", flat=True):
        _tell(pk, origin=Origin(), at=at)


def _tell(pk: int, *, origin: Origin, at: datetime) -> None:
    """One event for all that is untold. Of several processes one tells it."""
    with transaction.atomic():
        row = FailedTries.objects.select_for_update().select_related("user").get(pk=pk)
        told = FailedTries.objects.filter(pk=pk, untold__gt=0)
        if not told.update(untold=0, untold_from=[], told_at=at):
            return
    by = author_of(row.user, origin=origin)
    try:
        with recorded(events.SIGNED_IN, subject=row.user.username, by=by, at=at) as record:
            record.review = events.SIGN_INS if _wants_a_look(row) else None
            record.detail = {"from": list(row.untold_from)} if row.untold > 1 else {}
            raise Forbidden([Objection(code="credentials", sentence=_sentence(row))])
    except Forbidden:
        return


def _sentence(row: FailedTries) -> str:
    wrong = _WRONG[What(row.what)]
    if row.untold == 1:
        return f"{wrong}."
    places = len(row.untold_from)
    sources = "one address" if places == 1 else f"{'at least ' * (places == _ADDRESSES_KEPT)}{places} addresses"
    return f"{wrong} {row.untold} times, from {sources}."


def _wants_a_look(row: FailedTries) -> bool:
    return any(row.in_a_row - row.untold < place <= row.in_a_row for place in _WANT_A_LOOK)
