"""What would happen if a request were asked for, without asking anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.authority import Actor
from audit.refusal import Objection
from mitigations.models import Pairing
from mitigations.policies import plainly
from mitigations.policies.guardrails import Finding, Severity, blocks
from mitigations.selectors import approvers, catalogue
from mitigations.selectors.rules import Judgement
from mitigations.services import requests
from mitigations.services.kentik_account import body_of
from mitigations.services.requests import Wanted, preview_message


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The findings, what the rules ask for, and the JSON that Kentik would get.

    `obstacles` are what else stands in the way of asking. `approvers`: who may approve it, unless they are too many to
    name. `once` and `does` are when it goes out and what it does then.
    """

    wanted: Wanted
    pairing: Pairing
    judgement: Judgement
    obstacles: Sequence[Objection]
    approvers: tuple[str, ...]
    once: str
    does: str
    body: str
    at: datetime

    @property
    def blocked(self) -> Sequence[Objection]:
        return (*blocks(self.judgement.findings), *self.obstacles)

    @property
    def to_review(self) -> Sequence[Finding]:
        return [finding for finding in self.judgement.findings if finding.severity is Severity.REVIEW]

    @property
    def ends_at(self) -> datetime | None:
        """If it went out now; None: nothing ends it by itself."""
        return self.at + timedelta(minutes=self.wanted.minutes) if self.wanted.minutes else None


def preview(wanted: Wanted, *, by: Actor, at: datetime) -> Preview:
    pairing = catalogue.pairing(wanted.pairing_id)
    judgement = requests.judge(pairing, wanted.terms, by=by, at=at)
    names = approvers.names(judgement.requirement, requester=by, at_most=plainly.MOST_NAMED)
    return Preview(
        wanted=wanted,
        pairing=pairing,
        judgement=judgement,
        obstacles=() if blocks(judgement.findings) else requests.objections_to([judgement], by=by),
        approvers=tuple(names),
        once=plainly.once(judgement.requirement, names),
        does=plainly.does(pairing.effect, wanted.target),
        body=body_of(preview_message(wanted, pairing)),
        at=at,
    )
