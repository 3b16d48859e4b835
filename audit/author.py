"""Who did a deed, and from where."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a deed came from. Empty for the worker and the command line."""

    request_id: str = ""
    ip: str = ""
    user_agent: str = ""


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who did it: a key that never changes, the name as it was then, and where they came from.

    `through`: by what they did it, where not by hand, as it follows "by": "the token “soar”".
    """

    key: str
    name: str
    origin: Origin = field(default_factory=Origin)
    through: str = ""
