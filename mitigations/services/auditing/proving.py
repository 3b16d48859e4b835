"""Verifying the log, and signing its head so that a copy kept elsewhere can bear witness.

People only say what they want; the worker does it. A walk may take longer than a page may, and the key that signs need
be nowhere but with the worker.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.authority import Actor, Deed, demand
from audit import chaining, keys, proofs
from audit.chain import Head
from audit.ledger import recorded
from audit.models import Checkpoint, Event, Outcome
from audit.notes import Statement, digest
from audit.proofs import Covered, Found
from audit.refusal import Conflict, Objection, Unacceptable
from audit.signing import PublicKey, SigningKey
from audit.trails import Verdict
from audit.verification import verify
from audit.walking import Row
from mitigations.services import events

_NO_KEY = "There is no key to sign with. `manage.py audit_key` makes one, and AUDIT_SIGNING_KEY names it."
_THE_LOG = "the log"
_SOUND = (events.VERIFIED, events.CHECKPOINTED)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    at: datetime
    sentence: str


def want_verification(*, whole: bool, by: Actor, at: datetime) -> None:
    """Have the log verified: from its beginning, or what came since the newest checkpoint."""
    with recorded(events.VERIFICATION_WANTED, subject=_THE_LOG, by=by.author, at=at) as record:
        record.facts = {"whole": whole, "what": "the whole log" if whole else "what came since the newest checkpoint"}
        demand(by, Deed.VERIFY_AUDIT)


def want_checkpoint(*, by: Actor, at: datetime) -> None:
    """Have the head of the log signed."""
    with recorded(events.CHECKPOINT_WANTED, subject=_THE_LOG, by=by.author, at=at):
        demand(by, Deed.VERIFY_AUDIT)


def found() -> Found | None:
    """What the newest verification found: it stands on every page."""
    return proofs.last_found(sound=_SOUND, flawed=events.FLAW_FOUND)


def covered() -> Covered | None:
    """What is verified in all: a verification of what is new continues those before it. None after a flaw."""
    found = proofs.finds(sound=_SOUND, flawed=events.FLAW_FOUND)
    return proofs.covered(found, beginning=chaining.beginning(Event).number)


def check(
    *,
    whole: bool,
    by: Actor,
    at: datetime,
    kept: Collection[Statement] = (),
    believed: Collection[PublicKey] | None = None,
    archives: Mapping[str, Iterator[Row]] | None = None,
) -> Verdict:
    """Verify the log, and record what was found. `kept` are checkpoints from elsewhere, `believed` the keys whose
    checkpoints count, those of the settings unless said otherwise; `archives` the records of every archive, log by log:
    then the walk begins at the first of all. Raises BadKey.
    """
    demand(by, Deed.VERIFY_AUDIT)
    trusted = keys.believed() if believed is None else believed
    since = None if whole or archives is not None else _since()
    verdict = verify(since=since, kept=kept, keys=trusted, archives=archives)
    _record(verdict, by=by, at=at)
    return verdict


def checkpoint(*, by: Actor, at: datetime) -> Checkpoint:
    """Verify what came since the newest checkpoint, and sign the head. Raises BadKey, Unacceptable without a key, and
    Conflict when the log is not as it was written: then nothing is signed.
    """
    demand(by, Deed.VERIFY_AUDIT)
    verdict = verify(since=_since(), keys=keys.believed())
    if verdict.flaw is not None:
        _record(verdict, by=by, at=at)
    with recorded(events.CHECKPOINTED, subject=_THE_LOG, by=by.author, at=at) as record:
        key = _key()
        _must_be_sound(verdict)
        # From here on nobody appends; the few that came meanwhile are verified as well.
        chaining.newest(Event)
        here = Statement(head=verdict.heads[Event.LOG], beside=_beside(verdict), at=at)
        last = verify(since=here, keys=keys.believed())
        _must_be_sound(last)
        made = _sign(last, key, at=at)
        record.facts = {"number": made.number, "hash": made.hash, "key": made.key, "start": verdict.start}
        # In full: whoever follows the log keeps what bears witness to it.
        record.facts |= {"sentence": verdict.sentence, "note": made.note}
    return made


def trouble() -> Trouble | None:
    """Why the newest try to sign came to nothing, if it did."""
    tried = proofs.newest_of(events.CHECKPOINTED)
    if tried is None or tried.outcome != Outcome.REFUSED:
        return None
    return Trouble(at=tried.at, sentence=" ".join(each["sentence"] for each in tried.facts["objections"]))


def unproven(_first: int, last: int) -> Objection | None:
    """What speaks against relying on the log up to this event: it was found not to be sound, or not verified so far."""
    seen = found()
    if seen is not None and seen.is_flaw:
        return Objection(code="flaw", sentence=f"The log is not as it was written. {seen.sentence}")
    if seen is None or seen.number < last:
        up_to = f"only up to event {seen.number}" if seen else "never yet"
        return Objection(code="unproven", sentence=f"The log was verified {up_to}. Have it verified first.")
    return None


def _since() -> Statement | None:
    """After a flaw only a walk from the beginning can say that all is well again."""
    last = found()
    return None if last is not None and last.is_flaw else proofs.newest_statement()


def _record(verdict: Verdict, *, by: Actor, at: datetime) -> None:
    deed = events.VERIFIED if verdict.flaw is None else events.FLAW_FOUND
    with recorded(deed, subject=_THE_LOG, by=by.author, at=at) as record:
        record.facts = {"start": verdict.start, "walked": verdict.walked, "sentence": verdict.sentence}
        if verdict.flaw is None:
            record.facts |= {"number": verdict.heads[Event.LOG].number, "redacted": verdict.redacted}
        else:
            record.facts |= {"kind": verdict.flaw.kind.value, "log": verdict.flaw.log, "number": verdict.flaw.number}


def _key() -> SigningKey:
    key = keys.signing()
    if key is None:
        raise Unacceptable([Objection(code="key", sentence=_NO_KEY)])
    return key


def _must_be_sound(verdict: Verdict) -> None:
    if verdict.flaw is not None:
        raise Conflict([Objection(code="flaw", sentence=f"Nothing is signed. {verdict.sentence}")])


def _beside(verdict: Verdict) -> dict[str, Head]:
    return {name: head for name, head in verdict.heads.items() if name != Event.LOG}


def _sign(verdict: Verdict, key: SigningKey, *, at: datetime) -> Checkpoint:
    before = proofs.newest()
    stated = Statement(
        head=verdict.heads[Event.LOG],
        beside=_beside(verdict),
        at=at,
        before=(before.number, digest(before.note)) if before else None,
    )
    return Checkpoint.objects.create(
        number=stated.head.number,
        hash=stated.head.hash,
        made_at=stated.at,
        key=key.public.id,
        note=key.sign(stated.text),
    )
