"""What somebody may mean by what they typed into the search."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mitigations.policies.network import BadPrefix, Prefix, parse

# At most 18 digits, as in addresses: what the database can number.
_MITIGATION = re.compile(r"(MIT[- ]?)?([1-9][0-9]{0,17})", re.ASCII | re.IGNORECASE)
_EVENT = re.compile(r"#([1-9][0-9]{0,17})", re.ASCII)
# What looks like an address and is none is told so; anything else is simply no address.
_NO_ADDRESS = "garbage"


@dataclass(frozen=True, kw_only=True)
class Sought:
    """A text, and what it names, if anything. `by_reference`: as MIT-42, so that it can be nothing else."""

    text: str
    prefix: Prefix | None = None
    bad_prefix: BadPrefix | None = None
    mitigation: int | None = None
    by_reference: bool = False
    event: int | None = None

    @property
    def is_a_place(self) -> bool:
        return self.prefix is not None or self.bad_prefix is not None

    @property
    def is_words(self) -> bool:
        """Whether it may be a ticket or a name."""
        return not self.is_a_place and not self.by_reference


def read(typed: str) -> Sought:
    text = " ".join(typed.split())
    if match := _MITIGATION.fullmatch(text):
        return Sought(text=text, mitigation=int(match[2]), by_reference=match[1] is not None)
    if match := _EVENT.fullmatch(text):
        return Sought(text=text, event=int(match[1]))
    place = parse(text)
    if isinstance(place, Prefix):
        return Sought(text=text, prefix=place)
    return Sought(text=text, bad_prefix=None if place.code == _NO_ADDRESS else place)
