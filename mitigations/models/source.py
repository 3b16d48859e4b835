"""Sources of alerts: who may propose mitigations by machine, what they sent, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit import sealing
from mitigations.models.mitigation import Mitigation
from mitigations.models.preset import Preset
from mitigations.policies.alerts import LONGEST_KEY, Kind, Outcome, Places, Proof

_KINDS, _PROOFS, _OUTCOMES = ([each.value for each in group] for group in (Kind, Proof, Outcome))
_LONGEST_POINTER = 200


class Source(models.Model):
    """A detector that may propose mitigations in its owner's name. Never deleted: what it proposed names it.

    Until its owner has taken its secret it proves nothing and is let in nowhere. A secret that is sent along is kept as
    its hash; one that signs is needed itself, and sealed. `refused_at`, `refused_from`: who last came without it.
    """

    name = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=[(each.value, each.words) for each in Kind])
    preset = models.ForeignKey(Preset, on_delete=models.PROTECT, related_name="sources")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sources")
    proof = models.CharField(max_length=9, choices=[(each.value, each.words) for each in Proof])
    networks = models.JSONField(default=list, blank=True, help_text="Empty: from anywhere.")
    target_at = models.CharField(max_length=_LONGEST_POINTER, blank=True)
    key_at = models.CharField(max_length=_LONGEST_POINTER, blank=True)
    words_at = models.CharField(max_length=_LONGEST_POINTER, blank=True)
    when_at = models.CharField(max_length=_LONGEST_POINTER, blank=True)
    when_holds = models.CharField(max_length=_LONGEST_POINTER, blank=True)
    beginning = models.CharField(max_length=16, blank=True)
    sealed = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    secret_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refused_from = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="source_kind_known"),
            models.CheckConstraint(
                condition=Q(secret_at=None, sealed="", sha256="")
                | (Q(secret_at__isnull=False, proof=Proof.SIGNATURE.value, sha256="") & ~Q(sealed=""))
                | (Q(secret_at__isnull=False, proof=Proof.SECRET.value, sealed="") & ~Q(sha256="")),
                name="source_secret_kept_as_its_proof_needs",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def places(self) -> Places:
        return Places(
            target=self.target_at, key=self.key_at, words=self.words_at, when=self.when_at, holds=self.when_holds
        )

    @property
    def requested_by_id(self) -> int:
        """Whose it is, as `accounts.authority` asks of every subject."""
        return self.owner_id

    @property
    def secret(self) -> str:
        """Raises `audit.sealing.Unreadable` when it was sealed by a key that is not known any more."""
        return sealing.unseal(self.sealed)


class Proposal(models.Model):
    """That this mitigation was proposed by a source, for this alert. One alert makes one, however often it is sent."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="proposals")
    key = models.CharField(max_length=LONGEST_KEY)
    mitigation = models.OneToOneField(Mitigation, on_delete=models.PROTECT, related_name="proposal")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "key"], name="alert_proposes_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.source_id}"


class Notice(models.Model):
    """One alert as it was received, and what came of it; for a month, and no more than the newest thousand of a source.

    `delivery`: the hash of a signed one, by which the same is known again. `outcome` empty: it has not ended, or was
    cut off before that was kept.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="notices")
    received_at = models.DateTimeField(db_index=True)
    received_from = models.CharField(max_length=45, blank=True)
    delivery = models.CharField(max_length=64, null=True)
    key = models.CharField(max_length=LONGEST_KEY, blank=True)
    words = models.CharField(max_length=500, blank=True)
    body = models.TextField()
    is_cut = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, blank=True, choices=[(each.value, each.words) for each in Outcome])
    sentence = models.TextField(blank=True)
    findings = models.JSONField(default=list)
    mitigation = models.ForeignKey(Mitigation, on_delete=models.PROTECT, null=True, related_name="notices")

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "delivery"], name="delivery_once_of_a_source"),
            models.CheckConstraint(condition=Q(outcome__in=["", *_OUTCOMES]), name="notice_outcome_known"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "-id"], name="notice_newest_of_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome or 'under way'}: {self.key}"
