"""The plan of addresses, as pages and forms need it, and what a change of it would touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import Case, IntegerField, Q, Value, When

from accounts.models import User
from mitigations.models import AddressSpace, Alarm, Mitigation, ProtectedPrefix, Team
from mitigations.policies.alarms import ONLY_IN_FORCE, ORDER
from mitigations.policies.lifecycle import IN_FORCE
from mitigations.policies.network import Prefix
from mitigations.policies.plan import Part

Range: TypeAlias = AddressSpace | ProtectedPrefix

MODELS: Mapping[Part, type[Range]] = {Part.PROTECTED: ProtectedPrefix, Part.SPACE: AddressSpace}
PAGE = 100
_LOUDEST_FIRST = Case(
    *(When(code=code.value, then=Value(place)) for place, code in enumerate(ORDER)),
    default=Value(len(ORDER)),
    output_field=IntegerField(),
)


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: list[Range]
    older: int | None


def page(part: Part, *, after: int = 0, inside: Prefix | None = None, size: int = PAGE) -> Page:
    """A page in the order in which they were added; `inside` shows only those that share an address with it."""
    rows = _related(part).order_by("pk").filter(pk__gt=after)
    if inside is not None:
        rows = rows.overlapping(inside)
    found = list(rows[: size + 1])
    return Page(rows=found[:size], older=found[size - 1].pk if len(found) > size else None)


def one(part: Part, id: int) -> Range:
    found: Range = _related(part).get(pk=id)
    return found


def is_empty(part: Part) -> bool:
    return not MODELS[part]._default_manager.exists()


def touched(prefixes: Iterable[Prefix]) -> list[Mitigation]:
    """The open mitigations that share an address with any of these, at most a hundred; what is in force comes first."""
    found: dict[int, Mitigation] = {}
    for prefix in prefixes:
        for mitigation in Mitigation.objects.open().overlapping(prefix)[:PAGE]:
            found[mitigation.pk] = mitigation
    return sorted(found.values(), key=lambda each: (each.status not in IN_FORCE, each.pk))[:PAGE]


def teams() -> list[Team]:
    return list(Team.objects.prefetch_related("members"))


def team_names() -> dict[int, str]:
    """By the number of the team, in the order of the names."""
    return dict(Team.objects.values_list("pk", "name"))


def team(id: int) -> Team:
    return Team.objects.get(pk=id)


def people() -> list[User]:
    return list(User.objects.filter(is_active=True).order_by("username"))


def alarms(about: Mitigation | None = None) -> list[Alarm]:
    """What nobody has settled, the loudest first: all of them, or those about one."""
    moot = Q(code__in=list(ONLY_IN_FORCE)) & ~Q(mitigation__status__in=IN_FORCE)
    standing = Alarm.objects.filter(settled_at=None).exclude(moot).select_related("mitigation__sighting")
    if about is not None:
        standing = standing.filter(mitigation=about)
    return list(standing.order_by(_LOUDEST_FIRST, "pk")[:PAGE])


def alarm(id: int) -> Alarm:
    return Alarm.objects.select_related("mitigation__sighting").get(pk=id)


def _related(part: Part) -> Any:  # one of two query sets, each with rows of its own kind
    if part is Part.PROTECTED:
        return ProtectedPrefix.objects.select_related("owner")
    return AddressSpace.objects.prefetch_related("teams")
