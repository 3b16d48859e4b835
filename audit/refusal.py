"""How a deed is refused: what stands against it, sorted by what the caller may do next.

Refused
├── Forbidden      not for this person; somebody else may
├── Conflict       the world has moved on; look again
└── Unacceptable   the input can be mended
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One reason against a deed: a code for machines, a sentence for people."""

    code: str
    sentence: str


class Refused(Exception):
    """A deed that must not happen. Everything it had written is rolled back, and the refusal is recorded."""

    # The HTTP status that says the same to a program.
    status: ClassVar[int]

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(" ".join(objection.sentence for objection in objections))
        self.objections = tuple(objections)


class Forbidden(Refused):
    status = 403


class Conflict(Refused):
    status = 409


class Unacceptable(Refused):
    status = 422
