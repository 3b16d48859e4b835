"""Calls of machines that are let in or not, whether they come with a token or from a source of alerts."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit import seldom
from audit.author import Author
from audit.ledger import recorded
from audit.refusal import Forbidden, Objection

# From outside somebody may knock all day: one event for each address in this time.
_REFUSALS_EVERY = timedelta(hours=1)


class NotAdmitted(Exception):
    """A call that is not let in. `code` for machines, `sentence` for people, `status` of the answer."""

    def __init__(self, code: str, sentence: str, *, status: int = 401) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.status = code, sentence, status


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What a call came with: the word for its kind, its number, from which prefixes it may be used (none: from
    anywhere), and how the log calls it and its use.
    """

    kind: str
    id: int
    networks: Sequence[str]
    subject: str
    deed: str

    @property
    def caller(self) -> str:
        """By which calls with it are known: for what is counted and kept of them."""
        return f"{self.kind}:{self.id}"


def must_be_within(shown: Pass, *, by: Author, at: datetime) -> None:
    """Raise NotAdmitted, and record it, when they come from elsewhere."""
    ip = by.origin.ip
    if not shown.networks or (ip and _is_in_one(ip, shown.networks)):
        return
    refusal = Objection(code="network", sentence=f"This {shown.kind} may not be used from there.")
    if seldom.is_news("outside", shown.caller, ip, every=_REFUSALS_EVERY):
        with suppress(Forbidden), recorded(shown.deed, subject=shown.subject, by=by, at=at) as record:
            record.facts = {"network": ip or "an unknown address"}
            raise Forbidden([refusal])
    raise NotAdmitted(refusal.code, refusal.sentence, status=403)


def _is_in_one(ip: str, networks: Sequence[str]) -> bool:
    return any(ipaddress.ip_address(ip) in ipaddress.ip_network(each) for each in networks)
