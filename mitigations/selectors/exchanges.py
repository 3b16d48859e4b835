"""Exchanges with Kentik: about one mitigation, or all of them as the log that they are."""

from __future__ import annotations

from audit import chaining
from mitigations.models import Exchange, Mitigation


def of(reference: str, *, before: int | None, count: int) -> tuple[list[Exchange], int | None]:
    """The newest ones, or those before a number, and the number to go on from, None at the end.

    Raises Mitigation.DoesNotExist.
    """
    found = Exchange.objects.filter(mitigation=Mitigation.objects.referred(reference)).order_by("-number")
    if before is not None:
        found = found.filter(number__lt=before)
    rows = list(found[: count + 1])
    return rows[:count], rows[count - 1].number if len(rows) > count else None


def following(*, after: int, up_to: int, count: int) -> list[Exchange]:
    """Those behind a number, oldest first."""
    return list(Exchange.objects.filter(number__gt=after, number__lte=up_to).order_by("number")[:count])


def head() -> int:
    """The number of the newest one; 0 before the first."""
    return chaining.head(Exchange).number
