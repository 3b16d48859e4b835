from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.db import models

from audit.canonical import canonical, read, sha256
from audit.chain import Head, tied


class Link(models.Model):
    """One record of a chained log. Append-only: triggers on both databases refuse UPDATE, DELETE and TRUNCATE.

    `body` is the canonical text of what is known, `hash` ties it to its predecessor (`audit.chain`). What may one day
    have to be redacted stands in `detail`, and `body` carries its SHA-256. All other columns repeat parts of the two so
    that they can be searched: `columns` says which, and verification compares them.
    """

    LOG: ClassVar[str]
    # Any 64-bit number of this log's own, the same for every process of one database.
    LOCK: ClassVar[int]

    number = models.BigIntegerField(primary_key=True)
    body = models.TextField()
    detail = models.TextField(null=True)
    hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    @classmethod
    def after(cls, head: Head, facts: Mapping[str, Any], detail: Mapping[str, Any]) -> Self:
        """The record of these facts that follows `head`, not yet saved. `detail` is kept beside what is hashed."""
        beside = canonical(detail)
        known = {**facts, "log": cls.LOG, "number": head.number + 1, "detail_sha256": sha256(beside)}
        body = canonical(known)
        # From the text rather than from the facts: what is compared later is what was written.
        columns = cls.columns(read(body), read(beside))
        return cls(number=head.number + 1, body=body, detail=beside, hash=tied(head.hash, body), **columns)

    @classmethod
    def columns(cls, body: Mapping[str, Any], _detail: Mapping[str, Any]) -> dict[str, Any]:
        """What the other columns must hold; `detail` is empty once it is redacted."""
        raise NotImplementedError

    @property
    def details(self) -> dict[str, Any]:
        """What stands beside the hashed text; empty once it is redacted."""
        return read(self.detail) if self.detail is not None else {}

    @property
    def is_redacted(self) -> bool:
        return self.detail is None
