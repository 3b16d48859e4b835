"""Tokens of the API: made, used, revoked.

A token speaks for its owner and is bounded by its scopes: whatever it does, `accounts.authority.may` decides, by the
roles that the owner has at that moment.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.db.models import Q, QuerySet

from accounts import bearer, events
from accounts.admission import NotAdmitted, Pass, must_be_within
from accounts.authority import Actor, Deed, Scope, demand, may
from accounts.models import ApiToken, TokenNetwork, User
from accounts.selectors import actor_for
from audit.author import Origin
from audit.ledger import recorded
from audit.refusal import Conflict, Forbidden, Objection, Unacceptable

# More than these of one person are no automations any more, but a heap that nobody looks through.
MOST = 20
_NOTED_EVERY = timedelta(minutes=1)
# One household or office is one network, whichever address of it answers.
_NETWORK = {4: 24, 6: 48}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants a token for. `networks` are canonical prefixes; none: from anywhere."""

    name: str
    purpose: str
    scopes: frozenset[Scope]
    networks: tuple[str, ...]
    lasts: timedelta


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new token, and its text, which is nowhere else."""

    token: ApiToken
    text: str


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """Whoever came with a token, as they are at this moment. `caller`: see `Pass`."""

    token: ApiToken
    actor: Actor
    caller: str


def make(*, wish: Wish, longest: timedelta, by: Actor, at: datetime) -> Made:
    """Make a token for oneself. Raises Forbidden, Unacceptable, or Conflict for a name that one of theirs has."""
    subject = called(wish.name, by.username)
    with recorded(events.TOKEN_MADE, subject=subject, by=by.author, at=at) as record:
        demand(by, Deed.MAKE_TOKEN)
        assert by.id is not None, "only people make tokens"
        if objections := _against(wish, longest=longest):
            raise Unacceptable(objections)
        _must_have_room(wish, by.id, at=at)
        text = bearer.make()
        token = _write(wish, text, owner_id=by.id, at=at)
        record.facts = {
            "token": token.beginning,
            "scopes": ", ".join(token.scopes),
            "networks": ", ".join(token.networks) or "anywhere",
            "until": f"{token.expires_at:%Y-%m-%d}",
        }
        record.detail = {"note": wish.purpose}
    return Made(token=token, text=text)


def demand_maker(*, by: Actor, at: datetime) -> None:
    """Raise Forbidden and record it, unless the actor may make tokens: the door is shut before the form is read."""
    if objections := may(by, Deed.MAKE_TOKEN):
        with recorded(events.TOKEN_MADE, subject="a token", by=by.author, at=at):
            raise Forbidden(objections)


def revoke(*, id: int, by: Actor, at: datetime) -> ApiToken:
    """End a token at once: an own one, or as an administrator anybody's. Raises Conflict when it has ended already,
    Forbidden, and ObjectDoesNotExist for administrators alone: nobody else learns which numbers there are.
    """
    with recorded(events.TOKEN_REVOKED, subject="a token", by=by.author, at=at) as record:
        token = _to_revoke(id, by)
        owner = User.objects.get(pk=token.owner_id)
        record.subject = called(token.name, owner.username)
        record.facts = {"token": token.beginning, "by_another": token.owner_id != by.id}
        if token.revoked_at is not None:
            raise Conflict([Objection(code="revoked-already", sentence="This token was revoked already.")])
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
    return token


def _to_revoke(id: int, by: Actor) -> ApiToken:
    tokens = ApiToken.objects.select_for_update()
    if by.scopes is not None or not tokens.filter(pk=id, owner_id=by.id).exists():
        demand(by, Deed.ADMINISTER)
    return tokens.get(pk=id)


def silence(*, owner_id: int, at: datetime) -> int:
    """End all tokens of somebody, inside the transaction of whoever deactivates them; how many. Without it they are
    dead as well, but would come back with their owner.
    """
    return ApiToken.objects.filter(owner_id=owner_id, revoked_at=None).update(revoked_at=at)


def own(actor: Actor, *, at: datetime) -> list[ApiToken]:
    """Those that live, the newest first, then the last ones that have ended."""
    tokens = ApiToken.objects.filter(owner_id=actor.id)
    return [*_living(tokens, at), *tokens.exclude(_lives(at))[:MOST]]


def of_others(actor: Actor, *, at: datetime) -> list[ApiToken]:
    """Those that live and are somebody else's, at most 200, for administrators."""
    demand(actor, Deed.ADMINISTER)
    return list(_living(ApiToken.objects.exclude(owner_id=actor.id), at).select_related("owner")[:200])


