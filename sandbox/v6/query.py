"""The query of a list, read as Kentik's gateway reads one: unknown names are ignored, bad values are not."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from sandbox import rpc

# When no limit is given, and the most that is given however many are asked for.
USUAL_LIMIT = 20
LARGEST_LIMIT = 1000
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Query:
    """Each getter raises a Refusal (400, INVALID_ARGUMENT) for a value that is none of its kind."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, target: str) -> Self:
        return cls(
            tuple((_camel(name), value) for name, value in parse_qsl(urlsplit(target).query, keep_blank_values=True))
        )

    def texts(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def text(self, name: str) -> str | None:
        values = self.texts(name)
        if len(values) > 1:
            raise _bad(name, "too many values")
        return values[0] if values else None

    def count(self, name: str) -> int:
        value = self.text(name)
        if value is None:
            return 0
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise _bad(name, f"{value!r} is no number")
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.text(name)
        if value not in (None, "true", "false"):
            raise _bad(name, f"{value!r} is neither true nor false")
        return value == "true"

    def time(self, name: str) -> datetime | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            if not TIME.fullmatch(value):
                raise ValueError(value)
            return datetime.fromisoformat(value)
        except ValueError as reason:
            raise _bad(name, f"{value!r} is no RFC 3339 time") from reason

    def choices(self, name: str, kind: type[Choice], prefix: str) -> list[Choice]:
        return [choice(value, kind, prefix, name=name) for value in self.texts(name)]

    def page(self) -> tuple[int, int]:
        """Where the page begins and ends."""
        limit = min(self.count("pagination.limit") or USUAL_LIMIT, LARGEST_LIMIT)
        offset = self.count("pagination.offset")
        return offset, offset + limit


def choice(value: str, kind: type[Choice], prefix: str, *, name: str) -> Choice:
    """A member by its full name or by its number. Raises a Refusal."""
    members = list(kind)
    if value.isascii() and value.isdigit() and len(value) < 4 and int(value) < len(members):
        return members[int(value)]
    for member in members:
        if value == prefix + member:
            return member
    raise _bad(name, f"{value!r} is not a valid value")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _bad(name: str, why: str) -> Exception:
    return rpc.refusal(rpc.Code.INVALID_ARGUMENT, f"parsing field {name!r}: {why}")
