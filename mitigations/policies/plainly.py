"""What a request would do, for one sentence to the person who is about to ask for it:

"As soon as kim or lee has approved, and for 1 h, it drops all traffic to 203.0.113.7/32 (1 address) at the edge."
"""

from __future__ import annotations

from collections.abc import Sequence

from mitigations.policies.approval import Requirement
from mitigations.policies.network import Prefix
from mitigations.policies.rules import count

# So many people are still read as names; of more, the number says enough.
MOST_NAMED = 4
_APOSTROPHES = ("’", "'")
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


def does(effect: str, target: Prefix) -> str:
    """The catalogue's own words, with the target in its place; where they do not name it, behind them."""
    effect, named = effect.rstrip(". "), f"{target.text} ({target.addresses})"
    for words in ("the target", "the prefix"):
        before, found, after = effect.partition(words)
        if found:
            return f"{before}{target.text if after.startswith(_APOSTROPHES) else named}{after}"
    return f"{effect}, on {named}"


def once(requirement: Requirement, approvers: Sequence[str]) -> str:
    """When it goes out. `approvers`: everybody who may approve it, by name; empty when they are too many."""
    needed = requirement.approvals
    if not needed:
        return "At once"
    if not needed <= len(approvers) <= MOST_NAMED:
        return f"As soon as it has {count(needed)}"
    if needed == len(approvers):
        return f"As soon as {_listed(approvers, 'and')} {_have(needed)} approved"
    who = _listed(approvers, "or") if needed == 1 else f"{_NUMBERS[needed]} of {_listed(approvers, 'and')}"
    return f"As soon as {who} {_have(needed)} approved"


def turn(before: int) -> str:
    """When one that is approved is sent. `before`: how many are sent before it."""
    if not before:
        return "the worker sends it next"
    are = "one is" if before == 1 else f"{before} are"
    return f"{are} sent before it, as soon as Kentik’s budget allows"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _listed(names: Sequence[str], last: str) -> str:
    *first, final = names
    return f"{', '.join(first)} {last} {final}" if first else final
