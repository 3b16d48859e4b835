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

    @property
    def does(self) -> str:
        """What it does to a target's traffic, in two words."""
        return _DOES[self][0]

    @property
    def means(self) -> str:
        """What that means for the target, for somebody who never saw one."""
        return _DOES[self][1]


_LABELS = {
    Kind.RTBH: "RTBH",
    Kind.FLOWSPEC: "Flowspec",
    Kind.ADAPTIVE_FLOWSPEC: "Adaptive Flowspec",
    Kind.A10: "A10 Thunder TPS",
    Kind.RADWARE: "Radware DefensePro",
    Kind.CLOUDFLARE: "Cloudflare Magic Transit",
}

_FILTERS = (
    "Routers drop or limit what matches the method, and the rest gets through. The target stays reachable where the "
    "method fits the attack, and healthy traffic that matches is lost too."
)
_DIVERTS = (
    "The traffic takes a detour through {} that takes the attack out and passes the rest on. The target stays "
    "reachable; it may become slower, and what the detour does not know may break."
)
_DROPS = (
    "A remotely triggered black hole: routers throw away everything that is sent to the target, good and bad. The "
    "target is unreachable while it runs, and everything around it is spared."
)
_DOES: dict[Kind, tuple[str, str]] = {
    Kind.RTBH: ("Drops all", _DROPS),
    Kind.FLOWSPEC: ("Filters", _FILTERS),
    Kind.ADAPTIVE_FLOWSPEC: ("Filters", f"{_FILTERS} Kentik adapts the filters while the attack changes."),
    Kind.A10: ("Diverts", _DIVERTS.format("a scrubber (A10)")),
    Kind.RADWARE: ("Diverts", _DIVERTS.format("a scrubber (Radware)")),
    Kind.CLOUDFLARE: ("Diverts", _DIVERTS.format("Cloudflare's network")),
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
