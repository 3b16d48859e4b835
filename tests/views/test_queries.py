"""A page asks the database as often for many rows as for a few."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import record_sign_in
from mitigations.models import Decision, Method, Mitigation
from mitigations.policies.lifecycle import Status
from tests.making import NOW, make_mitigation, make_pairing, make_preset, make_view, shown_row
from tests.people import Cast, acting, make_person

FEW, MANY = 3, 24


def queries(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def _more_mitigations(count: int) -> None:
    """Some waiting, some live, some over, each with a platform, a method and a requester of its own."""
    for _ in range(count):
        number = Mitigation.objects.count()
        rob = make_person(f"rob-{number}", ["requester"])
        pairing = make_pairing(platform_id=str(1000 + number), method_id=str(2000 + number))
        for place, status in enumerate((Status.PENDING, Status.ACTIVE, Status.ENDED)):
            make_mitigation(status, target=f"198.51.{place}.{number % 256}/32", requested_by=rob, pairing=pairing)


def _more_pairings(count: int) -> None:
    for _ in range(count):
        number = 3000 + Method.objects.count()
        make_pairing(platform_id=str(number), method_id=str(number))


def _more_presets(count: int) -> None:
    for _ in range(count):
        number = 5000 + Method.objects.count()
        make_preset(name=f"Preset {number}", pairing=make_pairing(platform_id=str(number), method_id=str(number)))


def _more_shown(count: int) -> None:
    """Kentik shows as many new platforms, each with a method that excludes prefixes, and lacks as many of ours."""
    _more_pairings(count)
    make_view(
        platforms=[shown_row(str(number), method_ids=[str(number)]) for number in range(count)],
        methods=[shown_row(str(number), excluded=[f"192.0.2.{number}/32"]) for number in range(count)],
    )


def _more_events(count: int) -> None:
    for number in range(count):
        record_sign_in(by=acting(make_person(f"person-{number}-of-{count}")), at=NOW)


@pytest.mark.parametrize(
    ("who", "address", "more"),
    [
        ("lee", "/", _more_mitigations),
        ("ana", "/mitigations/", _more_mitigations),
        ("ana", "/mitigations/?status=ended&target=198.51.0.0/16&by=rob-0", _more_mitigations),
        ("lee", "/approvals/", _more_mitigations),
        ("ana", "/catalogue/", _more_pairings),
        ("max", "/catalogue/", _more_pairings),
        ("dana", "/mitigations/new/", _more_pairings),
        ("dana", "/mitigations/new/", _more_presets),
        ("max", "/catalogue/kentik/", _more_shown),
        ("max", "/catalogue/", _more_shown),
        ("max", "/", _more_shown),
        ("max", "/catalogue/pairing/new/", _more_pairings),
        ("dana", "/presets/", _more_presets),
        ("max", "/presets/", _more_presets),
        ("max", "/presets/new/", _more_pairings),
        ("ana", "/audit/", _more_events),
    ],
)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    who: str, address: str, more: Callable[[int], None], signed_in, cast: Cast
) -> None:
    client = signed_in(who)
    more(FEW)
    few = queries(client, address)
    more(MANY)
    assert len(queries(client, address)) == len(few)


def _decide(mitigation: Mitigation, count: int) -> None:
    for _ in range(count):
        number = Decision.objects.count()
        by = make_person(f"approver-{number}", ["approver"])
        Decision.objects.create(mitigation=mitigation, verdict="approve", decided_by=by, decided_at=NOW)


def _exchange(mitigation: Mitigation, count: int) -> None:
    for _ in range(count):
        mitigation.exchanges.create(
            attempt=mitigation.attempt,
            purpose="start",
            method="POST",
            url="http://127.0.0.1:9/",
            request_headers="",
            request_body="{}",
            started_at=NOW,
            outcome="not-sent",
        )


def test_one_mitigation_takes_as_many_queries_with_many_decisions_and_exchanges(signed_in, cast: Cast) -> None:
    client, mitigation = signed_in("dana"), make_mitigation(Status.ACTIVE, approvals_needed=5)
    address = f"/mitigations/{mitigation.reference}/"
    _decide(mitigation, FEW)
    _exchange(mitigation, FEW)
    few = queries(client, address)
    _decide(mitigation, MANY)
    _exchange(mitigation, MANY)
    assert len(queries(client, address)) == len(few)


@pytest.mark.parametrize(
    ("who", "address", "at_most"),
    [("lee", "/", 17), ("lee", "/mitigations/", 11), ("ana", "/audit/", 5), ("ana", "/catalogue/", 7)],
)
def test_a_page_takes_few_queries(who: str, address: str, at_most: int, signed_in, cast: Cast) -> None:
    _more_mitigations(FEW)
    assert len(queries(signed_in(who), address)) <= at_most
