"""Rows that lie on the axis of addresses: `family`, `first` and `last` (16 bytes each) and `length`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from mitigations.policies.network import Prefix, on_axis

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class AxisQuerySet(models.QuerySet[_Row]):
    """Prefixes nest or are disjoint, so each question is range scans or points of one index on (first, last)."""

    def overlapping(self, prefix: Prefix) -> Self:
        """Rows that share an address with `prefix`: they start inside it, or are one of its at most 129 supernets."""
        inside = Q(first__gte=on_axis(prefix.first), first__lte=on_axis(prefix.last))
        starts = [on_axis(start) for start in prefix.supernet_starts()]
        around = Q(first__in=starts, last__gte=on_axis(prefix.first))
        return self.filter(inside | around, family=prefix.family)

    def near(self, prefixes: Sequence[Prefix]) -> Self:
        """Rows that may overlap any of these, and a few that start where a supernet of one starts: ask each prefix."""
        starts = {start for prefix in prefixes for start in prefix.supernet_starts()}
        near = Q(first__in=[on_axis(start) for start in sorted(starts)])
        for prefix in prefixes:
            if not prefix.is_host:
                near |= Q(first__gt=on_axis(prefix.first), first__lte=on_axis(prefix.last))
        return self.filter(near)


def place(prefix: Prefix) -> dict[str, Any]:
    """The columns that say where a prefix lies."""
    return {
        "family": prefix.family,
        "first": on_axis(prefix.first),
        "last": on_axis(prefix.last),
        "length": prefix.length,
    }
