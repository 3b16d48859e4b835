"""What max types about the rules of approval."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from mitigations.models import Draft
from mitigations.policies.network import known
from mitigations.policies.rules import Inside, Rule, as_json
from mitigations.selectors import rules as reading
from tests.making import make_rule

RULES, DRAFT, PUBLISH = "/policy/rules/", "/policy/rules/draft/", "/policy/rules/publish/"
NEW, ARRANGE, START_OVER = DRAFT + "new/", DRAFT + "arrange/", DRAFT + "start-over/"


def typed(**changes: object) -> dict[str, object]:
    """Two approvals within an hour for what is inside 203.0.113.0/28."""
    return {"inside": "203.0.113.0/28", "approvals": "2", "waits": "60", **changes}


def revision() -> int:
    return reading.draft().revision


def keep(client: Client, place: int | None = None, *, seen: object = None, **changes: object) -> Any:
    """Press "Keep it in the draft" on the page of a new rule, or of the one at `place`."""
    address = NEW if place is None else f"{DRAFT}{place}/"
    return client.post(address, typed(**changes) | {"revision": revision() if seen is None else seen})


def press(client: Client, *, seen: object = None, **button: object) -> Any:
    return client.post(ARRANGE, {**button, "revision": revision() if seen is None else seen})


def publish(client: Client, *, note: str = "As agreed on Monday.", seen: object = None) -> Any:
    return client.post(PUBLISH, {"note": note, "revision": revision() if seen is None else seen})


def drafted(*because: str, **values: Any) -> Draft:
    """A draft with a rule for each reason, none of which covers another."""
    rules = [
        make_rule(reason, Inside(known(f"198.51.100.{place}/32")), **values) for place, reason in enumerate(because)
    ]
    return make_draft(*rules)


def make_draft(*rules: Rule) -> Draft:
    return Draft.objects.create(rules=as_json(rules), revision=7)


def order() -> list[str]:
    return [rule.because for rule in reading.draft().parsed]


def carried_revision(answer: Any) -> int:
    """The revision that the page's form would send."""
    found = re.search(r'name="revision" value="(\d+)"', answer.content.decode())
    assert found is not None, "the page has no form"
    return int(found[1])
