"""Which targets a preset is made for."""

from __future__ import annotations

from enum import StrEnum

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


def misfit(target: Prefix, *, kind: TargetClass, inside: Prefix | None) -> str:
    """Why the target is not what the preset is made for, in a sentence; empty when it fits."""
    if kind is TargetClass.HOST and not target.is_host:
        return f"It is for a single address, and {target.text} is {target.addresses}."
    if kind is TargetClass.NETWORK and target.is_host:
        return f"It is for a network, and {target.text} is a single address."
    if inside is not None and not inside.contains(target):
        return f"It is for targets inside {inside.text}, and {target.text} is not."
    return ""
