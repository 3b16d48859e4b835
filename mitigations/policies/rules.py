"""The rules of approval: data in an order, of which the first that matches decides how many must agree.

A rule looks at what will be acted on (the widened prefix where the method widens), at the duration, the platform and
method, the requester's teams, and whether a guardrail asks for a closer look. All its conditions must hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol

from mitigations.policies import durations
from mitigations.policies.approval import STANDARD, Requirement
from mitigations.policies.network import Prefix, known

MOST_RULES = 50


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, as far as the rules look. Platform and method are Kentik's IDs; `minutes` 0 means no auto-stop."""

    target: Prefix
    minutes: int
    platform: str
    method: str
    teams: frozenset[int] = frozenset()
    needs_a_look: bool = False
    # Whoever published the rules is not freed from approval by them.
    by_their_publisher: bool = False
    # Neither is a source of alerts by any rule: a machine never sends by itself.
    by_a_source: bool = False


@dataclass(frozen=True, kw_only=True)
class Names:
    """What people call the things that rules name by number."""

    platforms: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)

    def team(self, id: int) -> str:
        return self.teams.get(id, "a team that is gone")


class Condition(Protocol):
    """One thing that a rule looks at."""

    def holds(self, asked: Asked) -> bool: ...

    def covers(self, other: Condition) -> bool:
        """Whether this one holds wherever the other does."""

    def words(self, names: Names) -> str:
        """As it follows "if it is": "inside 203.0.113.0/24"."""


@dataclass(frozen=True)
class Inside:
    prefix: Prefix

    def holds(self, asked: Asked) -> bool:
        return self.prefix.contains(asked.target)

    def covers(self, other: Condition) -> bool:
        return isinstance(other, Inside) and self.prefix.contains(other.prefix)

    def words(self, names: Names) -> str:
        return f"inside {self.prefix.text}"


@dataclass(frozen=True)
class WiderThan:
    """Prefix lengths. A family without one is never too wide, so 0 says that it is not looked at."""

    ipv4: int
    ipv6: int

    def limit(self, family: Literal[4, 6]) -> int:
        return self.ipv4 if family == 4 else self.ipv6

    def holds(self, asked: Asked) -> bool:
        return asked.target.length < self.limit(asked.target.family)

    def covers(self, other: Condition) -> bool:
        return isinstance(other, WiderThan) and other.ipv4 <= self.ipv4 and other.ipv6 <= self.ipv6

    def words(self, names: Names) -> str:
        halves = ((self.ipv4, "an IPv4"), (self.ipv6, "an IPv6"))
        limits = [f"{family} /{length}" for length, family in halves if length]
        return f"wider than {' or '.join(limits) or 'everything'}"


@dataclass(frozen=True)
class LongerThan:
    """Without an auto-stop it is longer than anything."""

    minutes: int

    def holds(self, asked: Asked) -> bool:
        return asked.minutes == 0 or asked.minutes > self.minutes

    def covers(self, other: Condition) -> bool:
        return isinstance(other, NoAutoStop) or (isinstance(other, LongerThan) and other.minutes >= self.minutes)

    def words(self, names: Names) -> str:
        return f"longer than {durations.words(self.minutes)}"


@dataclass(frozen=True)
class NoAutoStop:
    def holds(self, asked: Asked) -> bool:
        return asked.minutes == 0

    def covers(self, other: Condition) -> bool:
        return other == self

    def words(self, names: Names) -> str:
        return "without an auto-stop"


@dataclass(frozen=True)
class OnPlatform:
    kentik_id: str

    def holds(self, asked: Asked) -> bool:
        return asked.platform == self.kentik_id

    def covers(self, other: Condition) -> bool:
        return other == self

    def words(self, names: Names) -> str:
        return f"on {names.platforms.get(self.kentik_id, f'platform {self.kentik_id}')}"


@dataclass(frozen=True)
class ByMethod:
    kentik_id: str

    def holds(self, asked: Asked) -> bool:
        return asked.method == self.kentik_id

    def covers(self, other: Condition) -> bool:
        return other == self

    def words(self, names: Names) -> str:
        return f"by the method {names.methods.get(self.kentik_id, self.kentik_id)}"


@dataclass(frozen=True)
class AskedByTeam:
    team: int

    def holds(self, asked: Asked) -> bool:
        return self.team in asked.teams

    def covers(self, other: Condition) -> bool:
        return other == self

    def words(self, names: Names) -> str:
        return f"asked for by {names.team(self.team)}"


