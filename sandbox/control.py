"""The control interface under /_sandbox/: what arrived, what is mitigated and offered, which faults come next."""

import ipaddress
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus

from sandbox.catalogue import CatalogueError
from sandbox.fault_json import FaultError
from sandbox.messages import Answer, Request, error, json_answer, no_such_path, wrong_verb
from sandbox.mitigations import AlreadyMitigated
from sandbox.occupants import OccupantError
from sandbox.world import World

PREFIX = "/_sandbox"


def owns(target: str) -> bool:
    return target.partition("?")[0].rstrip("/") == PREFIX or target.startswith(f"{PREFIX}/")


def answer(request: Request, world: World, *, caller: str) -> Answer:
    """There is no sign-in here, so that only callers on this machine are heard, whatever address we listen on."""
    if not ipaddress.ip_address(caller).is_loopback:
        return error(HTTPStatus.FORBIDDEN, "The control interface answers callers on the same machine only.")
    verbs = ROUTES.get(request.path)
    if verbs is None:
        return no_such_path(request.path)
    if request.method not in verbs:
        return wrong_verb(request.method, request.path, verbs)
    return verbs[request.method](request, world)


def _journal(_: Request, world: World) -> Answer:
    return json_answer(HTTPStatus.OK, world.journal.as_json())


def _mitigations(_: Request, world: World) -> Answer:
    return json_answer(HTTPStatus.OK, world.mitigations.as_json())


def _faults(_: Request, world: World) -> Answer:
    return json_answer(HTTPStatus.OK, world.queued_faults())


def _catalogue(_: Request, world: World) -> Answer:
    return json_answer(HTTPStatus.OK, world.shelf.catalogue.as_json())


def _queue_faults(request: Request, world: World) -> Answer:
    return _take(request, world.queue_faults) or _faults(request, world)


def _put_elsewhere(request: Request, world: World) -> Answer:
    return _take(request, world.put_elsewhere) or _mitigations(request, world)


def _put_automatic(request: Request, world: World) -> Answer:
    return _take(request, world.put_automatic) or _mitigations(request, world)


def _change_catalogue(request: Request, world: World) -> Answer:
    return _take(request, world.shelf.change) or _catalogue(request, world)


def _take(request: Request, do: Callable[[object], object]) -> Answer | None:
    """Do it with the JSON of the body; an answer only when that is refused."""
    try:
        payload = json.loads(request.body.decode("utf-8"))
    except (ValueError, RecursionError):
        return error(HTTPStatus.BAD_REQUEST, "The body is not JSON.")
    try:
        do(payload)
    except (FaultError, OccupantError, CatalogueError, AlreadyMitigated) as reason:
        return error(HTTPStatus.BAD_REQUEST, str(reason))
    return None


def _reset(_: Request, world: World) -> Answer:
    world.reset()
    return json_answer(HTTPStatus.OK, {"result": "OK"})


ROUTES: Mapping[str, Mapping[str, Callable[[Request, World], Answer]]] = {
    f"{PREFIX}/journal": {"GET": _journal},
    f"{PREFIX}/mitigations": {"GET": _mitigations},
    f"{PREFIX}/faults": {"GET": _faults, "POST": _queue_faults},
    f"{PREFIX}/elsewhere": {"POST": _put_elsewhere},
    f"{PREFIX}/automatic": {"POST": _put_automatic},
    f"{PREFIX}/catalogue": {"GET": _catalogue, "POST": _change_catalogue},
    f"{PREFIX}/reset": {"POST": _reset},
}
