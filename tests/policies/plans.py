"""A plan of addresses in plain values, and the facts that it gives of a target, as `selectors.facts` does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from mitigations.policies.guardrails import (
    Facts,
    Finding,
    Holding,
    Neighbour,
    PairingFacts,
    Protection,
    Terms,
    acted_on,
    judge,
)
from mitigations.policies.network import Prefix, known

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PAIRING = PairingFacts(
    name="Edge RTBH · Drop everything",
    offered=True,
    retired=False,
    ipv4=True,
    ipv6=True,
    widest_ipv4=24,
    widest_ipv6=48,
    widens_to_24=False,
    needs_ports=False,
    longest_minutes=None,
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`spaces` as they are to whoever asks; `others`: the open mitigations."""

    pairing: PairingFacts = PAIRING
    spaces: tuple[Holding, ...] = ()
    protected: tuple[Protection, ...] = ()
    others: tuple[Neighbour, ...] = ()

    def facts(self, target: Prefix) -> Facts:
        wide = acted_on(target, self.pairing)
        meeting = [each for each in self.others if known(each.target).overlaps(wide)]
        return Facts(
            pairing=self.pairing,
            at=NOW,
            taken_by=next((each.reference for each in meeting if each.target == target.text), None),
            space_defined=bool(self.spaces),
            holdings=tuple(each for each in self.spaces if known(each.prefix).contains(wide)),
            protections=tuple(each for each in self.protected if known(each.prefix).overlaps(wide)),
            neighbours=tuple(each for each in meeting if each.target != target.text),
        )

    def judged(self, target: Prefix, minutes: int = 60) -> tuple[Finding, ...]:
        return judge(Terms(target=target, minutes=minutes), self.facts(target))
