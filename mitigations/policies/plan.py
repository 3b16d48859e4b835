"""What the plan of addresses consists of."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """A kind of range; its words as a person reads them."""

    PROTECTED = "protected"
    SPACE = "address-space"

    @property
    def words(self) -> str:
        return {Part.PROTECTED: "protected prefix", Part.SPACE: "piece of address space"}[self]
