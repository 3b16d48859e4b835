"""What the portal's API offers, as far as commands call it. A test compares it with the portal's own schema."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

_CHANGED = (
    *("reference", "target", "status", "status_note", "kentik", "disagreements", "being_stopped"),
    *("approvals_missing", "may_be_approved_by"),
)
_WHOLE = (
    *_CHANGED,
    *("pairing", "minutes", "reason", "ticket", "comment", "requested_by", "requested_at", "rule", "waits_until"),
    *("glass", "approved_at", "started_at", "closed_at", "ends_at", "decisions", "findings", "may"),
)
_PREVIEW = (
    *("target", "pairing", "minutes", "findings", "obstacles", "requirement", "may_be_approved_by", "sentence"),
    "kentik_request",
)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`gives`: members that an answer of it has in any case, by which it is told from that of a stranger: all that are
    shown, for what was done and cannot be shown must not look as if nothing had been.

    `changes`: whether it matters if it was done twice, or not at all.
    """

    id: str
    method: str
    path: str
    gives: tuple[str, ...]
    changes: bool = False

    def place(self, reference: str) -> str:
        return self.path.replace("{reference}", quote(reference, safe=""))


def _get(id: str, path: str, *gives: str) -> Operation:
    return Operation(id=id, method="GET", path=path, gives=gives)


def _post(id: str, path: str, *gives: str) -> Operation:
    return Operation(id=id, method="POST", path=path, gives=gives, changes=True)


LIST = _get("asking.index", "/mitigations", "items", "next")
ONE = _get("asking.one", "/mitigations/{reference}", *_WHOLE)
EXCHANGES = _get("asking.its_exchanges", "/mitigations/{reference}/exchanges", "items")
PREVIEW = Operation(id="asking.preview", method="POST", path="/mitigations/preview", gives=_PREVIEW)
ASK = _post("asking.ask", "/mitigations", *_CHANGED)
ASK_MANY = _post("asking.ask_many", "/mitigations/many", "items")
QUEUE = _get("deciding.queue", "/approvals", "items")
APPROVE = _post("deciding.approve", "/mitigations/{reference}/approve", *_CHANGED)
REJECT = _post("deciding.reject", "/mitigations/{reference}/reject", *_CHANGED)
WITHDRAW = _post("deciding.withdraw", "/mitigations/{reference}/withdraw", *_CHANGED)
STOP = _post("deciding.stop", "/mitigations/{reference}/stop", *_CHANGED)
ME = _get("policy.me", "/me", "username", "name", "roles", "token", "rights")
CATALOGUE = _get("policy.things", "/catalogue", "pairings")
EVENTS = _get("log.events", "/events", "items", "next", "head")
ALL_EXCHANGES = _get("log.all_exchanges", "/exchanges", "items", "next", "head")
VERIFICATION = _get("log.verification", "/audit/verification", "head", "awaited", "sound", "sentence")
VERIFY = _post("log.verify", "/audit/verification", "head", "awaited", "sound", "sentence")
CHECKPOINTS = _get("log.checkpoints", "/audit/checkpoints", "items", "next")