def admit(text: str, *, origin: Origin, at: datetime) -> Admitted:
    """Whoever comes with this token, from there, now. Raises NotAdmitted.

    Where it was never used from is an event, and so is a try from where it must not be used.
    """
    if not bearer.is_token(text):
        raise NotAdmitted("unknown-token", "This is no token of this portal.")
    token = ApiToken.objects.select_related("owner").filter(sha256=bearer.hashed(text)).first()
    if token is None:
        raise NotAdmitted("unknown-token", "This is no token of this portal.")
    _must_live(token, at)
    actor = _speaking_by(token, origin)
    subject = called(token.name, actor.username)
    shown = Pass(kind="token", id=token.pk, networks=token.networks, subject=subject, deed=events.TOKEN_USED)
    must_be_within(shown, by=actor.author, at=at)
    _note_use(token, actor, at)
    return Admitted(token=token, actor=actor, caller=shown.caller)


def as_of_now(admitted: Admitted, *, at: datetime) -> Actor:
    """Whoever came, as they are by now: a call that has waited is answered to nobody who lost the right meanwhile.
    Raises NotAdmitted.
    """
    token = ApiToken.objects.select_related("owner").get(pk=admitted.token.pk)
    _must_live(token, at)
    return _speaking_by(token, admitted.actor.origin)


def called(name: str, username: str) -> str:
    """What the log calls a token."""
    return f"the token “{name}” of {username}"


def _speaking_by(token: ApiToken, origin: Origin) -> Actor:
    return replace(actor_for(token.owner, origin=origin), scopes=token.granted, token=token.name)


def _lives(at: datetime) -> Q:
    return Q(revoked_at=None, expires_at__gt=at)


def _living(tokens: QuerySet[ApiToken], at: datetime) -> QuerySet[ApiToken]:
    return tokens.filter(_lives(at))


def _against(wish: Wish, *, longest: timedelta) -> list[Objection]:
    found = []
    if not wish.scopes:
        found.append(Objection(code="scopes", sentence="Say what it is to be for: choose at least one scope."))
    if not timedelta() < wish.lasts <= longest:
        found.append(Objection(code="lasts", sentence=f"A token lasts at least 1 day and at most {longest.days}."))
    return found


def _must_have_room(wish: Wish, owner_id: int, *, at: datetime) -> None:
    # Locked, so that two windows do not pass the limit together.
    User.objects.select_for_update().get(pk=owner_id)
    standing = ApiToken.objects.filter(owner_id=owner_id, revoked_at=None)
    if standing.filter(name=wish.name).exists():
        sentence = f"You have a token named {wish.name} already. Choose another name, or revoke that one first."
        raise Conflict([Objection(code="name", sentence=sentence)])
    if _living(standing, at).count() >= MOST:
        raise Conflict([Objection(code="too-many", sentence=f"You have {MOST} tokens. Revoke one first.")])


def _write(wish: Wish, text: str, *, owner_id: int, at: datetime) -> ApiToken:
    return ApiToken.objects.create(
        owner_id=owner_id,
        name=wish.name,
        purpose=wish.purpose,
        beginning=bearer.beginning(text),
        sha256=bearer.hashed(text),
        scopes=[scope.value for scope in Scope if scope in wish.scopes],
        networks=list(wish.networks),
        made_at=at,
        expires_at=at + wish.lasts,
    )


def _must_live(token: ApiToken, at: datetime) -> None:
    if token.revoked_at is not None:
        raise NotAdmitted("revoked-token", "This token was revoked.")
    if not token.owner.is_active:
        raise NotAdmitted("owner-gone", "The account that this token belongs to is switched off.")
    if token.is_over(at):
        raise NotAdmitted("expired-token", f"This token expired on {token.expires_at:%Y-%m-%d}. Make another one.")


def _note_use(token: ApiToken, actor: Actor, at: datetime) -> None:
    network = _network_of(actor.origin.ip)
    if network and network != token.last_network:
        _note_network(token, actor, network, at)
    elif token.last_used_at is not None and at < token.last_used_at + _NOTED_EVERY:
        return
    used = {"last_used_at": at, "last_used_from": actor.origin.ip, "last_network": network}
    ApiToken.objects.filter(pk=token.pk).update(**used)


def _note_network(token: ApiToken, actor: Actor, network: str, at: datetime) -> None:
    """An event, the first time; two calls in the same moment make one."""
    before: list[str] = list(token.seen.values_list("network", flat=True))
    if network in before:
        return
    try:
        with recorded(events.TOKEN_USED, subject=called(token.name, actor.username), by=actor.author, at=at) as record:
            TokenNetwork.objects.create(token=token, network=network, first_at=at)
            # Within the networks that its owner named, another one is no news.
            record.facts = {"network": network, "elsewhere": bool(before) and not token.networks}
    except IntegrityError:
        return


def _network_of(ip: str) -> str:
    if not ip:
        return ""
    address = ipaddress.ip_address(ip)
    return str(ipaddress.ip_network(f"{address}/{_NETWORK[address.version]}", strict=False))
