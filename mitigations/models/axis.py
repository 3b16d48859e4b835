"""Rows that lie on the axis of addresses: `family`, `first` and `last` (16 bytes each) and `length`."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from mitigations.policies.network import Prefix, on_axis

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class AxisQuerySet(models.QuerySet[_Row]):
    """Prefixes nest or are disjoint, so each question is range scans or points of one index on (first, last)."""

    def overlapping(self, *prefixes: Prefix) -> Self:
        """Rows that share an address with any of these: they start inside one, or are one of its supernets."""
        return self.filter(reduce(or_, map(_touching, prefixes), Q(pk__in=[])))

    def narrower(self, prefix: Prefix) -> Self:
        """Rows that lie inside it, without itself. Told by what the index holds, and `length` is not in it."""
        itself = Q(first=on_axis(prefix.first), last=on_axis(prefix.last))
        return self.filter(_inside(prefix), ~itself, last__lte=on_axis(prefix.last), family=prefix.family)

    def wider(self, prefix: Prefix) -> Self:
        """Rows that hold it, without itself."""
        itself = Q(first=on_axis(prefix.first), last=on_axis(prefix.last))
        return self.filter(_around(prefix), ~itself, last__gte=on_axis(prefix.last), family=prefix.family)

    def exactly(self, prefix: Prefix) -> Self:
        """Rows of this very prefix. Without `length`, which the index does not hold and the two ends imply."""
        return self.filter(family=prefix.family, first=on_axis(prefix.first), last=on_axis(prefix.last))


def _touching(prefix: Prefix) -> Q:
    return Q(_inside(prefix) | _around(prefix), family=prefix.family)


def _inside(prefix: Prefix) -> Q:
    return Q(first__gte=on_axis(prefix.first), first__lte=on_axis(prefix.last))


def _around(prefix: Prefix) -> Q:
    starts = [on_axis(start) for start in prefix.supernet_starts()]
    return Q(first__in=starts, last__gte=on_axis(prefix.first))


def place(prefix: Prefix) -> dict[str, Any]:
    """The columns that say where a prefix lies."""
    return {
        "family": prefix.family,
        "first": on_axis(prefix.first),
        "last": on_axis(prefix.last),
        "length": prefix.length,
    }
