"""What a preset says, which targets it is made for, and what a request that starts from it must still say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from audit.refusal import Objection
from mitigations.policies import durations
from mitigations.policies.guardrails import PairingFacts
from mitigations.policies.network import Prefix


class TargetClass(StrEnum):
    """The kind of target that a preset is for; its words as a person reads them."""

    ANY = "any"
    HOST = "host"
    NETWORK = "network"

    @property
    def words(self) -> str:
        return {
            TargetClass.ANY: "any target",
            TargetClass.HOST: "a single address",
            TargetClass.NETWORK: "a network",
        }[self]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The values of a preset. `inside` None: anywhere; `minutes` 0: until stopped by hand."""

    name: str
    kind: TargetClass
    inside: Prefix | None
    pairing_id: int
    minutes: int
    comment: str
    reason: str

    @property
    def made_for(self) -> str:
        """For a person: "a single address inside 203.0.113.0/24"."""
        return f"{self.kind.words} inside {self.inside.text}" if self.inside else self.kind.words


def misfit(target: Prefix, *, kind: TargetClass, inside: Prefix | None) -> str:
    """Why the target is not what the preset is made for, in a sentence; empty when it fits."""
    if kind is TargetClass.HOST and not target.is_host:
        return f"It is for a single address, and {target.text} is {target.addresses}."
    if kind is TargetClass.NETWORK and target.is_host:
        return f"It is for a network, and {target.text} is a single address."
    if inside is not None and not inside.contains(target):
        return f"It is for targets inside {inside.text}, and {target.text} is not."
    return ""


def is_unfilled(reason: str, *, template: str) -> bool:
    """Whether a reason is the preset's template and no word more, which says nothing about this attack."""
    return bool(template) and _words(reason) == _words(template)


def flaws(recipe: Recipe, pairing: PairingFacts) -> tuple[Objection, ...]:
    """Why nothing that starts from this preset could ever be asked for; each code is the value that is wrong."""
    return (*_availability(pairing), *_range(recipe, pairing), *_duration(recipe, pairing))


def _availability(pairing: PairingFacts) -> Iterator[Objection]:
    if pairing.retired:
        yield Objection(code="pairing", sentence=f"{pairing.name} has been retired. Choose another.")
    elif not pairing.offered:
        yield Objection(code="pairing", sentence=f"{pairing.name} is not offered. Choose another.")
    elif pairing.needs_ports:
        sentence = f"{pairing.name} needs a port, which Kentik's call cannot carry. Choose another."
        yield Objection(code="pairing", sentence=sentence)


def _range(recipe: Recipe, pairing: PairingFacts) -> Iterator[Objection]:
    inside = recipe.inside
    if inside is None:
        return
    if recipe.kind is TargetClass.NETWORK and inside.is_host:
        sentence = f"No network lies inside {inside.text}: it is a single address."
        yield Objection(code="inside", sentence=sentence)
    if not (pairing.ipv4 if inside.family == 4 else pairing.ipv6):
        sentence = f"{pairing.name} does not do IPv{inside.family}, so nothing inside {inside.text} can be asked for."
        yield Objection(code="inside", sentence=sentence)


def _duration(recipe: Recipe, pairing: PairingFacts) -> Iterator[Objection]:
    longest = pairing.longest_minutes
    if longest is not None and not 0 < recipe.minutes <= longest:
        sentence = f"{pairing.name} runs for 1 min to {durations.words(longest)}."
        yield Objection(code="minutes", sentence=sentence)


def _words(text: str) -> list[str]:
    """What is compared: browsers send line ends of their own."""
    return text.split()
