"""Reading periods of the log: what lies in one, what is signed off, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from audit.models import Event, Item, Outcome, SignOff, State
from audit.selectors import Entry, entries
from mitigations.models import Mitigation
from mitigations.policies import signing
from mitigations.policies.periods import Kind, Period, containing
from mitigations.policies.signing import Signed
from mitigations.selectors import mitigations, reviews

PAGE = 25
# Those of a period that still want a look come first; a page shows no more than this of each.
SHOWN = 100
_ASKED = "mitigation.asked"
# What the figures of a period count, done or refused, in the order in which they are shown.
_COUNTED = {
    _ASKED: "asked for",
    "mitigation.approved": "approvals",
    "mitigation.rejected": "rejections",
    "mitigation.glass-broken": "glass broken",
    "mitigation.answered": "answers from Kentik",
    "mitigation.stop-ordered": "stops ordered",
    "rules.published": "rules published",
    "account.signed-in": "sign-ins",
}


@dataclass(frozen=True, kw_only=True)
class Extent:
    """The events of a period: the first, the last, and the last one's hash."""

    first: int
    last: int
    head: str

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, kw_only=True)
class Figure:
    words: str
    done: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: list[tuple[SignOff, Period]]
    older: int | None


def extent(period: Period) -> Extent | None:
    """None when nothing happened in it. While it is not over, as far as it has come."""
    within = Event.objects.filter(at__gte=period.start, at__lt=period.end)
    first = within.order_by("at", "number").values_list("number", flat=True).first()
    last = within.order_by("-at", "-number").values_list("number", "hash").first()
    return None if first is None or last is None else Extent(first=first, last=last[0], head=last[1])


def last_signed() -> Signed | None:
    newest = SignOff.objects.first()
    return None if newest is None else as_signed(newest)


def as_signed(row: SignOff) -> Signed:
    return Signed(first=row.first, last=row.last, starts_at=row.starts_at, ends_at=row.ends_at)


def period_of(row: SignOff) -> Period:
    return containing(Kind(row.kind), row.starts_at)


def last_kind() -> Kind:
    """How long the periods are that this team signs: as the last one; a month before there is any."""
    kind = SignOff.objects.values_list("kind", flat=True).first()
    return Kind.MONTH if kind is None else Kind(kind)


def unsigned_at(previous: Signed | None) -> datetime | None:
    """When the first event happened that nobody has signed off."""
    number = 1 if previous is None else previous.last + 1
    return Event.objects.filter(number=number).values_list("at", flat=True).first()


def signed_page(*, before: int | None = None, size: int = PAGE) -> Page:
    """Sign-offs, newest first; `older` is the first event of the one to go on from."""
    rows = SignOff.objects.all() if before is None else SignOff.objects.filter(first__lt=before)
    found = list(rows[: size + 1])
    older = found[size - 1].first if len(found) > size else None
    return Page(rows=[(row, period_of(row)) for row in found[:size]], older=older)


def sign_off_of(period: Period) -> SignOff | None:
    return SignOff.objects.filter(kind=period.kind, starts_at=period.start).first()


def subject(period: Period) -> str:
    """What the event of a sign-off is about."""
    return f"period {period}"


def items(within: Extent) -> list[reviews.Row]:
    """What wants a look in these events: first what is not closed, the gravest of it first; at most `SHOWN`."""
    rows = Item.objects.filter(number__range=(within.first, within.last))
    waiting = list(rows.exclude(state=State.CLOSED).order_by("-grave", "number")[:SHOWN])
    closed = list(rows.filter(state=State.CLOSED).order_by("-number")[: SHOWN - len(waiting)])
    return reviews.rows([*waiting, *closed])


def counts(within: Extent) -> dict[str, int]:
    """How many items these events have, by where they stand."""
    rows = Item.objects.filter(number__range=(within.first, within.last)).order_by()
    return {row["state"]: row["count"] for row in rows.values("state").annotate(count=Count("pk"))}


def unreviewed(within: Extent) -> list[int]:
    rows = Item.objects.filter(number__range=(within.first, within.last)).exclude(state=State.CLOSED)
    return list(rows.order_by("number").values_list("number", flat=True))


def figures(within: Extent) -> list[Figure]:
    rows = Event.objects.filter(number__range=(within.first, within.last), deed__in=_COUNTED).order_by()
    counted = {
        (row["deed"], row["outcome"]): row["count"]
        for row in rows.values("deed", "outcome").annotate(count=Count("number"))
    }
    return [
        Figure(words=words, done=counted.get((deed, Outcome.DONE), 0), refused=counted.get((deed, Outcome.REFUSED), 0))
        for deed, words in _COUNTED.items()
    ]


def sample(within: Extent) -> list[str]:
    """Drawn from those that were asked for in these events and that nothing in them marks."""
    marked = set(_subjects(within, review=True))
    asked = _subjects(within, deed=_ASKED, outcome=Outcome.DONE)
    return signing.sample(within.head, (reference for reference in asked if reference not in marked))


def _subjects(within: Extent, **wanted: object) -> Iterator[str]:
    rows = Event.objects.filter(number__range=(within.first, within.last), **wanted).order_by()
    return rows.values_list("subject", flat=True).iterator()


def drawn(references: list[str]) -> list[Mitigation]:
    """The mitigations of these references, in the same order."""
    found = {each.reference: each for each in mitigations.referred(references)}
    return [found[reference] for reference in references if reference in found]


def count_acts(key: str, within: Extent) -> int:
    return Event.objects.filter(actor=key, number__range=(within.first, within.last)).count()


def acts(key: str, within: Extent) -> list[Entry]:
    """What somebody did in these events, newest first, at most `SHOWN`."""
    rows = Event.objects.filter(actor=key, number__range=(within.first, within.last))
    told = entries(list(rows.values_list("number", flat=True)[:SHOWN]))
    return sorted(told.values(), key=lambda entry: -entry.number)
