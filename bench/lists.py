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
# All of them have to be gathered before the newest are known.
_GATHERED = ("(52,000 hits)", "until the middle")
# One in 50,000 is open; all others are over.
_STATUSES = {3: "unknown", 5: "active"}


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
        goal = 100 if name.endswith(_GATHERED) else 50
        report.add(f"{name}, {LARGE:,} rows, median", taken, "ms", beside=small[name], below=goal)


def _pages(rows: int) -> dict[str, Callable[[], Any]]:
    from accounts.authority import Role
    from accounts.models import User
    from mitigations.models import Platform
    from mitigations.policies.lifecycle import Status
    from mitigations.policies.network import Prefix, parse
    from mitigations.policies.ordering import Group, Order, Place
    from mitigations.selectors import history, listing, mitigations
    from mitigations.selectors.filtering import Filter

    def prefix(text: str) -> Prefix:
        parsed = parse(text)
        assert isinstance(parsed, Prefix)
        return parsed

    page, platform = listing.page, Platform.objects.get(kentik_id="261")
    middle = Place(id=rows // 2, target=prefix(f"10.{rows // 2 >> 16 & 255}.0.9/32"))
    assert User.objects.filter(groups__name=Role.REQUESTER).exists()
    return {
        "first page": lambda: page(Filter()),
        "page in the middle": lambda: page(Filter(), below=Place(id=rows // 2)),
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
        "inside a /16 (52,000 hits)": lambda: page(Filter(inside=prefix("10.3.0.0/16"))),
        "covering a host": lambda: page(Filter(covering=prefix("10.3.0.7/32"))),
        "asked for since a day, no end": lambda: page(Filter(since=START + timedelta(days=1))),
        "asked for until the middle": lambda: page(Filter(until=START + timedelta(minutes=rows // 2))),
        "all of a rare status and a person": lambda: page(Filter(statuses=(Status.REFUSED,), requester="dana")),
        "oldest first": lambda: page(Filter(), order=Order.OLDEST),
        "by target": lambda: page(Filter(), order=Order.TARGET),
        "by target, in the middle": lambda: page(Filter(), order=Order.TARGET, below=middle),
        "by target, inside a /16": lambda: page(Filter(inside=prefix("10.3.0.0/16")), order=Order.TARGET),
        "by target, inside a /8, in the middle": lambda: page(
            Filter(inside=prefix("10.0.0.0/8")), order=Order.TARGET, below=middle
        ),
        "by target, of a status": lambda: page(Filter(statuses=(Status.REFUSED,)), order=Order.TARGET),
        "by target, of a rare status": lambda: page(Filter(statuses=(Status.UNKNOWN,)), order=Order.TARGET),
        "by target, of a rare platform": lambda: page(Filter(platform_id=platform.pk), order=Order.TARGET),
        "by target, of a person": lambda: page(Filter(requester="dana"), order=Order.TARGET),
        "by target, overlapping a /16": lambda: page(Filter(overlapping=prefix("10.3.0.0/16")), order=Order.TARGET),
        "what ends soonest": lambda: page(Filter(), order=Order.ENDS),
        "what ends soonest, of a person": lambda: page(Filter(requester="dana"), order=Order.ENDS),
        "under headings by status": lambda: page(Filter(), group=Group.STATUS),
        "under headings by platform, of a person": lambda: page(Filter(requester="dana"), group=Group.PLATFORM),
        "under headings by target, inside a /16": lambda: page(
            Filter(inside=prefix("10.3.0.0/16")), group=Group.TARGET
        ),
        "overview": lambda: mitigations.overview(stuck_since=START),
    }


def _history(target: Prefix) -> None:
    """All that a target's page asks the database for."""
    from mitigations.selectors import history, listing

    listing.page(history.on(target, alone=False))
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
    from mitigations.policies.network import Prefix, on_axis, parse

    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}/32"
    target = parse(host if number % 5 else f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::/64")
    assert isinstance(target, Prefix)
    at = START + timedelta(minutes=number)
    agreed = at + timedelta(seconds=number % 997)
    sent = agreed + timedelta(seconds=number % 3)
    status = _STATUSES.get(number % 50_000, "refused" if number % 1_000 == 11 else "ended")
    unknown, is_open = status == "unknown", status in {"unknown", "active"}
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
        ends_at=None if unknown else sent + timedelta(hours=1),
        status=status,
        closed_at=None if is_open else sent + timedelta(hours=1),
    )


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
