"""The exports that people asked for, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.models import Export


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far an export is. `state`: asked, leaving, broken-off or ended."""

    export: Export
    state: str

    @property
    def mark(self) -> str:
        """Changes whenever there is something new to show."""
        return f"{self.state} {self.export.rows} {self.export.moved_at}"

    @property
    def most(self) -> int:
        """What `so_far` grows to: rows, or where they cannot be counted the number of the last."""
        return self.export.total or max(self.export.up_to, 1)

    @property
    def so_far(self) -> int:
        return self.export.rows if self.export.total else self.export.reached


def newest(limit: int = 20) -> list[Export]:
    return list(Export.objects.all()[:limit])


def one(id: int) -> Export:
    """Raises Export.DoesNotExist."""
    return Export.objects.get(pk=id)


def standing(id: int, *, at: datetime) -> Standing:
    """Raises Export.DoesNotExist."""
    return standing_of(one(id), at=at)


def standing_of(export: Export, *, at: datetime) -> Standing:
    if export.is_moving(at):
        state = "leaving"
    elif export.ended_at is not None:
        state = "ended"
    else:
        state = "asked" if export.moved_at is None else "broken-off"
    return Standing(export=export, state=state)
