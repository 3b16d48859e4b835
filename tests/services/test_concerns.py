"""Which deeds want a look: every deed of the portal, and when. A new deed without a decision fails."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import events as accounts
from audit import vocabulary
from mitigations.policies import concerns
from mitigations.services import events

NEVER, ALWAYS = False, True
PAIRING = {
    "offered": True,
    "ipv4": True,
    "ipv6": False,
    "widest_ipv4": 24,
    "widest_ipv6": 48,
    "widens_to_24": True,
    "needs_ports": True,
    "longest_minutes": 60,
}


def saved(before: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"values": {**PAIRING, **values}, "before": before}


# For each deed: always, never, or for which facts, and under which heading.
TABLE: dict[str, bool | list[tuple[dict[str, Any], str]]] = {
    accounts.SIGNED_IN: NEVER,  # failures in a row: accounts.services
    accounts.SIGNED_OUT: NEVER,
    accounts.ENROLLED: ALWAYS,
    accounts.PASSWORD_SET: ALWAYS,
    accounts.MESSAGES_CHOSEN: NEVER,
    accounts.INVITED: ALWAYS,
    accounts.LINK_MADE: ALWAYS,
    accounts.JOINED: ALWAYS,
    accounts.ROLES_CHANGED: ALWAYS,
    accounts.SESSIONS_ENDED: ALWAYS,
    accounts.DEACTIVATED: ALWAYS,
    accounts.REACTIVATED: ALWAYS,
    accounts.OWN_SESSIONS_ENDED: NEVER,
    accounts.FACTOR_ADDED: NEVER,
    accounts.FACTOR_REMOVED: NEVER,
    accounts.CODES_MADE: NEVER,
    accounts.FACTORS_RESET: ALWAYS,
    accounts.EXPECTED: ALWAYS,
    accounts.LINKED: ALWAYS,
    accounts.PROVIDER_GAVE: ALWAYS,
    accounts.PROVIDER_TOOK: ALWAYS,
    accounts.PROVIDER_CLASHED: ALWAYS,
    events.TEAMS_CHANGED: ALWAYS,
    accounts.TOKEN_MADE: [
        ({"scopes": "read"}, ""),
        ({"scopes": "read, ask"}, "tokens"),
        ({"scopes": "audit"}, "tokens"),
    ],
    accounts.TOKEN_USED: [({"elsewhere": True}, "tokens"), ({"elsewhere": False}, "")],
    accounts.TOKEN_REVOKED: [({"by_another": True}, "tokens"), ({"by_another": False}, "")],
    events.ASKED: NEVER,
    events.ASKED_TOGETHER: NEVER,
    events.WITHDRAWN: NEVER,
    events.APPROVED: NEVER,
    events.REJECTED: NEVER,
    events.LAPSED: NEVER,
    events.APPROVAL_LOST: NEVER,  # follows from a change of somebody's rights, which is marked
    events.APPROVAL_BACK: NEVER,
    events.SENDING: NEVER,
    events.BLOCKED: ALWAYS,
    events.ANSWERED: [
        ({"outcome": "accepted", "status": "active"}, ""),
        ({"outcome": "not-sent", "status": "approved"}, ""),
        ({"outcome": "not-sent", "status": "refused"}, "refused"),
        ({"outcome": "refused", "status": "refused"}, "refused"),
        ({"outcome": "throttled", "status": "refused"}, "refused"),
        ({"outcome": "unknown", "status": "unknown"}, "unknown"),
        # What comes late, and says otherwise than a person who settled it.
        ({"outcome": "refused", "status": "active"}, "refused"),
        ({"outcome": "accepted", "status": "refused"}, "refused"),
    ],
    events.LOST: ALWAYS,
    events.EXPIRED: NEVER,
    events.ENDED: NEVER,
    events.STOPPED: [({"early": True}, "stopped"), ({"early": False}, ""), ({}, "")],
    events.SETTLED: ALWAYS,
    events.ENDING: NEVER,
    events.MATCHED: [({"by_hand": True}, "unknown"), ({}, "")],
    events.SEEN_OVER: [
        ({"status": "stopped", "ordered": False}, "alarm"),
        ({"status": "stopped", "ordered": True}, ""),
        ({"status": "ended", "ordered": False}, ""),
    ],
    events.STOP_ORDERED: [({"early": True}, "stopped"), ({"early": False}, "")],
    events.STOP_SENDING: NEVER,
    events.STOP_ANSWERED: [
        ({"order": "refused"}, "alarm"),
        ({"order": "unclear"}, "alarm"),
        ({"order": "delivered"}, ""),
        ({"order": "waiting"}, ""),
        ({}, ""),
    ],
    events.STOP_LOST: ALWAYS,
    events.ALARM_RAISED: ALWAYS,
    events.ALARM_SETTLED: NEVER,
    events.SEEN_ELSEWHERE: ALWAYS,
    events.V6_REFUSED: ALWAYS,
    events.V6_BACK: NEVER,
    events.GLASS_BROKEN: ALWAYS,
    events.GLASS_REVIEWED: [({"verdict": "justified"}, ""), ({"verdict": "not justified"}, "glass")],
    events.DRAFT_EDITED: NEVER,  # nothing follows from it until it is published
    events.RULES_PUBLISHED: ALWAYS,
    events.PRESET_SAVED: NEVER,  # whatever it fills in is judged like anything else
    events.PRESET_DELETED: NEVER,
    events.LIST_SHARED: NEVER,  # a link above a list
    events.LIST_DELETED: NEVER,
    events.PLAN_SAVED: ALWAYS,
    events.PLAN_DELETED: ALWAYS,
    events.PLAN_IMPORTED: ALWAYS,
    events.CATALOGUE_SAVED: [
        (saved({}), "rules"),
        (saved({}, offered=False), ""),
        (saved(PAIRING), ""),
        (saved({**PAIRING, "offered": False}), "rules"),
        (saved(PAIRING, ipv6=True), "rules"),
        (saved(PAIRING, widens_to_24=False), "rules"),
        (saved(PAIRING, needs_ports=False), "rules"),
        (saved(PAIRING, widest_ipv4=20), "rules"),
        (saved(PAIRING, widest_ipv4=28), ""),
        (saved(PAIRING, longest_minutes=None), "rules"),
        (saved(PAIRING, longest_minutes=61), "rules"),
        (saved({**PAIRING, "longest_minutes": None}), ""),
        ({"values": {"name": "Edge RTBH"}, "before": {}}, ""),
    ],
    events.CATALOGUE_RETIRED: NEVER,
    events.CATALOGUE_RESTORED: ALWAYS,
    events.CATALOGUE_IMPORTED: ALWAYS,
    events.CATALOGUE_TIGHTENED: ALWAYS,
    events.CATALOGUE_TAKEN_OVER: ALWAYS,
    events.CATALOGUE_WANTED: NEVER,
    events.SOURCE_SAVED: ALWAYS,
    events.SOURCE_OFF: ALWAYS,
    events.SOURCE_ON: ALWAYS,
    events.SOURCE_USED: NEVER,  # refused alone, which is looked at as any try of somebody who may not
    events.SECRET_TAKEN: ALWAYS,
    events.CHANNEL_SAVED: ALWAYS,
    events.CHANNEL_DELETED: ALWAYS,
    events.CHANNEL_TESTED: NEVER,
    events.REVIEW_TAKEN: NEVER,
    events.REVIEW_GIVEN_BACK: NEVER,
    events.REVIEW_NOTED: NEVER,
    events.REVIEW_ASKED: NEVER,
    events.REVIEW_ANSWERED: NEVER,
    events.REVIEW_CLOSED: NEVER,
    events.REVIEW_FOLLOWED_UP: NEVER,
    events.PERIOD_SIGNED_OFF: NEVER,
    events.PERIOD_COUNTERSIGNED: NEVER,
    events.VERIFICATION_WANTED: NEVER,
    events.CHECKPOINT_WANTED: NEVER,
    events.VERIFIED: NEVER,
    events.FLAW_FOUND: ALWAYS,
    events.CHECKPOINTED: NEVER,
    events.REDACTION_ASKED: ALWAYS,
    events.REDACTION_DECLINED: NEVER,
    events.REDACTED: ALWAYS,
    events.STREAM_BEHIND: ALWAYS,
    events.STREAM_CAUGHT_UP: NEVER,
    events.STREAM_FORGOTTEN: ALWAYS,
    events.EXPORT_ASKED: NEVER,
    events.EXPORT_BEGUN: NEVER,
    events.EXPORTED: NEVER,
    events.EXPORT_BROKEN_OFF: NEVER,
    events.ARCHIVED: ALWAYS,
    events.LOG_FOLLOWED: NEVER,  # the token for it was looked at when it was made
    events.EXCHANGES_FOLLOWED: NEVER,
}
CASES = [(deed, facts, code) for deed, cases in TABLE.items() if isinstance(cases, list) for facts, code in cases]


def test_has_a_decision_for_every_deed() -> None:
    ours = {deed for group in vocabulary.grouped().values() for deed in group if not deed.startswith("box.")}
    assert set(TABLE) == ours


@pytest.mark.parametrize("deed", [deed for deed, when in TABLE.items() if isinstance(when, bool)])
def test_marks_each_or_none(deed: str) -> None:
    assert (vocabulary.concern(deed, {}) is not None) is TABLE[deed]


@pytest.mark.parametrize(("deed", "facts", "code"), CASES)
def test_marks_by_the_facts(deed: str, facts: dict[str, Any], code: str) -> None:
    concern = vocabulary.concern(deed, facts)
    assert (concern.code if concern else "") == code


def test_marks_under_headings_that_are_registered() -> None:
    found = {vocabulary.concern(deed, facts) for deed, facts, code in CASES if code}
    found |= {vocabulary.concern(deed, {}) for deed, when in TABLE.items() if when is True}
    assert found <= {*vocabulary.concerns(), None}
    assert len({concern.code for concern in vocabulary.concerns()}) == len(vocabulary.concerns())


def test_names_what_is_grave_first() -> None:
    grave = [concern.grave for concern in vocabulary.concerns()]
    assert grave == sorted(grave, reverse=True)
    assert vocabulary.named("glass") is concerns.GLASS
    assert vocabulary.named("of-long-ago") is vocabulary.OTHER
