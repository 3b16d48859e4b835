"""The client of Kentik's V6 API: each method is one call, each call one exchange, and nothing is repeated.

A question may be asked again at any time. An action may not, unless it provably never left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from requests import PreparedRequest

from mitigations.kentik import reading
from mitigations.kentik.account import Account, BadAccount, is_id
from mitigations.kentik.messages import Call, Outcome, Raw, ReadCall, ReadOutcome, Sent
from mitigations.kentik.transport import Transport
from mitigations.kentik.v6 import answers, parsing
from mitigations.kentik.v6.paging import BEGINNING, Place, Query
from mitigations.kentik.v6.parsing import Json
from mitigations.kentik.v6.questions import METHODS, MITIGATIONS, PLATFORMS, MitigationFilter, act_body
from mitigations.kentik.v6.states import Action
from mitigations.kentik.v6.values import ActAnswer, Acted, Answer, KentikMitigation, Method, Page, Platform

Value = TypeVar("Value")

# A page of a hundred mitigations, each with a long history, has a tenth of it.
_MOST_BYTES = 4 * 1024 * 1024


class V6Client:
    """Belongs to one thread. `now` tells the time for the record. Raises BadAccount when the account has no V6."""

    def __init__(self, account: Account, *, now: Callable[[], datetime]) -> None:
        if not account.v6_url:
            raise BadAccount("Kentik's V6 is switched off: there is no address for it.")
        self._base = account.v6_url.rstrip("/")
        self._transport = Transport(account, now=now)

    @property
    def longest_call(self) -> float:
        """Seconds after which a call is over in any case."""
        return self._transport.longest_call

    def list_platforms(self, at: Place = BEGINNING) -> Answer[Page[Platform]]:
        return self._ask(PLATFORMS, partial(answers.page, key="platforms", read=parsing.platform, at=at), at.query())

    def list_methods(self, at: Place = BEGINNING) -> Answer[Page[Method]]:
        return self._ask(METHODS, partial(answers.page, key="methods", read=parsing.method, at=at), at.query())

    def list_mitigations(self, wanted: MitigationFilter, at: Place = BEGINNING) -> Answer[Page[KentikMitigation]]:
        """One page, filtered once more. Kentik gives no order: sort what is found."""
        read = partial(answers.page, key="mitigations", read=parsing.mitigation, at=at, keeps=wanted.keeps)
        return self._ask(MITIGATIONS, read, [*wanted.query(), *at.query()])

    def get_mitigation(self, mitigation_id: str) -> Answer[KentikMitigation]:
        """Raises ValueError, with nothing sent, for an ID that is not one of Kentik's numbers."""
        _check_ids([mitigation_id])
        read = partial(answers.one_mitigation, mitigation_id=mitigation_id)
        return self._ask(f"{MITIGATIONS}/{mitigation_id}", read, missing=ReadOutcome.ABSENT)

    def act(self, action: Action, ids: Sequence[str]) -> ActAnswer:
        """Give the order once, and say for each ID what came of it.

        Raises ValueError, with nothing sent, for no ID at all or one that is not one of Kentik's numbers.
        """
        raw = self._transport.exchange(self._prepare_act(action, ids))
        outcome, sentence = reading.conclude(raw, answers.judge_act)
        results = answers.results(self._object_of(raw), ids) if outcome is Outcome.ACCEPTED else ()
        if outcome is Outcome.ACCEPTED and all(result.acted is Acted.UNKNOWN for result in results):
            outcome, results = Outcome.UNKNOWN, ()
            sentence = f"Kentik answered {raw.status} without a result{reading.told(raw.text)}"
        return ActAnswer(call=Call.of(raw, outcome=outcome, sentence=self._transport.redact(sentence)), results=results)

    def describe_act(self, action: Action, ids: Sequence[str]) -> Sent:
        """The request as it would leave, without sending it. Raises as `act` does."""
        return self._transport.describe(self._prepare_act(action, ids))

    def _prepare_act(self, action: Action, ids: Sequence[str]) -> PreparedRequest:
        _check_ids(ids)
        return self._transport.prepare("POST", f"{self._base}{MITIGATIONS}/{action.value}", body=act_body(ids))

    def _ask(
        self,
        path: str,
        read: Callable[[Json], Value | None],
        query: Query = (),
        *,
        missing: ReadOutcome = ReadOutcome.REFUSED,
    ) -> Answer[Value]:
        request = self._transport.prepare("GET", self._base + path, query=query)
        raw = self._transport.exchange(request, most_bytes=_MOST_BYTES)
        outcome, sentence = answers.judge_read(raw, missing=missing)
        value = read(self._object_of(raw)) if outcome is ReadOutcome.READ else None
        if outcome is ReadOutcome.READ and value is None:
            outcome = ReadOutcome.FAILED
            sentence = f"Kentik answered {raw.status}, which made no sense{reading.told(raw.text)}"
        call = ReadCall.of(raw, outcome=outcome, sentence=self._transport.redact(sentence))
        return Answer(call=call, value=value)

    def _object_of(self, raw: Raw) -> Json:
        return parsing.read_object(raw.text, redact=self._transport.redact)


def _check_ids(ids: Sequence[str]) -> None:
    # A single string is a sequence too, and its digits would be IDs of mitigations that nobody meant.
    if isinstance(ids, str) or not ids or not all(map(is_id, ids)):
        raise ValueError(f"{ids!r} are not IDs that Kentik gives.")
