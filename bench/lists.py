"""The pages that people look at all day, with a hundred and with a million mitigations."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.report import Report

if TYPE_CHECKING:
    from mitigations.policies.network import Prefix

SMALL, LARGE = 100, 1_000_000
START = datetime(2020, 1, 1, tzinfo=UTC)
ROUNDS = 30


def fill(rows: int) -> None:
    """Up to so many mitigations, in a migrated and seeded database."""
    from mitigations.models import Mitigation

    _fill(Mitigation.objects.count(), rows)
    _analyze()


def look(rows: int) -> dict[str, float]:
    """Each page with so many mitigations, in milliseconds at the median."""
    return {name: median(page) for name, page in _pages(rows).items()}


def tell(report: Report, *, small: dict[str, float], large: dict[str, float]) -> None:
    for name, taken in large.items():
        goal = None if "52,000" in name else 50
        report.add(f"{name}, {LARGE:,} rows, median", taken, "ms", beside=small[name], below=goal)


def _pages(rows: int) -> dict[str, Callable[[], Any]]:
    from accounts.authority import Role
    from accounts.models import User
    from mitigations.models import Platform
    from mitigations.policies.lifecycle import Status
    from mitigations.policies.network import Prefix, parse
    from mitigations.selectors import history, mitigations
    from mitigations.selectors.filtering import Filter

    def prefix(text: str) -> Prefix:
        parsed = parse(text)
        assert isinstance(parsed, Prefix)
        return parsed

    page, platform = mitigations.page, Platform.objects.get(kentik_id="261")
    assert User.objects.filter(groups__name=Role.REQUESTER).exists()
    return {
        "first page": lambda: page(Filter()),
        "page in the middle": lambda: page(Filter(), before=rows // 2),
        "filtered by a status": lambda: page(Filter(statuses=(Status.ENDED,))),
        "filtered by a rare status": lambda: page(Filter(statuses=(Status.UNKNOWN,))),
        "filtered by a rare platform": lambda: page(Filter(platform_id=platform.pk)),
        "filtered by a person": lambda: page(Filter(requester="dana")),
        "filtered by a person without any": lambda: page(Filter(requester="eve")),
        "overlapping a host": lambda: page(Filter(overlapping=prefix("10.0.0.7/32"))),
        "overlapping a /16 (52,000 hits)": lambda: page(Filter(overlapping=prefix("10.3.0.0/16"))),
        "history of a host": lambda: _history(prefix("10.0.0.7/32")),
        "history of a /16 (52,000 hits)": lambda: _history(prefix("10.3.0.0/16")),
        "one line of history of a /16 (52,000 hits)": lambda: history.summary(prefix("10.3.0.0/16")),
        "overlapping an IPv6 prefix": lambda: page(Filter(overlapping=prefix("2001:db8::/48"))),
        "overview": lambda: mitigations.overview(stuck_since=START),
    }


def _history(target: Prefix) -> None:
    """All that a target's page asks the database for."""
    from mitigations.selectors import history, mitigations

    mitigations.page(history.on(target, alone=False))
    history.summary(target)
    history.elsewhere(target, alone=False)


def median(page: Callable[[], Any]) -> float:
    page()
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        page()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _fill(first: int, last: int) -> None:
    from accounts.models import User
    from mitigations.models import Mitigation, Pairing

    dana, lee = User.objects.get(username="dana"), User.objects.get(username="lee")
    common = list(Pairing.objects.exclude(platform__kentik_id="261"))
    rare = Pairing.objects.get(platform__kentik_id="261")
    for begin in range(first, last, 20_000):
        rows = range(begin, min(begin + 20_000, last))
        Mitigation.objects.bulk_create(
            [
                _row(number, pairing=rare if number % 50_000 == 7 else common[number % len(common)], by=(dana, lee))
                for number in rows
            ]
        )


def _row(number: int, *, pairing: Any, by: tuple[Any, Any]) -> Any:
    from mitigations.models import Mitigation
    from mitigations.policies.lifecycle import Status
    from mitigations.policies.network import Prefix, on_axis, parse

    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}/32"
    target = parse(host if number % 5 else f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::/64")
    assert isinstance(target, Prefix)
    at = START + timedelta(minutes=number)
    agreed = at + timedelta(seconds=number % 997)
    sent = agreed + timedelta(seconds=number % 3)
    unknown = number % 50_000 == 3
    return Mitigation(
        target=target.text,
        family=target.family,
        first=on_axis(target.first),
        last=on_axis(target.last),
        length=target.length,
        pairing=pairing,
        minutes=60,
        reason="bench",
        approvals_needed=1,
        rule="bench",
        requested_by=by[0] if number % 3 else by[1],
        requested_at=at,
        waits_until=at,
        approved_at=agreed,
        claimed_at=sent,
        started_at=None if unknown else sent,
        status=Status.UNKNOWN if unknown else Status.ENDED,
        closed_at=None if unknown else sent + timedelta(hours=1),
    )


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
