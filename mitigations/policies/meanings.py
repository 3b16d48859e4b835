"""What each finding of a guardrail means, and what one can do about it. docs/guardrails.md shows this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """Two sentences or so each: why the guardrail is there, and the way out."""

    means: str
    remedy: str


MEANINGS: Mapping[str, Meaning] = {
    "not-canonical": Meaning(
        "The address has bits set beyond its prefix length, so it may mean the network or the single host. The "
        "form tells, before anything else is judged.",
        "Press the one that you mean.",
    ),
    "retired": Meaning(
        "The platform, the method or the two together were taken out of use.",
        "Choose another platform and method.",
    ),
    "not-offered": Meaning(
        "An administrator has not offered this pair, or has taken it back: nobody has said what it does here.",
        "Choose another, or ask an administrator.",
    ),
    "not-linked": Meaning(
        "Kentik would refuse it: the method is not linked to the platform there, or one of them was changed less "
        "than 3 minutes ago and is still being provisioned. Known only where Kentik's catalogue is read.",
        "Wait 3 minutes after a change; else have the two linked in Kentik, or choose another.",
    ),
    "needs-ports": Meaning(
        "The method filters by a port, and Kentik's call cannot carry one.",
        "Start it in Kentik's own dialog, or choose a method without ports.",
    ),
    "family": Meaning(
        "IPv4 and IPv6 are different networks to a router, and this pair handles only one of them.",
        "Choose a pair that handles the family of the target.",
    ),
    "too-wide": Meaning(
        "The wider the prefix, the more healthy neighbours are hit with the target. Each pair has a widest prefix.",
        "Ask for the few addresses under attack, several at once if need be.",
    ),
    "widened": Meaning(
        "Other networks accept nothing smaller than a /24, so this method takes in all 256 addresses around the "
        "target: whatever it does, it does to the neighbours too.",
        "Make sure that the neighbours can bear it, or choose a method that acts on the target alone.",
    ),
    "special-purpose": Meaning(
        "The prefix is in IANA's registries of addresses with a purpose of their own (loopback, link-local, "
        "multicast, private, documentation and others), where a mitigation is mostly a slip of the keyboard.",
        "Check the target. If the addresses are yours, an administrator names them as address space.",
    ),
    "outside-address-space": Meaning(
        "No single piece of the address space that your teams may use holds the whole target: it is not yours to "
        "mitigate. Without any address space there is no limit.",
        "Check the target, ask for the part that is yours, or ask the team that it belongs to.",
    ),
    "protected": Meaning(
        "At least one address of it is on the list of what must keep working, such as resolvers and routers. The "
        "entry says whether it blocks, or wants a closer look.",
        "Keep clear of it with a smaller target, or talk to the owner of the entry first.",
    ),
    "duplicate": Meaning(
        "Kentik keeps one mitigation for each prefix, and one on this very prefix is open already, here or at Kentik.",
        "Follow that one. To change it, stop or withdraw it, and then ask again.",
    ),
    "overlap": Meaning(
        "Another open mitigation shares addresses with it. Both would act on them, and which of the two wins is "
        "for the routers to say.",
        "Look at the other one: this one may be needless, or the other may have to go first.",
    ),
    "no-auto-stop": Meaning(
        "Nothing ends it by itself. If everybody forgets it, the target stays cut off after the attack is over. "
        "Blocked where the pair has a longest duration.",
        "Give it a duration. It can be asked for again when it has ended.",
    ),
    "too-long": Meaning(
        "It runs longer than this pair allows. A limit keeps a forgotten mitigation from outliving its attack by days.",
        "Ask for less. It can be asked for again when it has ended.",
    ),
}
