"""The portal's API: each call sent once, and each answer turned into what its user does next."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from breakwater_cli import __version__, transport
from breakwater_cli.address import Address
from breakwater_cli.exits import REFUSALS
from breakwater_cli.failures import Broken, NotSent, Refused, Unclear
from breakwater_cli.operations import Operation
from breakwater_cli.tokens import Token
from breakwater_cli.transport import Limits, Lost, NeverLeft, Raw
from breakwater_cli.words import as_json_for_terminals, cleaned, on_one_line

Query = Mapping[str, object]
# Other software has problem details too; by their type these are the portal's.
_PROBLEM, _OUR_TYPE = "application/problem+json", "urn:breakwater:problem:"
_NOT_MODIFIED = 304


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`body`: for people, cleaned. `raw`: as it came, for what is computed. `text`: its JSON, for scripts."""

    body: dict[str, Any]
    raw: dict[str, Any]
    text: str
    etag: str = ""
    was_repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """A call that must not be made twice. `words`: the command that makes the very same call, without its key."""

    body: Mapping[str, object]
    words: Sequence[str]
    key: str = field(default_factory=lambda: f"cli-{uuid.uuid4()}")

    @property
    def again(self) -> list[str]:
        return [*self.words, "--key", self.key]


class Portal:
    """`allowed`: what the command says that it calls. It can call nothing else."""

    def __init__(
        self, address: Address, token: Token, *, allowed: Collection[Operation], limits: Limits | None = None
    ) -> None:
        self.address = address
        self._token = token
        self._allowed = allowed
        self._limits = limits or Limits()

    def get(self, operation: Operation, reference: str = "", *, query: Query | None = None) -> Answer:
        """Raises NotSent, NoToken, Refused and Broken."""
        found = self.news(operation, reference, query=query, etag="")
        if found is None:
            raise Broken("The portal answers that nothing has changed, which nobody had asked.")
        return found

    def news(
        self, operation: Operation, reference: str = "", *, query: Query | None = None, etag: str
    ) -> Answer | None:
        """None when it is still what had this ETag."""
        headers = {"If-None-Match": etag} if etag else {}
        raw = self._exchanged_to_look(operation, reference, query=query, headers=headers)
        if raw.status == _NOT_MODIFIED and etag:
            return None
        return self._looked(operation, raw)

    def try_out(self, operation: Operation, body: Mapping[str, object]) -> Answer:
        """A POST that changes nothing, however often it is made."""
        assert not operation.changes
        return self._looked(operation, self._exchanged_to_look(operation, body=body))

    def change(self, operation: Operation, change: Change, reference: str = "") -> Answer:
        """Sent once, whatever happens. Raises NotSent when nothing left, Refused when nothing was done, and Unclear
        when neither is certain: what is not the portal's own word proves nothing.
        """
        assert operation.changes
        try:
            raw = self._exchange(operation, reference, body=change.body, headers={"Idempotency-Key": change.key})
        except Lost as trouble:
            raise Unclear(f"No answer came ({trouble}).", again=change.again) from None
        except KeyboardInterrupt:
            raise Unclear("Interrupted while the call was under way.", again=change.again) from None
        answer = self._answer(operation, raw)
        if answer is not None:
            return answer
        refusal = self._refusal(raw)
        if refusal is None or raw.status >= 500 or "call-under-way" in refusal.codes:
            raise Unclear(self._strange(raw) if refusal is None else refusal.message, again=change.again)
        raise refusal

    def _exchanged_to_look(self, operation: Operation, reference: str = "", **more: Any) -> Raw:
        try:
            return self._exchange(operation, reference, **more)
        except Lost as trouble:
            raise Broken(f"No answer came from {self.address} ({trouble}). Nothing was to be changed.") from None

    def _looked(self, operation: Operation, raw: Raw) -> Answer:
        answer = self._answer(operation, raw)
        if answer is None:
            raise self._refusal(raw) or Broken(self._strange(raw))
        return answer

    def _exchange(
        self,
        operation: Operation,
        reference: str,
        *,
        query: Query | None = None,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Raw:
        """Raises NotSent and Lost."""
        assert operation in self._allowed, f"This command does not say that it calls {operation.id}."
        path = f"{self.address.base}/api/v1{operation.place(reference)}"
        named = [(name, value) for name, value in (query or {}).items() if _is_said(value)]
        path += f"?{urlencode(named, doseq=True)}" if named else ""
        sent = {"Authorization": self._token.header, "Accept": "application/json", "User-Agent": _US, **(headers or {})}
        content = None if body is None else _bytes(body)
        if content is not None:
            sent["Content-Type"] = "application/json"
        try:
            raw = transport.exchange(
                self.address, operation.method, path, headers=sent, body=content, limits=self._limits
            )
        except NeverLeft as trouble:
            raise NotSent(str(self.address), str(trouble)) from None
        return Raw(status=raw.status, headers=raw.headers, body=self._token.without(raw.body))

    def _answer(self, operation: Operation, raw: Raw) -> Answer | None:
        """None for what is not what this operation gives."""
        said = _said(raw) if 200 <= raw.status < 300 else None
        return said if said is not None and set(operation.gives) <= set(said.raw) else None

    def _refusal(self, raw: Raw) -> Refused | None:
        """None for what the portal itself did not say."""
        is_problem = raw.status in REFUSALS and raw.headers.get("content-type", "").startswith(_PROBLEM)
        said = _said(raw) if is_problem else None
        if said is None or not str(said.raw.get("type")).startswith(_OUR_TYPE):
            return None
        return Refused(raw.status, said.body, text=said.text, retry_after=_seconds(raw.headers))

    def _strange(self, raw: Raw) -> str:
        kind = on_one_line(raw.headers.get("content-type", "no type"))
        leads = f" It leads to {on_one_line(raw.headers['location'])}." if "location" in raw.headers else ""
        return f"{self.address} answered {raw.status} ({kind}), which is not what a Breakwater says.{leads}"


_US = f"breakwater-cli/{__version__}"


def _is_said(value: object) -> bool:
    return value is not None and value is not False and value not in ("", ())


def _bytes(body: Mapping[str, object]) -> bytes:
    """The same body is the same bytes, on which a repeated key depends."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _said(raw: Raw) -> Answer | None:
    """None for what is no object of JSON, or so deep that it cannot be one of ours."""
    try:
        text = raw.body.decode()
        found = json.loads(text)
        body = cleaned(found)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return Answer(
        body=body,
        raw=found,
        text=as_json_for_terminals(text),
        etag=raw.headers.get("etag", ""),
        was_repeated=raw.headers.get("idempotency-replayed") == "true",
    )


def _seconds(headers: Mapping[str, str]) -> int | None:
    text = headers.get("retry-after", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
