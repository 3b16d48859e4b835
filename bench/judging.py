"""What one judgement costs, with an empty plan and with a large one."""

from __future__ import annotations

from typing import Any

from bench.lists import START, median
from bench.report import Report

RANGES = 100_000
GOAL = 20.0  # milliseconds, at the median


def empty() -> float:
    """The judgement before anything is planned: the baseline."""
    return median(_judgement())


def measure(report: Report, *, beside: float) -> None:
    """Needs the million mitigations of `lists`. Fills the plan, so it comes last."""
    _fill()
    name = f"judging one target, {RANGES:,} protected, {RANGES:,} pieces of space"
    report.add(name, median(_judgement()), "ms", beside=beside, below=GOAL)


def _judgement() -> Any:
    from accounts.models import User
    from mitigations.models import Pairing
    from mitigations.policies.guardrails import Terms
    from mitigations.policies.network import known
    from mitigations.selectors.facts import Case
    from mitigations.selectors.rules import judge

    pairing = Pairing.objects.select_related("platform", "method").first()
    dana = User.objects.get(username="dana")
    target = known("10.0.0.7/32")
    assert pairing is not None

    case = Case(pairing=pairing, terms=Terms(target=target, minutes=60), requester=dana.pk)
    return lambda: judge([case], at=START)


def _fill() -> None:
    from accounts.models import User
    from mitigations.models import AddressSpace, ProtectedPrefix
    from mitigations.models.axis import place
    from mitigations.policies.network import known

    owner = User.objects.get(username="max")
    for begin in range(0, RANGES, 10_000):
        numbers = range(begin, begin + 10_000)
        hosts = [known(f"10.{128 + (number >> 16)}.{number >> 8 & 255}.{number & 255}/32") for number in numbers]
        nets = [known(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::/64") for number in numbers]
        ProtectedPrefix.objects.bulk_create(
            [ProtectedPrefix(prefix=each.text, **place(each), reason="bench", owner=owner) for each in hosts]
        )
        AddressSpace.objects.bulk_create([AddressSpace(prefix=each.text, **place(each)) for each in nets])
