"""The page of the API, and the examples on it."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from accounts.models import User
from audit.models import Event
from mitigations.api import site
from mitigations.api.page import groups
from mitigations.api.samples import SAMPLES
from mitigations.models import Mitigation, Pairing
from mitigations.policies.alerts import Proof
from mitigations.policies.lifecycle import Status
from tests.api.calling import Answer, Caller
from tests.api.test_every_operation import OPERATIONS
from tests.making import make_mitigation, make_pairing, make_source, make_token, secret_of
from tests.people import Cast
from tests.views.pages import Page

pytestmark = pytest.mark.django_db

EXAMPLES = {each.id: each for found in groups(site.described(), base="http://testserver").values() for each in found}
WHO = {"approve": "lee", "reject": "lee", "queue": "lee", "events": "ana", "event": "ana", "verification": "ana"}
WHO |= {"verify": "ana", "checkpoints": "ana", "all_exchanges": "ana"}


def test_every_operation_has_an_example() -> None:
    assert set(SAMPLES) == set(OPERATIONS) == set(EXAMPLES)


@pytest.mark.parametrize("id", EXAMPLES)
def test_every_example_runs(cast: Cast, id: str) -> None:
    """As a shell would run it: only the numbers of what is there are put in."""
    owner: User = getattr(cast, WHO.get(id.rpartition(".")[2], "dana"))
    pairing = make_pairing()
    row = make_mitigation(Status.ACTIVE if id == "deciding.stop" else Status.PENDING, target="192.0.2.1/32")
    token = secret_of(make_source(proof=Proof.SECRET)) if id == "alerting.hear" else make_token(owner).text
    answer = run(EXAMPLES[id].example, token, pairing=pairing, row=row)

    assert answer.status in ({409} if id == "deciding.stop" else {200, 201, 202}), answer.body


def run(example: str, token: str, *, pairing: Pairing, row: Mitigation) -> Answer:
    command = shlex.split(example.replace("$TOKEN", token).replace("$SECRET", token).replace("MIT-42", row.reference))
    headers = dict(command[place + 1].split(": ") for place, word in enumerate(command) if word == "-H")
    assert headers["Authorization"] == f"Bearer {token}"
    path = command[-1].removeprefix("http://testserver/api/v1").replace("pairing=1", f"pairing={pairing.pk}")
    if "-d" not in command:
        return Caller(token).get(path)
    body = json.loads(command[command.index("-d") + 1])
    return Caller(token).post(path, {**body, **({"pairing": pairing.pk} if "pairing" in body else {})})


def test_shows_every_operation_with_its_scope_and_loads_nothing_from_elsewhere(signed_in: Any, cast: Cast) -> None:
    response = signed_in("dana").get("/api/")
    page = Page(response)

    assert [section.attributes["id"] for section in page.main.all("section", class_="card")[1:-1]] == list(EXAMPLES)
    [section] = page.main.all("section", id="asking.ask")
    assert "scope ask" in section.text
    assert "http" not in "".join(each.attributes.get("src", "") for each in page.all("script"))
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_gives_the_schema_to_people_and_to_programs(signed_in: Any, cast: Cast) -> None:
    by_hand = signed_in("dana").get("/api/openapi.json").json()
    by_token = Caller(make_token(cast.dana).text).get("/openapi.json").body

    assert by_hand == by_token
    assert by_hand["openapi"] == "3.1.0"
    assert not Event.objects.filter(outcome="refused").exists()
