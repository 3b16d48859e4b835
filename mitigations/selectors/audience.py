"""Whom something about a mitigation concerns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum

from django.db.models import QuerySet

from accounts.authority import Deed
from accounts.models import User
from accounts.selectors import holders
from mitigations.models import Mitigation


class Audience(StrEnum):
    REQUESTER = "whoever asked"
    DECIDERS = "those who may decide on it"
    APPROVERS = "everybody who may approve"
    SETTLERS = "everybody who may settle it"


def people(audiences: Collection[Audience], mitigation: Mitigation) -> list[User]:
    """Everybody active in any of these audiences, once. Whoever asked is in none but their own."""
    found = {person.pk: person for audience in audiences for person in _OF[audience](mitigation)}
    return [found[key] for key in sorted(found)]


def asked(key: str) -> list[User]:
    """The person of this key, as events name them, if they are active."""
    return list(User.objects.filter(pk=key.removeprefix("user:"), is_active=True))


def _requester(mitigation: Mitigation) -> QuerySet[User]:
    return User.objects.filter(pk=mitigation.requested_by_id, is_active=True)


def _others(deed: Deed) -> Callable[[Mitigation], QuerySet[User]]:
    return lambda mitigation: holders(deed).exclude(pk=mitigation.requested_by_id)


def _deciders(mitigation: Mitigation) -> QuerySet[User]:
    """Approvers; where a team must approve, only its members, for nobody else's word would count."""
    approvers = _others(Deed.APPROVE)(mitigation)
    team = mitigation.approving_team_id
    return approvers if team is None else approvers.filter(teams=team)


_OF: Mapping[Audience, Callable[[Mitigation], QuerySet[User]]] = {
    Audience.REQUESTER: _requester,
    Audience.DECIDERS: _deciders,
    Audience.APPROVERS: _others(Deed.APPROVE),
    Audience.SETTLERS: _others(Deed.SETTLE),
}
