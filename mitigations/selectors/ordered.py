"""The IDs of a list of mitigations in its order, from any place on, by the index that finds them first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import F, Q

from mitigations.models import Mitigation
from mitigations.policies.lifecycle import FINAL, Status
from mitigations.policies.network import on_axis
from mitigations.policies.ordering import Order, Place
from mitigations.selectors.filtering import MOST_IDS, Filter, Reach, filtered, highest, lowest

# So many are walked by their numbers before an index is asked: what is frequent is found there. An index that does not
# end in the number has to gather everything that it knows of before it can tell what is newest.
_NEAR = 5_000


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """Rows of a list that stand in one piece, and what they are ordered by. `by_number`: by nothing but their IDs."""

    wanted: Filter
    keys: tuple[str, ...]
    which: Q = field(default_factory=Q)
    by_number: bool = False


_RUNS = Q(closed_at=None, ends_at__isnull=False)


def _stretches(wanted: Filter, order: Order) -> list[_Stretch]:
    match order:
        case Order.NEWEST | Order.OLDEST:
            return [_Stretch(wanted=wanted, keys=("-pk",) if order is Order.NEWEST else ("pk",), by_number=True)]
        case Order.ENDS:
            return [
                _Stretch(wanted=wanted, keys=("ends_at", "-pk"), which=_RUNS),
                _Stretch(wanted=wanted, keys=("-pk",), which=~_RUNS, by_number=True),
            ]
        case Order.TARGET:
            return _by_target(wanted)


def _by_target(wanted: Filter) -> list[_Stretch]:
    """What holds a prefix stands before what is inside it, and each of the two has its range of the index."""
    keys = ("first", "length", "-pk")
    if (prefix := wanted.overlapping) is None:
        return [_Stretch(wanted=wanted, keys=keys)]
    apart = replace(wanted, overlapping=None)
    return [
        _Stretch(wanted=replace(apart, covering=prefix), keys=keys, which=Q(length__lt=prefix.length)),
        _Stretch(wanted=replace(apart, inside=prefix), keys=keys),
    ]


def ids(wanted: Filter, order: Order, *, count: int, past: Place | None = None, upwards: bool = False) -> list[int]:
    """The first `count` IDs past a place, in the order of the list or, upwards, against it."""
    stretches = _stretches(wanted, order)
    here = 0 if past is None else _stretch_of(past, order, stretches)
    course = stretches[here::-1] if upwards else stretches[here:]
    found: list[int] = []
    for number, stretch in enumerate(course):
        begin = past if number == 0 else None
        found += _of_stretch(stretch, begin, upwards=upwards, count=count - len(found))
        if len(found) == count:
            break
    return found


def _stretch_of(place: Place, order: Order, stretches: Sequence[_Stretch]) -> int:
    if order is Order.ENDS:
        return 0 if place.ends_at is not None else 1
    if order is Order.TARGET and len(stretches) > 1:
        inside = stretches[-1].wanted.inside
        assert place.target is not None
        assert inside is not None
        return 1 if place.target.first >= inside.first and place.target.length >= inside.length else 0
    return 0


def _of_stretch(stretch: _Stretch, past: Place | None, *, upwards: bool, count: int) -> list[int]:
    falls = (stretch.keys[-1] == "-pk") is not upwards
    if stretch.by_number:
        return _nearest(stretch, past=past.id if past else None, falls=falls, count=count)
    rows = filtered(stretch.wanted).filter(stretch.which)
    if past is not None:
        rows = rows.filter(_beyond(past, upwards=upwards))
    keys = [_turned(each) for each in stretch.keys] if upwards else stretch.keys
    return list(rows.order_by(*keys).values_list("pk", flat=True)[:count])


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(place: Place, *, upwards: bool) -> Q:
    """What stands below a place, or above it. The first column alone bounds the range of the index."""
    way, back = ("lt", "gt") if upwards else ("gt", "lt")
    if (target := place.target) is None:
        ends_at = place.ends_at
        return Q(**{f"ends_at__{way}e": ends_at}) & (
            Q(**{f"ends_at__{way}": ends_at}) | Q(ends_at=ends_at, **{f"pk__{back}": place.id})
        )
    first = on_axis(target.first)
    same = Q(**{f"length__{way}": target.length}) | Q(length=target.length, **{f"pk__{back}": place.id})
    return Q(**{f"first__{way}e": first}) & (Q(**{f"first__{way}": first}) | (Q(first=first) & same))


def newest_over(wanted: Filter, *, count: int) -> list[int]:
    """Of those that are over the newest: told by their status, which the index of targets knows."""
    over = Q(status__in=[status.value for status in Status if status in FINAL])
    return _nearest(_Stretch(wanted=wanted, keys=("-pk",), which=over), past=None, falls=True, count=count)


def _nearest(stretch: _Stretch, *, past: int | None, falls: bool, count: int) -> list[int]:
    """The first `count` past an ID (None: of all), by falling or by rising numbers."""
    found: list[int] = []
    for part, walks in _parts(stretch.wanted, past=past, falls=falls):
        rows = filtered(stretch.wanted, within=part, walks=walks).filter(stretch.which)
        number = F("pk") if walks else F("pk") + 0
        rows = rows.order_by(number.desc() if falls else number.asc())
        found += rows.values_list("pk", flat=True)[: count - len(found)]
        if len(found) == count:
            break
    return found


def _parts(wanted: Filter, *, past: int | None, falls: bool) -> Iterator[tuple[Reach, bool]]:
    """What is looked through first, and then the rest; and whether it is walked by its numbers.

    Where a target lies is found by an index that does not know which is newest: it gathers all of them first. Between
    which numbers the rest lies is asked only when it is needed: among a million, the end of a time takes long to find.
    """
    low = 1 if past is None or falls else past + 1
    high = past - 1 if past is not None and falls else MOST_IDS
    if wanted == Filter():
        yield Reach(low, high), True
        return
    high = min(high, Mitigation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
    near = Reach(max(high - _NEAR + 1, low), high) if falls else Reach(low, min(low + _NEAR - 1, high))
    yield near, True
    low, high = (low, near.low - 1) if falls else (near.high + 1, high)
    if low <= high:
        yield Reach(max(low, lowest(wanted)), min(high, highest(wanted))), not wanted.has_place
