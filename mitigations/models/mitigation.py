from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mitigations.folding import Folded, begins, is_text
from mitigations.models.axis import AxisQuerySet
from mitigations.models.catalogue import Pairing
from mitigations.policies.approval import MOST_APPROVALS, Verdict, Vote
from mitigations.policies.catalogue import MAX_MINUTES
from mitigations.policies.guardrails import Terms
from mitigations.policies.lifecycle import FINAL, IN_FORCE, WAITING, Status
from mitigations.policies.matching import has_lost_its_end
from mitigations.policies.network import Prefix, known
from mitigations.policies.observing import Appearance
from mitigations.policies.plight import Plight, plight
from mitigations.policies.stopping import OPEN_ORDERS

if TYPE_CHECKING:
    from mitigations.models.kentik import StopOrder

# Plain texts in a fixed order: migrations keep what constraints say.
_WAITING, _IN_FORCE, _FINAL = (sorted(status.value for status in group) for group in (WAITING, IN_FORCE, FINAL))
_STATUSES = [status.value for status in Status]
_VERDICTS = [verdict.value for verdict in Verdict]

_REFERENCE = re.compile(r"MIT-([1-9][0-9]{0,17})", re.ASCII | re.IGNORECASE)


class MitigationQuerySet(AxisQuerySet["Mitigation"]):
    def open(self) -> Self:
        """Those that are not over.

        Told by `closed_at`, which the small index of open ones is made for. By status alone SQLite's statistics expect
        half the table to be open, and it walks all of it.
        """
        return self.filter(closed_at=None)

    def of_ticket(self, text: str) -> Self:
        """Those of this very ticket, whatever the case of its letters."""
        return self.filter(is_text("ticket", text))

    def of_tickets(self, beginning: str) -> Self:
        """Those whose ticket begins so, in the order of their tickets, the last first."""
        rows = self.filter(begins("ticket", beginning))
        return rows.order_by(Folded("ticket").desc(), "-pk")

    def referred(self, reference: str) -> Mitigation:
        """The one that "MIT-42" names. Raises Mitigation.DoesNotExist."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise Mitigation.DoesNotExist(f"{reference!r} is no reference.")
        return self.get(pk=int(match[1]))


class Mitigation(models.Model):
    """One request for one mitigation, and what became of it.

    The terms (everything down to `requested_at`) never change, and a trigger says so too. `status` moves by the table
    in `policies.lifecycle` only.
    """

    target = models.CharField(max_length=43)
    family = models.PositiveSmallIntegerField()
    first = models.BinaryField(max_length=16)
    last = models.BinaryField(max_length=16)
    length = models.PositiveSmallIntegerField()
    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="mitigations")
    minutes = models.PositiveIntegerField(help_text="Until Kentik stops it by itself; 0: never.")
    comment = models.CharField(max_length=200, blank=True)
    reason = models.TextField(max_length=2000)
    ticket = models.CharField(max_length=100, blank=True)
    approvals_needed = models.PositiveSmallIntegerField()
    approving_team = models.ForeignKey(
        "mitigations.Team", on_delete=models.PROTECT, null=True, related_name="+", help_text="Only its approvals count."
    )
    rule = models.CharField(max_length=400, help_text="The sentence that the requester read before asking.")
    rulebook = models.PositiveIntegerField(null=True, help_text="The version of the rules that said so.")
    findings_when_asked = models.JSONField(default=list)
    asked_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="companions", help_text="The first of those together."
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requests")
    requested_at = models.DateTimeField()
    waits_until = models.DateTimeField(help_text="Not decided, or not sent, by then: it expires.")

    status = models.CharField(
        max_length=10, choices=[(status, status) for status in _STATUSES], default=Status.PENDING.value
    )
    approved_at = models.DateTimeField(null=True)
    # A worker's claim: which attempt, and until when the worker may be presumed to live.
    attempt = models.UUIDField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True, help_text="Not before: the last call never left.")
    started_at = models.DateTimeField(null=True, help_text="When Kentik said OK, or took the call that was settled so.")
    ends_at = models.DateTimeField(null=True, help_text="The auto-stop; empty when it has none, or never started.")
    end_announced_at = models.DateTimeField(null=True, help_text="When people were told that it ends soon.")
    closed_at = models.DateTimeField(null=True)
    # Why it is where it is, in a sentence for people: the answer of Kentik, the guardrail, the settlement.
    status_note = models.TextField(blank=True)

    objects = MitigationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        indexes: ClassVar[list[models.Index]] = [
            # In the order of the network, with all that says where a target lies.
            models.Index(fields=["first", "length", "-id", "last", "family", "status"], name="mitigation_axis"),
            models.Index(fields=["status", "-id"], name="mitigation_status"),
            models.Index(fields=["requested_by", "-id"], name="mitigation_requester"),
            models.Index(fields=["pairing", "-id"], name="mitigation_pairing"),
            # All that the reports count by, so that they read it alone.
            models.Index(
                fields=["requested_at", "status", "requested_by", "pairing", "id"], name="mitigation_reported"
            ),
            models.Index(fields=["closed_at", "started_at"], name="mitigation_over"),
            # Of all rows: PostgreSQL cannot tell how rare a ticket is from an index of some.
            models.Index(Folded("ticket"), "id", name="mitigation_ticket"),
            models.Index(fields=["status", "-id"], condition=Q(closed_at=None), name="mitigation_open"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["target"], condition=Q(status__in=_IN_FORCE), name="one_in_force_per_target"
            ),
            models.UniqueConstraint(fields=["target"], condition=Q(status__in=_WAITING), name="one_waiting_per_target"),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status=Status.SENDING.value), name="one_call_at_a_time"
            ),
            models.CheckConstraint(condition=Q(status__in=_STATUSES), name="mitigation_status_known"),
            models.CheckConstraint(condition=Q(family__in=[4, 6]), name="mitigation_family_known"),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="mitigation_first_before_last"),
            models.CheckConstraint(condition=Q(minutes__lte=MAX_MINUTES), name="mitigation_minutes_bounded"),
            models.CheckConstraint(condition=~Q(reason=""), name="mitigation_has_a_reason"),
            models.CheckConstraint(
                condition=Q(approvals_needed__lte=MOST_APPROVALS), name="mitigation_approvals_bounded"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.SENDING.value, lease_until__isnull=False, attempt__isnull=False)
                | (~Q(status=Status.SENDING.value) & Q(lease_until=None)),
                name="mitigation_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_FINAL, closed_at__isnull=False) | (~Q(status__in=_FINAL) & Q(closed_at=None)),
                name="mitigation_closed_when_final",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ACTIVE.value)
                | (
                    Q(started_at__isnull=False) & (Q(minutes=0, ends_at=None) | Q(minutes__gt=0, ends_at__isnull=False))
                ),
                name="mitigation_active_has_its_times",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.APPROVED.value, *_IN_FORCE]) | Q(approved_at__isnull=False),
                name="mitigation_sent_only_when_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.target}"

    @property
    def reference(self) -> str:
        return f"MIT-{self.pk}"

    @property
    def lead(self) -> int:
        """The first of those that it was asked with; itself where it was asked for alone or is the first."""
        return self.asked_with_id or self.pk

    @property
    def lead_reference(self) -> str:
        return f"MIT-{self.lead}"

    @property
    def prefix(self) -> Prefix:
        return known(self.target)

    @property
    def terms(self) -> Terms:
        return Terms(target=self.prefix, minutes=self.minutes)

    @property
    def kept_findings(self) -> list[tuple[str, str]]:
        """Code and sentence of what the guardrails said when it was asked for."""
        return [(each["code"], each["sentence"]) for each in self.findings_when_asked]

    @property
    def broken_glass(self) -> BreakGlass | None:
        glass: BreakGlass | None = getattr(self, "glass", None)
        return glass

    @property
    def plight(self) -> Plight | None:
        """What is to be said in place of the time left. Lists of them bring `sighting` and `stop_orders` along."""
        if self.status != Status.ACTIVE:
            return None
        sighting = getattr(self, "sighting", None)
        return plight(
            None if sighting is None else Appearance(sighting.appearance),
            has_lost_its_end=sighting is not None
            and has_lost_its_end(self.minutes, at_kentik=sighting.auto_stop_minutes),
            is_ordered_to_stop=self.open_order is not None,
        )

    @property
    def open_order(self) -> StopOrder | None:
        """The order to stop it that is under way."""
        return next((each for each in self.stop_orders.all() if each.status in OPEN_ORDERS), None)

    def ends_after(self, at: datetime) -> bool:
        """Whether its auto-stop is still ahead; one without never is."""
        return self.ends_at is not None and at < self.ends_at

    @property
    def marked_comment(self) -> str:
        """The comment as Kentik gets it: the mark first, so that Kentik's list can be matched to ours."""
        return f"[{self.reference}] {self.comment}".strip()


