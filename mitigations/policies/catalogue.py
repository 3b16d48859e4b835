"""What kinds of platforms and methods there are, and which go together."""

from __future__ import annotations

from enum import StrEnum

from audit.refusal import Objection

MAX_MINUTES = 60 * 24 * 365
# What a pairing does that Kentik showed and that nobody has looked at yet.
NOT_DESCRIBED = "not described yet"


class What(StrEnum):
    """What the catalogue consists of."""

    PLATFORM = "platform"
    METHOD = "method"
    PAIRING = "pairing"


class Kind(StrEnum):
    """Kentik's platform types. `label` is what Kentik calls it."""

    RTBH = "rtbh"
    FLOWSPEC = "flowspec"
    ADAPTIVE_FLOWSPEC = "adaptive-flowspec"
    A10 = "a10"
    RADWARE = "radware"
    CLOUDFLARE = "cloudflare"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Kind.RTBH: "RTBH",
    Kind.FLOWSPEC: "Flowspec",
    Kind.ADAPTIVE_FLOWSPEC: "Adaptive Flowspec",
    Kind.A10: "A10 Thunder TPS",
    Kind.RADWARE: "Radware DefensePro",
    Kind.CLOUDFLARE: "Cloudflare Magic Transit",
}


def match(platform: Kind, method: Kind) -> tuple[Objection, ...]:
    """Kentik links a method to platforms of its own type only."""
    if platform is method:
        return ()
    sentence = f"{method.label} methods do not run on {platform.label} platforms: the types must be the same."
    return (Objection(code="kind", sentence=sentence),)


def offer(*, offered: bool, effect: str) -> tuple[Objection, ...]:
    """People choose by what a pairing does, so it is offered when somebody has said that."""
    if not offered or effect != NOT_DESCRIBED:
        return ()
    return (Objection(code="effect", sentence="Say what it does to traffic before people may choose it."),)
