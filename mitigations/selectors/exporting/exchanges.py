from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import QuerySet

from audit import chaining
from audit.chain import Head
from audit.models import What
from audit.spreadsheet import Value
from mitigations.models import Exchange
from mitigations.selectors.exporting import chained
from mitigations.selectors.exporting.source import Row

# What Kentik answered may be long.
_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class ExchangeFilter:
    """Which exchanges are wanted. `since` is the first moment wanted, `until` the first that is not."""

    since: datetime | None = None
    until: datetime | None = None
    mitigation: int | None = None
    purpose: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Exchanges:
    """Exchanges with Kentik that a filter lets through."""

    WHAT: ClassVar[What] = What.EXCHANGES
    HEADER: ClassVar[tuple[str, ...]] = (
        *("number", "started at", "mitigation", "attempt", "purpose", "method", "url", "status", "outcome"),
        *("milliseconds", "error", "request headers", "request body", "response headers", "response body"),
        *("response cut", "credentials refused", "redacted", "hash"),
    )
    wanted: ExchangeFilter

    @property
    def is_whole(self) -> bool:
        return self.wanted == ExchangeFilter()

    def newest(self) -> int:
        return chaining.head(Exchange).number

    def how_many(self, *, up_to: int) -> int | None:
        if self.is_whole:
            return chained.remaining(Exchange, up_to=up_to)
        found = self._wanted().filter(number__lte=up_to).order_by()[: chained.MOST_COUNTED + 1].count()
        return found if found <= chained.MOST_COUNTED else None

    def lines(self, *, after: int, up_to: int) -> list[Row]:
        return chained.lines(self._next(after, up_to))

    def cells(self, *, after: int, up_to: int) -> list[Row]:
        found = self._next(after, up_to)
        return [Row(number=each.number, written=_cells(each), redacted=each.is_redacted) for each in found]

    def head_at(self, number: int) -> Head | None:
        return chained.head_at(Exchange, number)

    def _next(self, after: int, up_to: int) -> list[Exchange]:
        found = self._wanted().filter(number__gt=after, number__lte=up_to)
        return list(found.order_by("number")[:_BATCH])

    def _wanted(self) -> QuerySet[Exchange]:
        wanted = self.wanted
        conditions = {
            "number__gt": chaining.beginning(Exchange).number,
            "started_at__gte": wanted.since,
            "started_at__lt": wanted.until,
            "mitigation_id": wanted.mitigation,
            "purpose": wanted.purpose or None,
            "outcome": wanted.outcome or None,
        }
        return Exchange.objects.filter(**{name: value for name, value in conditions.items() if value is not None})


def _cells(exchange: Exchange) -> tuple[Value, ...]:
    return (
        exchange.number,
        exchange.started_at,
        None if exchange.mitigation_id is None else f"MIT-{exchange.mitigation_id}",
        str(exchange.attempt),
        exchange.purpose,
        exchange.method,
        exchange.url,
        exchange.status,
        exchange.outcome,
        exchange.duration_ms,
        exchange.error,
        exchange.request_headers,
        exchange.request_body,
        exchange.response_headers,
        exchange.response_body,
        exchange.response_cut,
        exchange.credentials_refused,
        exchange.is_redacted,
        exchange.hash,
    )