class Decision(models.Model):
    """One person's word on one request. Append-only; triggers refuse the requester's own."""

    mitigation = models.ForeignKey(Mitigation, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=7, choices=[(verdict, verdict) for verdict in _VERDICTS])
    note = models.TextField(max_length=2000, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["mitigation", "decided_by"], name="one_decision_per_person"),
            models.CheckConstraint(condition=Q(verdict__in=_VERDICTS), name="decision_verdict_known"),
            models.CheckConstraint(condition=Q(verdict=Verdict.APPROVE.value) | ~Q(note=""), name="rejection_says_why"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decided_by", "verdict", "mitigation"], name="decision_by_whom"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.decided_by_id}"

    @property
    def vote(self) -> Vote:
        return Vote(by=self.decided_by_id, verdict=Verdict(self.verdict))


class BreakGlass(models.Model):
    """One request that went out without approval, on the word of whoever asked, and what others said of it afterwards.

    It is no decision: nobody decides on their own request. A trigger lets only the requester break the glass.
    """

    mitigation = models.OneToOneField(Mitigation, on_delete=models.PROTECT, related_name="glass")
    broken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    broken_at = models.DateTimeField()
    reason = models.TextField(max_length=2000)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    justified = models.BooleanField(null=True)
    review_note = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        verbose_name_plural = "broken glass"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="glass_has_a_reason"),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None, justified=None)
                | (
                    Q(reviewed_by__isnull=False, reviewed_at__isnull=False, justified__isnull=False)
                    & ~Q(review_note="")
                ),
                name="glass_reviewed_by_whom_when_and_how",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("broken_by")), name="glass_reviewed_by_somebody_else"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["broken_at"], condition=Q(reviewed_at=None), name="glass_to_review"),
        ]

    def __str__(self) -> str:
        return f"glass broken for {self.mitigation_id}"
