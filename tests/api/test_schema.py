"""The running API held to its own schema: whatever is sent, it answers what the schema says, and never breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mitigations.api.site import described
from mitigations.policies.alerts import Proof
from mitigations.policies.lifecycle import Status
from tests.making import (
    make_exchange,
    make_mitigation,
    make_pairing,
    make_protected,
    make_rulebook,
    make_source,
    make_token,
    secret_of,
)
from tests.people import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]

SCHEMA = schemathesis.openapi.from_dict(dict(described()))
OPERATIONS = sorted((path, method) for path, found in SCHEMA.raw_schema["paths"].items() for method in found)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# So few for each operation, role and mode, that all of it takes well under a minute; HYPOTHESIS_EXAMPLES looks longer.
BOUNDED = settings(
    max_examples=max(1, settings.default.max_examples // 10),
    phases=[Phase.generate],
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The test's transaction outlives each request, as it does with Django's own client."""
    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture
def references(cast: Cast, request: pytest.FixtureRequest) -> list[str]:
    """A site with something of everything; nothing waits, and nobody calls too often."""
    SCHEMA.app = WSGIHandler()
    site = request.getfixturevalue("settings")
    site.API_WAITING_CALLS, site.API_CALLS_PER_MINUTE = 0, 1_000_000
    make_protected("192.0.2.0/25", owner=cast.max)
    make_rulebook()
    rows = [make_mitigation(status) for status in (Status.PENDING, Status.ACTIVE, Status.UNKNOWN)]
    for row in rows:
        make_exchange(row)
    return [row.reference for row in rows]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_what_its_schema_says_to_each_role(cast: Cast, references: list[str], path: str, method: str) -> None:
    pairing = make_pairing().pk
    tokens = [make_token(getattr(cast, name)).text for name in ("dana", "lee", "ana", "max")]
    secret = secret_of(make_source(proof=Proof.SECRET))
    for token in [*tokens, secret] if "alerts" in path else tokens:
        for mode in GenerationMode:
            _held_to_it(SCHEMA[path][method], mode, token, references, pairing)


def _held_to_it(operation: Any, mode: GenerationMode, token: str, references: list[str], pairing: int) -> None:
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode), found=st.sampled_from([*references, ""]))
    def calls(case: Case, found: str) -> None:
        if found and "reference" in case.path_parameters:
            case.path_parameters["reference"] = found
        if found and "source" in case.path_parameters:
            case.path_parameters["source"] = "edge-fnm"
        if found and isinstance(case.body, dict) and "pairing" in case.body:
            case.body["pairing"] = pairing
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        # A path that is spelled otherwise may lead to no operation at all.
        if answer.status_code not in {404, 405} or mode is GenerationMode.POSITIVE:
            case.validate_response(answer, checks=CHECKS)

    calls()
