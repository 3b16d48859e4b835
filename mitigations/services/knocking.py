"""Who sends an alert: a source that proves itself, from where it may come. Nobody else leaves more than a count."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts import bearer
from accounts.admission import NotAdmitted, Pass, must_be_within
from accounts.selectors import author_of
from audit.author import Origin
from audit.sealing import Unreadable
from mitigations.models import Source
from mitigations.policies import signatures
from mitigations.policies.alerts import Proof
from mitigations.services import events
from mitigations.services.sources import called

# One note of a wrong secret in this time.
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What a caller shows: a secret, or a signature with its timestamp."""

    secret: str = ""
    timestamp: str = ""
    signature: str = ""


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """`delivery`: by which the same signed one is known again; None where anybody could have sent it twice. `caller`:
    see `Pass`.
    """

    source: Source
    delivery: str | None
    caller: str


def admit(*, name: str, credential: Credential, body: bytes, origin: Origin, at: datetime) -> Admitted:
    """Raises NotAdmitted: the same whether there is no such source or the proof is wrong."""
    source = Source.objects.select_related("owner", "preset").filter(name=name).first()
    if not _is_proved(source, credential, body) or source is None:
        _note_stranger(name, origin, at)
        raise NotAdmitted("unknown-source", "There is no such source, or this is not its secret or its signature.")
    if source.proof == Proof.SIGNATURE and not signatures.is_timely(credential.timestamp, at=at):
        sentence = "The signature is older than 5 minutes, or its clock is wrong. Sign anew for each try."
        raise NotAdmitted("signature-too-old", sentence)
    shown = Pass(
        kind="source", id=source.pk, networks=source.networks, subject=called(source.name), deed=events.SOURCE_USED
    )
    must_be_within(shown, by=author_of(source.owner, origin=origin), at=at)
    delivery = None if source.proof == Proof.SECRET else hashlib.sha256(credential.signature.encode()).hexdigest()
    return Admitted(source=source, delivery=delivery, caller=shown.caller)


def _is_proved(source: Source | None, credential: Credential, body: bytes) -> bool:
    """As much is computed for a source that does not exist."""
    if source is not None and source.proof == Proof.SECRET:
        return bool(source.sha256) and hmac.compare_digest(bearer.hashed(credential.secret), source.sha256)
    secret = _secret_of(source)
    fits = signatures.fits(credential.signature, secret, timestamp=credential.timestamp, body=body)
    return fits and bool(secret)


def _secret_of(source: Source | None) -> str:
    if source is None or not source.sealed:
        return ""
    try:
        return source.secret
    except Unreadable:
        return ""


def _note_stranger(name: str, origin: Origin, at: datetime) -> None:
    """For whoever set it up with a wrong secret, on the row of the source: at most once a minute, whoever knocks."""
    long_ago = Q(refused_at=None) | Q(refused_at__lte=at - _NOTED_EVERY)
    Source.objects.filter(long_ago, name=name).update(refused_at=at, refused_from=origin.ip)
