"""Every page of the portal, and who looks at it: one table, which a test compares with all addresses that there are."""

from __future__ import annotations

import re

from tests.browser.people import Person
from tests.browser.stack import Stack

# A word without a space, as long as the form lets it be: what would push a phone's page sideways.
LONG = "x" * 190
# As long as they come, and hard to tell apart.
SIX = ("2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234:5678:9abc:def0:1234:5679")

# What is in braces is made by the functions below: references of mitigations, a period, and numbers.
NUMBERS = ("channel", "saved", "export", "redaction", "item", "asked", "alarm", "source")
PAGES = """
anybody  /account/login/
dana     /
lee      /
eve      /
max      /
lee      /?wall=1
dana     /search/
dana     /search/?q=203.0.113.0/24
dana     /search/?q=203.0.113.7/24
dana     /search/?q=d
dana     /search/?q=nobody+knows+this
dana     /nowhere/
dana     /audit/
eve      /mitigations/
dana     /mitigations/
dana     /mitigations/?target=fish&status=active
dana     /mitigations/?group=status&column=target&column=status&column=observed&column=reason&tick=all
dana     /mitigations/?sort=ends&group=platform
dana     /mitigations/saved/
max      /mitigations/saved/
dana     /mitigations/saved/new/?status=active
max      /mitigations/saved/new/?status=active&name=x
max      /mitigations/saved/{saved}/
lee      /mitigations/chosen/approve/?references={pending}&references={active}&references={six}
lee      /mitigations/{six}/approve/
lee      /mitigations/chosen/reject/?references={pending}&references={six}
dana     /mitigations/chosen/withdraw/?references={pending}&references={refused}
lee      /mitigations/chosen/stop/?references={active}&references={pending}
dana     /mitigations/new/
dana     /mitigations/new/?preset=1
dana     /mitigations/new/many/
dana     /mitigations/{pending}/
dana     /mitigations/{active}/
lee      /mitigations/{unknown}/
dana     /mitigations/{refused}/
dana     /mitigations/{six}/
lee      /mitigations/{stuck}/
dana     /mitigations/{pending}/withdraw/
lee      /mitigations/{pending}/approve/
lee      /mitigations/{active}/approve/
lee      /mitigations/{pending}/reject/
lee      /mitigations/{active}/stop/
lee      /mitigations/{active}/stop/?record=1
lee      /mitigations/{unknown}/settle/
lee      /mitigations/{unknown}/identify/
dana     /mitigations/{group}/together/
lee      /mitigations/{group}/together/decide/
lee      /mitigations/{active}/together/decide/
ana      /mitigations/elsewhere/
dana     /targets/203.0.113.2/32/
dana     /targets/192.0.2.1/32/
lee      /approvals/
lee      /alarms/{alarm}/
ana      /catalogue/
max      /catalogue/
max      /catalogue/kentik/
max      /catalogue/platform/new/
max      /catalogue/platform/1/
max      /catalogue/pairing/new/
max      /catalogue/pairing/1/
dana     /presets/
max      /presets/
max      /presets/new/
max      /presets/1/
max      /presets/1/delete/
dana     /policy/address-space/
max      /policy/address-space/new/
max      /policy/protected/
max      /policy/protected/new/
max      /policy/protected/import/
max      /policy/protected/1/
max      /policy/protected/1/delete/
dana     /sources/
max      /sources/
max      /sources/new/
max      /sources/{source}/
dana     /sources/{source}/
max      /sources/{source}/edit/
dana     /sources/{source}/secret/
max      /policy/teams/new/
max      /policy/teams/1/
max      /policy/channels/
max      /policy/channels/new/
max      /policy/channels/{channel}/
max      /policy/channels/{channel}/delete/
max      /people/
max      /people/?q=fish&role=king
max      /people/dana/
max      /people/amy/
max      /people/invite/
max      /people/dana/roles/
max      /people/dana/teams/
max      /people/amy/invite/
max      /people/dana/sign-out/
max      /people/dana/deactivate/
max      /people/eve/reactivate/
max      /people/dana/reset-factors/
anybody  /account/invitation/MQ/nonsense/
dana     /account/
dana     /account/password/
dana     /account/second-factor/
dana     /account/second-factor/app/
dana     /account/second-factor/passkey/
dana     /account/proof/
dana     /account/messages/
eve      /account/messages/
dana     /account/preferences/
dana     /account/shortcuts/
dana     /account/questions/
dana     /account/typed/nothing/
dana     /account/tokens/
max      /account/tokens/
dana     /account/tokens/new/
dana     /api/
max      /account/gallery/
dana     /reports/
ana      /reports/
ana      /audit/
ana      /audit/?q=fish&kind=nothing
ana      /audit/1/
ana      /audit/report/
ana      /audit/export/
ana      /audit/export/{export}/
ana      /audit/verify/
max      /audit/verify/
ana      /audit/redactions/
max      /audit/redactions/
ana      /audit/redactions/events/2/
max      /audit/redactions/{redaction}/
ana      /audit/reviews/
ana      /audit/reviews/{item}/
ana      /audit/reviews/{asked}/
ana      /audit/periods/
ana      /audit/periods/{month}/
"""

# Of the rules, and of broken glass.
RULES = """
dana     /policy/rules/
dana     /policy/rules/1/
max      /policy/rules/
max      /policy/rules/draft/
max      /policy/rules/draft/new/
max      /policy/rules/draft/2/
max      /policy/rules/publish/
dana     /policy/simulator/
dana     /policy/simulator/?ip_cidr=fish
max      /policy/simulator/?who=1&ip_cidr=198.51.100.241&pairing=1&minutes=0&against=draft
dana     /mitigations/{pending}/break-glass/
lee      /mitigations/{broken}/review/
lee      /mitigations/{pending}/review/
lee      /mitigations/{broken}/
dana     /mitigations/{reviewed}/
lee      /approvals/
ana      /audit/
"""


