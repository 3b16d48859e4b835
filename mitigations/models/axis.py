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

    def inside(self, prefix: Prefix) -> Self:
        """Rows of this prefix, and of everything in it."""
        return self.filter(_starting_in(prefix), last__lte=on_axis(prefix.last), family=prefix.family)

    def covering(self, prefix: Prefix) -> Self:
        """Rows of this prefix, and of everything that holds it."""
        return self.filter(first__in=_starts(prefix), last__gte=on_axis(prefix.last), family=prefix.family)

    def narrower(self, prefix: Prefix) -> Self:
        """Rows that lie inside it, without itself."""
        return self.inside(prefix).exclude(_ends(prefix))

    def wider(self, prefix: Prefix) -> Self:
        """Rows that hold it, without itself."""
        return self.covering(prefix).exclude(_ends(prefix))

    def exactly(self, prefix: Prefix) -> Self:
        """Rows of this very prefix. Without `length`, which the index does not hold and the two ends imply."""
        return self.filter(_ends(prefix), family=prefix.family)


def _touching(prefix: Prefix) -> Q:
    return Q(_starting_in(prefix) | _around(prefix), family=prefix.family)


def _starting_in(prefix: Prefix) -> Q:
    return Q(first__gte=on_axis(prefix.first), first__lte=on_axis(prefix.last))


def _around(prefix: Prefix) -> Q:
    """What starts where a supernet does and ends behind the prefix's first address holds all of it."""
    return Q(first__in=_starts(prefix), last__gte=on_axis(prefix.first))


def _starts(prefix: Prefix) -> list[bytes]:
    return [on_axis(start) for start in prefix.supernet_starts()]


def _ends(prefix: Prefix) -> Q:
    return Q(first=on_axis(prefix.first), last=on_axis(prefix.last))


def place(prefix: Prefix) -> dict[str, Any]:
    """The columns that say where a prefix lies."""
    return {
        "family": prefix.family,
        "first": on_axis(prefix.first),
        "last": on_axis(prefix.last),
        "length": prefix.length,
    }
