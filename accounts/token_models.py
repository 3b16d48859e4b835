"""Tokens of the API, and what is kept of the calls that come with one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.authority import Scope


class ApiToken(models.Model):
    """What one automation of one person may do here. Never deleted: events name it.

    Of the token itself only its SHA-256 is kept. It is worth no more than what its owner may do when it is used.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=40)
    purpose = models.CharField(max_length=200)
    beginning = models.CharField(max_length=16)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField()
    networks = models.JSONField(default=list, blank=True, help_text="Empty: from anywhere.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Written at most once a minute.
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.CharField(max_length=45, blank=True)
    # The network of the newest call, so that only another one is looked up.
    last_network = models.CharField(max_length=43, blank=True)
    log_noted_at = models.DateTimeField(null=True, help_text="When the log was told last that it is followed by this.")
    exchanges_noted_at = models.DateTimeField(null=True, help_text="The same of the exchanges.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(revoked_at=None), name="token_named_once_of_an_owner"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(purpose=""), name="token_says_what_for"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="token_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @property
    def granted(self) -> frozenset[Scope]:
        """A scope that a former version knew grants nothing."""
        return frozenset(scope for scope in Scope if scope in self.scopes)

    def is_over(self, at: datetime) -> bool:
        return self.revoked_at is not None or at >= self.expires_at


class TokenNetwork(models.Model):
    """A network from which a token was used."""

    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="seen")
    network = models.CharField(max_length=43)
    first_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["token", "network"], name="token_network_once"),
        ]

    def __str__(self) -> str:
        return self.network


class Tally(models.Model):
    """How many calls of somebody began in a minute: one row each, counted by the database."""

    key = models.CharField(max_length=80, primary_key=True)
    minute = models.BigIntegerField(db_index=True)
    calls = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.calls}"


class KeptAnswer(models.Model):
    """What a call with an Idempotency-Key was answered, for the same call to be answered so once more.

    `caller`: what the call came with, as `Pass.caller` names it. Of the call itself only a hash is kept. `status` None:
    it has not ended, or was cut off before its answer was kept.
    """

    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    call_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["caller", "key"], name="answer_once_for_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.status} for {self.key}"
