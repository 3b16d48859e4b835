"""Both APIs behind one door, as the sandbox has one address where Kentik has two."""

from dataclasses import dataclass

from sandbox.apis import Api, api_of
from sandbox.faults import FaultKind
from sandbox.messages import Answer, Request
from sandbox.v5 import V5
from sandbox.v6.service import V6


@dataclass(frozen=True, kw_only=True)
class Kentik:
    v5: V5
    v6: V6

    def answer(self, request: Request, flaw: FaultKind | None = None) -> Answer:
        api = self.v6 if api_of(request.path) is Api.V6 else self.v5
        return api.answer(request, flaw)
