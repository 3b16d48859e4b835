"""What the property tests draw from: a small world, so that prefixes nest and requests often match."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

from hypothesis import strategies as st

from mitigations.policies.network import Prefix, known
from mitigations.policies.rules import (
    Asked,
    AskedByTeam,
    ByMethod,
    Condition,
    Inside,
    LongerThan,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
)

WIDTH = {4: 32, 6: 128}
PLATFORMS, METHODS, TEAMS = ("257", "258"), ("775", "776"), (1, 2, 3)

lengths = {4: st.sampled_from((0, 8, *range(20, 33))), 6: st.sampled_from((0, 32, *range(46, 50), *range(120, 129)))}
durations = st.sampled_from((0, 1, 29, 30, 31, 60, 1440))


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    """In two narrow places, one of each family: the widest and the narrowest, and those at the ends of wider ones."""
    if draw(st.booleans()):
        address = 0xCB007000 + draw(st.integers(0, 1023) | st.sampled_from((0, 255, 256, 511, 512, 1023)))
        return known(str(IPv4Network((address, draw(lengths[4])), strict=False)))
    site, host = draw(st.integers(0, 3)) << 80, draw(st.integers(0, 63) | st.sampled_from((2**64 - 1, 2**80 - 1)))
    address = (0x20010DB8 << 96) + site + host
    return known(str(IPv6Network((address, draw(lengths[6])), strict=False)))


def part(draw: st.DrawFn, whole: Prefix, longest: int = 128) -> Prefix:
    """A prefix inside `whole`, no longer than this where there is one."""
    length = draw(st.integers(whole.length, max(whole.length, min(longest, WIDTH[whole.family]))))
    place = draw(st.integers(0, 2 ** (length - whole.length) - 1))
    network = ip_network(whole.text)
    return known(f"{network.network_address + (place << (WIDTH[whole.family] - length))}/{length}")


@st.composite
def nested(draw: st.DrawFn) -> tuple[Prefix, Prefix]:
    """A prefix and one that holds it."""
    narrow = draw(prefixes())
    return narrow, narrow.widened(draw(st.integers(0, narrow.length)))


# In the order in which they are stored.
CONDITIONS: dict[type[Condition], st.SearchStrategy[Condition]] = {
    Inside: st.builds(Inside, prefixes()),
    WiderThan: st.builds(WiderThan, st.sampled_from((0, 23, 24, 28, 32)), st.sampled_from((0, 47, 48, 64, 128))),
    LongerThan: st.builds(LongerThan, st.sampled_from((1, 29, 30, 60))),
    NoAutoStop: st.just(NoAutoStop()),
    OnPlatform: st.builds(OnPlatform, st.sampled_from(PLATFORMS)),
    ByMethod: st.builds(ByMethod, st.sampled_from(METHODS)),
    AskedByTeam: st.builds(AskedByTeam, st.sampled_from(TEAMS)),
    NeedsALook: st.just(NeedsALook()),
}


@st.composite
def rules(draw: st.DrawFn, most_conditions: int = 3) -> Rule:
    kinds = draw(st.sets(st.sampled_from(list(CONDITIONS)), max_size=most_conditions))
    return Rule(
        when=tuple(draw(CONDITIONS[kind]) for kind in CONDITIONS if kind in kinds),
        approvals=draw(st.integers(0, 5)),
        team=draw(st.none() | st.sampled_from(TEAMS)),
        waits=timedelta(minutes=draw(st.integers(1, 10_000))),
        because=draw(st.text(min_size=1, max_size=10)),
    )


rulebooks = st.lists(rules(), max_size=6)


@st.composite
def anything_asked(draw: st.DrawFn) -> Asked:
    return _asked(draw, draw(prefixes()), [])


@st.composite
def asked_under(draw: st.DrawFn, rule: Rule) -> Asked:
    """A request that a rule matches, unless nothing is."""
    inside = next((each.prefix for each in rule.when if isinstance(each, Inside)), None)
    width = next((each for each in rule.when if isinstance(each, WiderThan)), WiderThan(33, 129))
    if inside is not None:
        return _asked(draw, part(draw, inside, longest=width.limit(inside.family) - 1), rule.when)
    looked_at = prefixes().filter(lambda prefix: width.limit(prefix.family) or width == WiderThan(0, 0))
    target = draw(looked_at)
    return _asked(draw, target.widened(max(width.limit(target.family) - 1, 0)), rule.when)


def _asked(draw: st.DrawFn, target: Prefix, when: Sequence[Condition]) -> Asked:
    facts = {
        "minutes": draw(durations),
        "platform": draw(st.sampled_from(PLATFORMS)),
        "method": draw(st.sampled_from(METHODS)),
        "teams": draw(st.frozensets(st.sampled_from(TEAMS))),
        "needs_a_look": draw(st.booleans()),
    }
    for each in when:
        match each:
            case NoAutoStop():
                facts["minutes"] = 0
            case LongerThan(minutes) if facts["minutes"]:
                facts["minutes"] = minutes + draw(st.sampled_from((1, 2, 1000)))
            case OnPlatform(platform):
                facts["platform"] = platform
            case ByMethod(method):
                facts["method"] = method
            case AskedByTeam(team):
                facts["teams"] |= {team}
            case NeedsALook():
                facts["needs_a_look"] = True
    return Asked(target=target, by_their_publisher=draw(st.booleans()), **facts)


@st.composite
def looser(draw: st.DrawFn, rule: Rule) -> tuple[Condition, ...]:
    """Conditions that hold at least wherever those of the rule do."""
    loosened = [_loosened(draw, each) for each in rule.when if draw(st.integers(0, 3))]
    return tuple({type(each): each for each in loosened}.values())


def _loosened(draw: st.DrawFn, condition: Condition) -> Condition:
    match condition:
        case Inside(prefix):
            return Inside(prefix.widened(draw(st.integers(0, prefix.length))))
        case WiderThan(ipv4, ipv6):
            return WiderThan(draw(st.integers(ipv4, 32)), draw(st.integers(ipv6, 128)))
        case LongerThan(minutes):
            return LongerThan(draw(st.integers(0, minutes)))
        case NoAutoStop():
            return draw(st.sampled_from((condition, LongerThan(30))))
        case _:
            return condition