def rows(table: str) -> list[tuple[str, str]]:
    """Who, and at what."""
    return [(who, path) for who, path in (line.split() for line in table.strip().splitlines())]


def in_each_status(stack: Stack, people: dict[str, Person]) -> dict[str, str]:
    """The references of one mitigation in each status that looks different, by a word for it."""
    dana, lee = people["dana"], people["lee"]
    made = {"pending": dana.ask("198.51.100.1", comment=LONG, ticket="INC-1", reason=f"Down. {LONG}")}
    for status, target in (("active", "203.0.113.2"), ("unknown", "203.0.113.3"), ("refused", "198.51.100.2")):
        if status == "unknown":
            stack.lose_the_next_answer()
        made[status] = _sent(dana, lee, target, status) if status != "refused" else _rejected(dana, lee)
    stack.start_elsewhere("198.51.100.200/32", comment=LONG)
    made["group"] = dana.ask_many("203.0.113.105", "203.0.113.106", "203.0.113.64/28", "203.0.113.70", SIX[1])
    made["six"] = dana.ask(SIX[0])
    return {**made, **_stuck(stack, dana, lee)}


def under_broken_glass(people: dict[str, Person]) -> dict[str, str]:
    """Two whose glass was broken, one of them reviewed."""
    dana, kim = people["dana"], people["kim"]
    made = {}
    for name, target in (("broken", "198.51.100.5"), ("reviewed", "198.51.100.6")):
        made[name] = dana.ask(target)
        dana.press(made[name], "break-glass", note=f"The shop is down. {LONG}")
        dana.wait_for(made[name], "active")
    kim.press(made["reviewed"], "review", justified="no", note="I was awake.")
    return made


def for_managers(people: dict[str, Person]) -> dict[str, str]:
    """What an auditor and an administrator have made, and what waits for their look, by a word for it."""
    ana, max_ = people["ana"], people["max"]
    ana.post("/audit/export/", what="events", format="csv", since="2026-01-01", until="2026-01-31")
    ana.post("/audit/redactions/events/1/", reason=f"It names a customer. {LONG}")
    item, asked = _items(max_, ana)
    max_.invite("amy", full_name=f"Amy {LONG}", email=f"{LONG[:60]}@example.net")
    ana.post(f"/audit/reviews/{asked}/", "take/")
    dana = ana.number(f"/audit/reviews/{asked}/", r'<option value="(\d+)">[^<]*dana')
    ana.post(f"/audit/reviews/{asked}/", "ask/", of=dana, note=f"Why so wide? {LONG}")
    return {
        "channel": max_.add_channel("NOC room", "json://127.0.0.1:9/hook"),
        "source": _source(people["dana"], max_),
        "saved": _saved(max_),
        "export": ana.number("/audit/export/", r"/audit/export/(\d+)/"),
        "redaction": max_.number("/audit/redactions/", r"/audit/redactions/(\d+)/"),
        "item": item,
        "asked": asked,
        "month": ana.number("/audit/periods/", r"/audit/periods/([^/\"]+)/"),
    }


def _sent(dana: Person, lee: Person, target: str, status: str) -> str:
    reference = dana.ask(target)
    lee.press(reference, "approve", note="Seen.")
    dana.wait_for(reference, status)
    return reference


def _rejected(dana: Person, lee: Person) -> str:
    reference = dana.ask("198.51.100.4")
    lee.press(reference, "reject", note="Wrong host.")
    return reference


def _stuck(stack: Stack, dana: Person, lee: Person) -> dict[str, str]:
    """One that Kentik could not remove from the network, and the alarm about that."""
    reference = _sent(dana, lee, "203.0.113.4", "active")
    page = f"/mitigations/{reference}/"
    dana.until(page, "appearance-live")
    stack.fault(kind="clear-fails", api="v6")
    dana.press(reference, "stop", note="The attack is over.")
    dana.until(page, "appearance-clear-failed")
    return {"stuck": reference, "alarm": lee.number(page, r"/alarms/(\d+)/")}


def _source(dana: Person, max_: Person) -> str:
    """One of Kentik's that said much, of which some was blocked and some could not be read."""
    max_.add_source("kentik", kind="kentik", proof="secret", networks="127.0.0.0/8")
    number = max_.number("/sources/", r"/sources/(\d+)/")
    secret = dana.secret_of(number)
    for said in ({"IsActive": True, "Description": LONG}, {"IsActive": False}, {"IsActive": LONG}):
        alarm = {"Type": "alarm", "AlarmID": LONG, "Dimensions": {"IP_dst": "10.0.0.1"}, **said}
        dana.tell("kentik", secret, alarm)
    return number


def _saved(max_: Person) -> str:
    max_.post("/mitigations/saved/new/", name="Live now", query="status=active", shared="on")
    return max_.number("/mitigations/saved/", r"/mitigations/saved/(\d+)/")


def _items(max_: Person, ana: Person) -> tuple[str, str]:
    """The numbers of two items that an auditor reviews."""
    for name in ("Door", "Window"):
        max_.add_channel(name, "json://127.0.0.1:9/hook")
    first, second, *_ = dict.fromkeys(re.findall(r"/audit/reviews/(\d+)/\"", ana.get("/audit/reviews/")))
    return first, second
