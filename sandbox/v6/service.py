"""The calls of V6: who asks, which of them it is, and its answer."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from sandbox import rpc
from sandbox.credentials import Credentials, is_json
from sandbox.faults import FaultKind
from sandbox.lifecycle import Action
from sandbox.messages import Answer, Refusal, Request, json_answer
from sandbox.mitigations import AlreadyMitigated, CannotAct, Mitigations
from sandbox.rpc import Code
from sandbox.shelf import Shelf
from sandbox.v6 import rows
from sandbox.v6.filters import mitigation_filter, offer_filter
from sandbox.v6.query import Query, choice

PATH = re.compile(r"/v202505/mitigations(?:/(?P<name>[^/]+))?")
AnyRow = TypeVar("AnyRow")


@dataclass(frozen=True, kw_only=True)
class V6:
    shelf: Shelf
    mitigations: Mitigations
    credentials: Credentials

    def answer(self, request: Request, flaw: FaultKind | None = None) -> Answer:
        """`flaw` is what will be wrong with the mitigations that are acted on, and does not show in the answer."""
        try:
            self.credentials.check(request)
            return self._route(request, flaw)
        except Refusal as refusal:
            return refusal.answer

    def _route(self, request: Request, flaw: FaultKind | None) -> Answer:
        found = PATH.fullmatch(request.path)
        if found is None:
            raise rpc.refusal(Code.NOT_FOUND, "Not Found")
        match request.method, found["name"]:
            case "GET", None:
                return self._list_mitigations(Query.of(request.target))
            case "GET", "platforms":
                return self._list_platforms(Query.of(request.target))
            case "GET", "methods":
                return self._list_methods(Query.of(request.target))
            case "GET", name:
                return self._get(name)
            case "POST", str(name):
                return self._act(name, request, flaw)
        raise rpc.refusal(Code.UNIMPLEMENTED, "Method Not Allowed")

    def _list_mitigations(self, query: Query) -> Answer:
        keeps = mitigation_filter(query)
        return _page(query, "mitigations", filter(keeps, self.mitigations.all()), rows.mitigation_row)

    def _list_platforms(self, query: Query) -> Answer:
        keeps = offer_filter(query, ids="filters.platformIds")
        return _page(query, "platforms", filter(keeps, self.shelf.catalogue.platforms.values()), rows.platform_row)

    def _list_methods(self, query: Query) -> Answer:
        keeps = offer_filter(query, ids="filters.methodIds")
        return _page(query, "methods", filter(keeps, self.shelf.catalogue.methods.values()), rows.method_row)

    def _get(self, mitigation_id: str) -> Answer:
        for row in self.mitigations.all():
            if row.id == mitigation_id:
                return json_answer(HTTPStatus.OK, {"mitigation": rows.mitigation_row(row)})
        raise rpc.refusal(Code.NOT_FOUND, f"mitigation {mitigation_id} not found")

    def _act(self, name: str, request: Request, flaw: FaultKind | None) -> Answer:
        action = choice(name, Action, rows.ACTION, name="action")
        if action is Action.UNSPECIFIED:
            raise rpc.refusal(Code.INVALID_ARGUMENT, "no action is given")
        results = [self._result(mitigation_id, action, flaw) for mitigation_id in _read_ids(request)]
        return json_answer(HTTPStatus.OK, {"results": results})

    def _result(self, mitigation_id: str, action: Action, flaw: FaultKind | None) -> rows.Row:
        """Each for itself: one that cannot be acted on keeps none of the others back."""
        message = ""
        try:
            self.mitigations.act(
                mitigation_id,
                action,
                start_fails=flaw is FaultKind.START_FAILS,
                clear_fails=flaw is FaultKind.CLEAR_FAILS,
            )
        except (CannotAct, AlreadyMitigated) as reason:
            message = str(reason)
        return {"mitigationId": mitigation_id, "success": not message, "message": message}


def _page(query: Query, key: str, found: Iterable[AnyRow], shown: Callable[[AnyRow], rows.Row]) -> Answer:
    """`pagination` holds one of two: the count when it was asked for, and else whether there is more."""
    everything = list(found)
    start, end = query.page()
    wants_count = query.flag("pagination.includeTotalCount")
    pagination = {"totalCount": str(len(everything))} if wants_count else {"hasMoreResults": end < len(everything)}
    return json_answer(HTTPStatus.OK, {"pagination": pagination, key: [shown(row) for row in everything[start:end]]})


def _read_ids(request: Request) -> list[str]:
    """The IDs of the body; fields that are not known are dropped without a word, as the gateway does."""
    if not is_json(request):
        sentence = "Content-Type must be application/json"
        raise Refusal(rpc.answer_with(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Code.INVALID_ARGUMENT, sentence))
    try:
        body = json.loads(request.body.decode("utf-8"))
    except (ValueError, RecursionError) as reason:
        raise rpc.refusal(Code.INVALID_ARGUMENT, "the body is not JSON") from reason
    ids = body.get("ids") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not ids or not all(map(_is_id, ids)):
        raise rpc.refusal(Code.INVALID_ARGUMENT, "ids must be a list of numbers in strings")
    return ids


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()