@dataclass(frozen=True)
class NeedsALook:
    """A guardrail has a finding to review."""

    def holds(self, asked: Asked) -> bool:
        return asked.needs_a_look

    def covers(self, other: Condition) -> bool:
        return other == self

    def words(self, names: Names) -> str:
        return "to be looked at closely"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`when`: at most one condition of each kind, in the order in which they are stored.

    `team`: only approvals by its members count; None: any approver's. `because` follows "because" in a sentence.
    """

    when: tuple[Condition, ...] = ()
    approvals: int
    team: int | None = None
    waits: timedelta
    because: str

    def __post_init__(self) -> None:
        if len({type(condition) for condition in self.when}) < len(self.when):
            raise ValueError("A rule has at most one condition of each kind.")

    def matches(self, asked: Asked) -> bool:
        return all(condition.holds(asked) for condition in self.when)

    def unmet(self, asked: Asked) -> tuple[Condition, ...]:
        return tuple(condition for condition in self.when if not condition.holds(asked))

    def names_any_of(self, prefix: Prefix) -> bool:
        """Whether it is for certain addresses, and some of these are among them."""
        return any(isinstance(each, Inside) and each.prefix.overlaps(prefix) for each in self.when)

    def covers(self, other: Rule) -> bool:
        """Whether this one matches whatever the other would match."""
        return all(any(mine.covers(theirs) for theirs in other.when) for mine in self.when)


def listed(conditions: Sequence[Condition], names: Names) -> str:
    """What a rule looks for: "inside 203.0.113.0/24 and without an auto-stop"."""
    return " and ".join(condition.words(names) for condition in conditions) or "anything"


def requirement(rules: Sequence[Rule], asked: Asked, names: Names) -> Requirement:
    """What this request needs, by the first rule that matches. Without one: one approval."""
    for place, rule in enumerate(rules, start=1):
        if rule.matches(asked):
            return _required(rule, place, asked, names)
    return STANDARD


def _required(rule: Rule, place: int, asked: Asked, names: Names) -> Requirement:
    approvals = rule.approvals if _may_be_freed(asked) else max(rule.approvals, 1)
    by = f" by {names.team(rule.team)}" if rule.team is not None and approvals else ""
    because = rule.because if approvals == rule.approvals else _why_not_free(asked)
    return Requirement(
        approvals=approvals,
        team=rule.team if approvals else None,
        waits=rule.waits,
        rule=place,
        sentence=f"Needs {count(approvals)}{by}, because {because} (rule {place}).",
    )


def _may_be_freed(asked: Asked) -> bool:
    return not (asked.by_their_publisher or asked.by_a_source)


def _why_not_free(asked: Asked) -> str:
    return "no machine sends by itself" if asked.by_a_source else "nobody is freed by rules of their own"


def count(approvals: int) -> str:
    return {0: "no approval", 1: "1 approval"}.get(approvals, f"{approvals} approvals")


# --- As plain values ------------------------------------------------------------------------------------------------

_NAMED: Mapping[str, type[Any]] = {
    "inside": Inside,
    "wider_than": WiderThan,
    "longer_than": LongerThan,
    "no_auto_stop": NoAutoStop,
    "platform": OnPlatform,
    "method": ByMethod,
    "team": AskedByTeam,
    "needs_a_look": NeedsALook,
}
_ORDER = list(_NAMED)


def as_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """The rules as they are stored and exported."""
    return [
        {
            "when": {_name(condition): _values(condition) for condition in rule.when},
            "approvals": rule.approvals,
            "team": rule.team,
            "waits_minutes": rule.waits // timedelta(minutes=1),
            "because": rule.because,
        }
        for rule in rules
    ]


def read_rules(plain: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules that `as_json` wrote.

    Raises KeyError, TypeError or ValueError where something is missing or unknown: a rule that lost a condition would
    match more than its author meant.
    """
    return tuple(
        Rule(
            when=tuple(_condition(name, each["when"][name]) for name in sorted(each["when"], key=_ORDER.index)),
            approvals=each["approvals"],
            team=each["team"],
            waits=timedelta(minutes=each["waits_minutes"]),
            because=each["because"],
        )
        for each in plain
    )


def _name(condition: Condition) -> str:
    return next(name for name, kind in _NAMED.items() if isinstance(condition, kind))


def _values(condition: Condition) -> list[Any]:
    return [value.text if isinstance(value, Prefix) else value for value in vars(condition).values()]


def _condition(name: str, values: Sequence[Any]) -> Condition:
    if name == "inside":
        return Inside(*map(known, values))
    condition: Condition = _NAMED[name](*values)
    return condition
