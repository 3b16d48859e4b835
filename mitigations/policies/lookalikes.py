"""Which targets are easily taken for one another by somebody who is tired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import takewhile

from mitigations.policies.network import Prefix

# How many bits one group of digits stands for, by family.
_GROUP = {4: 8, 6: 16}


def are_alike(one: Prefix, other: Prefix) -> bool:
    """One digit apart (another, one too many, two in the wrong order), or the same at their end."""
    return one != other and (is_a_slip(one.text, other.text) or _ending(one) == _ending(other))


def is_a_slip(one: str, other: str) -> bool:
    """Whether one character makes the difference, or two neighbours that have changed places."""
    _, mine, _ = parted(one, beside=other)
    _, theirs, _ = parted(other, beside=one)
    return max(len(mine), len(theirs)) <= 1 or (len(mine) == 2 and mine == theirs[::-1])


def parted(text: str, *, beside: str) -> tuple[str, str, str]:
    """A text in three: how it begins and how it ends like another, and what of it differs in between."""
    start = _shared(text, beside)
    end = _shared(text[start:][::-1], beside[start:][::-1])
    return text[:start], text[start : len(text) - end], text[len(text) - end :]


def resembling(targets: Iterable[Prefix], *, among: Iterable[Prefix]) -> dict[Prefix, tuple[Prefix, ...]]:
    """To each that has any its look-alikes among all of these, those that are one digit apart first."""
    piles: dict[object, list[Prefix]] = defaultdict(list)
    for other in dict.fromkeys(among):
        for key in _keys(other):
            piles[key].append(other)
    found = {each: _alike(each, (other for key in _keys(each) for other in piles[key])) for each in set(targets)}
    return {target: others for target, others in found.items() if others}


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _alike(target: Prefix, candidates: Iterable[Prefix]) -> tuple[Prefix, ...]:
    others = {other for other in candidates if are_alike(target, other)}
    return tuple(sorted(others, key=lambda other: (not is_a_slip(target.text, other.text), other.first, other.length)))


def _keys(target: Prefix) -> set[object]:
    """Two that are alike share one of these, so that not each has to be compared with each."""
    text = target.text
    return {text, _ending(target), *(text[:place] + text[place + 1 :] for place in range(len(text)))}


def _ending(target: Prefix) -> tuple[int, int, int]:
    """The last group of digits that the prefix reaches, of prefixes of one length: .40 of 203.0.113.40/32."""
    size = _GROUP[target.family]
    width = 32 if target.family == 4 else 128
    reached = -(-target.length // size) * size
    return target.family, target.length, target.first >> (width - reached) & (2**size - 1)
