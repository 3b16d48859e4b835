"""Sources of alerts, as their pages need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.authority import Deed, Role
from accounts.models import User
from accounts.selectors import holders, still
from mitigations.models import Notice, Preset, Source
from mitigations.policies.alerts import Kind, Proof

_SHOWN = 25


class State(StrEnum):
    ON = "on"
    OFF = "switched off"
    NO_SECRET = "its owner has not taken its secret yet"  # noqa: S105 (words for people)
    OWNER_MAY_NOT = "its owner may not ask for mitigations any more"


@dataclass(frozen=True, kw_only=True)
class Row:
    source: Source
    state: State
    last: Notice | None

    @property
    def kind(self) -> str:
        return Kind(self.source.kind).words

    @property
    def proof(self) -> str:
        return Proof(self.source.proof).words


@dataclass(frozen=True, kw_only=True)
class Page:
    """`older`: before which number the list goes on; None at its end."""

    notices: list[Notice]
    older: int | None


def everything() -> list[Row]:
    return _rows(list(_sources()))


def one(id: int) -> Row:
    return _rows([_sources().get(pk=id)])[0]


def notices(source: Source, *, before: int | None) -> Page:
    found = source.notices.select_related("mitigation")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: _SHOWN + 1])
    return Page(notices=rows[:_SHOWN], older=rows[_SHOWN - 1].pk if len(rows) > _SHOWN else None)


def possible_owners() -> list[User]:
    return list(holders(Deed.ASK).order_by("username"))


def possible_presets() -> list[Preset]:
    return list(Preset.objects.select_related("pairing__platform", "pairing__method"))


def _sources() -> QuerySet[Source]:
    newest = Notice.objects.filter(source=OuterRef("pk")).values("pk")[:1]
    return Source.objects.select_related("owner", "preset").annotate(newest=Subquery(newest))


def _rows(sources: Sequence[Source]) -> list[Row]:
    last = Notice.objects.select_related("mitigation").in_bulk(
        [each.newest for each in sources if each.newest]  # type: ignore[attr-defined] # annotated above
    )
    asking = still({each.owner_id for each in sources}, Role.REQUESTER)
    return [
        Row(source=each, state=_state(each, asking), last=last.get(each.newest))  # type: ignore[attr-defined]
        for each in sources
    ]


def _state(source: Source, asking: frozenset[int]) -> State:
    if source.off_at is not None:
        return State.OFF
    if source.owner_id not in asking:
        return State.OWNER_MAY_NOT
    return State.ON if source.secret_at else State.NO_SECRET
