"""Whatever is found by a few words: of each kind the first few, each by an index or from a table that stays small."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import named
from audit.selectors import Entry, entries
from mitigations.folding import is_text
from mitigations.models import AddressSpace, Method, Mitigation, Platform, Preset, ProtectedPrefix, Sighting
from mitigations.models.mitigation import MitigationQuerySet
from mitigations.policies.network import Prefix
from mitigations.policies.searching import Sought

SHOWN = 5

T = TypeVar("T")


@dataclass(frozen=True)
class Few(Generic[T]):
    """The first few. `more`: there are others."""

    rows: list[T] = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is known of a prefix: requests on it, inside it and around it, whose it is, and what runs elsewhere."""

    on: Few[Mitigation]
    inside: Few[Mitigation]
    around: Few[Mitigation]
    space: Few[AddressSpace]
    protected: Few[ProtectedPrefix]
    elsewhere: Few[Sighting]


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a number or a few words name. `tickets`: those that begin so and go on."""

    mitigation: Mitigation | None = None
    event: Entry | None = None
    ticket: Few[Mitigation] = field(default_factory=Few)
    tickets: Few[Mitigation] = field(default_factory=Few)
    people: Few[User] = field(default_factory=Few)
    platforms: Few[Platform] = field(default_factory=Few)
    methods: Few[Method] = field(default_factory=Few)
    presets: Few[Preset] = field(default_factory=Few)

    @property
    def exactly(self) -> Mitigation | Entry | None:
        """The only thing that is meant to the letter, where there is only one."""
        found = [each for each in (self.mitigation, self.event, *self.ticket.rows) if each is not None]
        return found[0] if len(found) == 1 else None

    @property
    def is_empty(self) -> bool:
        groups = (self.ticket, self.tickets, self.people, self.platforms, self.methods, self.presets)
        return self.mitigation is None and self.event is None and not any(group.rows for group in groups)


def place(prefix: Prefix) -> Place:
    rows = Mitigation.objects.all()
    on, inside, around = _listed(rows.exactly(prefix), rows.narrower(prefix), rows.wider(prefix))
    return Place(
        on=on,
        inside=inside,
        around=around,
        space=_few(AddressSpace.objects.overlapping(prefix).prefetch_related("teams")),
        protected=_few(ProtectedPrefix.objects.overlapping(prefix).select_related("owner")),
        elsewhere=_few(Sighting.objects.overlapping(prefix).filter(mitigation=None).order_by("-pk")),
    )


def words(sought: Sought, *, in_the_log: bool) -> Named:
    """`in_the_log`: whether events may be found."""
    if not sought.is_words:
        return Named(mitigation=_mitigation(sought))
    rows, text = Mitigation.objects.all(), sought.text
    ticket, tickets = _listed(rows.of_ticket(text), rows.of_tickets(text).exclude(is_text("ticket", text)))
    return Named(
        mitigation=_mitigation(sought),
        event=_event(sought) if in_the_log else None,
        ticket=ticket,
        tickets=tickets,
        people=_few(named(text)),
        platforms=_few(Platform.objects.filter(name__icontains=text)),
        methods=_few(Method.objects.filter(name__icontains=text)),
        presets=_few(
            Preset.objects.filter(name__icontains=text).select_related("pairing__platform", "pairing__method")
        ),
    )


def _mitigation(sought: Sought) -> Mitigation | None:
    return None if sought.mitigation is None else _related().filter(pk=sought.mitigation).first()


def _event(sought: Sought) -> Entry | None:
    return None if sought.event is None else entries([sought.event]).get(sought.event)


def _listed(*groups: MitigationQuerySet) -> list[Few[Mitigation]]:
    """The IDs of each group first, from its index alone; then the rows of all of them at once."""
    ids = [list(group.values_list("pk", flat=True)[: SHOWN + 1]) for group in groups]
    rows = {row.pk: row for row in _related().filter(pk__in=[pk for group in ids for pk in group[:SHOWN]])}
    return [Few([rows[pk] for pk in group[:SHOWN]], more=len(group) > SHOWN) for group in ids]


def _related() -> MitigationQuerySet:
    rows = Mitigation.objects.select_related("requested_by", "pairing__platform", "pairing__method", "sighting")
    return rows.prefetch_related("stop_orders")


def _few(found: QuerySet[T]) -> Few[T]:  # type: ignore[type-var] # a query set of whatever rows
    rows = list(found[: SHOWN + 1])
    return Few(rows[:SHOWN], more=len(rows) > SHOWN)
