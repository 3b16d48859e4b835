"""What each answer to a question comes to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests
from responses import RequestsMock

from mitigations.kentik.account import BadAccount
from mitigations.kentik.messages import ReadOutcome
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.paging import MOST_PAGES, PAGE_ROWS, Place
from mitigations.kentik.v6.questions import MitigationFilter
from mitigations.kentik.v6.states import MitigationType, State
from mitigations.kentik.v6.values import KentikMitigation, Listing, Page
from tests.kentik.calls import EMAIL, NOW, TOKEN, make_account
from tests.kentik.servers import answers, listening
from tests.kentik.v6.calls import ALL, BASE, URL, list_all, listed, make_v6, row

ONE = URL + "/104217"
GATEWAY = '{"error":"Unauthorized","reasonCode":0,"errxid":"abc"}'


def rpc(code: int, message: str = "said so") -> str:
    return json.dumps({"code": code, "message": message, "details": [{"@type": "x"}]})


ANSWERS = [
    (200, listed(row()), ReadOutcome.READ),
    (200, listed(), ReadOutcome.READ),
    (200, '{"mitigations":[]}', ReadOutcome.READ),
    (200, '{"mitigations":null}', ReadOutcome.READ),
    (200, '{"pagination":{"totalCount":"0"}}', ReadOutcome.READ),
    (200, "{}", ReadOutcome.FAILED),
    (200, '{"pagination":null}', ReadOutcome.FAILED),
    (200, '{"mitigations":{}}', ReadOutcome.FAILED),
    (200, "[]", ReadOutcome.FAILED),
    (200, "", ReadOutcome.FAILED),
    (200, "<html>Sign in</html>", ReadOutcome.FAILED),
    (200, '{"mitigations":[', ReadOutcome.FAILED),
    (200, "[" * 60_000, ReadOutcome.FAILED),
    (204, "", ReadOutcome.FAILED),
    (302, "", ReadOutcome.FAILED),
    (400, rpc(3), ReadOutcome.FAILED),
    (401, GATEWAY, ReadOutcome.REFUSED),
    (401, rpc(16), ReadOutcome.REFUSED),
    (403, rpc(7), ReadOutcome.REFUSED),
    (404, rpc(5), ReadOutcome.REFUSED),
    (404, "404 page not found", ReadOutcome.REFUSED),
    (415, "", ReadOutcome.FAILED),
    (429, rpc(8), ReadOutcome.THROTTLED),
    (500, rpc(13), ReadOutcome.FAILED),
    (501, rpc(12), ReadOutcome.FAILED),
    (503, rpc(14), ReadOutcome.FAILED),
    (504, rpc(4), ReadOutcome.FAILED),
]


@pytest.mark.parametrize(("status", "body", "outcome"), ANSWERS)
def test_takes_an_answer_for_what_it_is(kentik: RequestsMock, status: int, body: str, outcome: ReadOutcome) -> None:
    kentik.get(URL, body, status=status, headers={"Location": "/x"} if status == 302 else None)

    answer = list_all()

    assert (answer.call.outcome, len(kentik.calls)) == (outcome, 1)
    assert (answer.value is None) is (outcome is not ReadOutcome.READ)


@pytest.mark.parametrize("error", [requests.ConnectionError(), requests.ConnectTimeout(), requests.ReadTimeout()])
def test_has_failed_when_no_answer_came(kentik: RequestsMock, error: requests.RequestException) -> None:
    kentik.get(URL, body=error)

    answer = list_all()

    assert (answer.call.outcome, answer.call.received, answer.value) == (ReadOutcome.FAILED, None, None)


def test_does_not_trust_a_list_that_broke_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    with listening(answers(head + listed(row()).encode())) as heard:
        answer = list_all(f"http://{heard.address}")

    assert (answer.call.outcome, answer.value) == (ReadOutcome.FAILED, None)
    assert answer.call.sentence == "Kentik's answer (200) broke off before its end."


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, listed(), "Kentik answered."),
        (200, "[1]", "Kentik answered 200, which made no sense: [1]."),
        (
            401,
            GATEWAY,
            "Kentik refuses its mitigation API (V6) to the portal, with 401: Unauthorized (Kentik's trace abc).",
        ),
        (403, rpc(7, "no scope"), "Kentik refuses its mitigation API (V6) to the portal, with 403: no scope."),
        (429, "", "Kentik's rate limit refused it (429)."),
        (504, rpc(4, "deadline"), "Kentik answered 504: deadline."),
    ],
)
def test_says_what_came_of_it(kentik: RequestsMock, status: int, body: str, sentence: str) -> None:
    kentik.get(URL, body, status=status)

    assert list_all().call.sentence == sentence


@pytest.mark.parametrize(("status", "credentials"), [(200, False), (401, True), (403, True), (404, False)])
def test_tells_whether_it_was_about_the_credentials(kentik: RequestsMock, status: int, credentials: bool) -> None:
    kentik.get(URL, status=status)

    assert list_all().call.credentials is credentials


def test_tells_how_long_to_wait_and_what_time_it_is(kentik: RequestsMock) -> None:
    kentik.get(URL, status=429, headers={"Retry-After": "7", "Date": "Mon, 23 Nov 2026 03:00:02 GMT"})

    call = list_all().call

    assert (call.retry_after, call.server_at) == (timedelta(seconds=7), NOW + timedelta(seconds=2))


def test_reads_a_list_that_is_longer_than_what_is_kept_of_it(kentik: RequestsMock) -> None:
    kentik.get(URL, listed(*(row(id=str(number), comment="x" * 1000) for number in range(99))))

    answer = list_all()

    assert answer.value is not None
    assert len(answer.value.rows) == 99
    assert answer.call.received is not None
    assert (len(answer.call.received.body), answer.call.received.cut) == (64 * 1024, True)


def test_keeps_no_credentials_that_a_list_repeats(kentik: RequestsMock) -> None:
    spelled = f"\\u00{ord(TOKEN[0]):02x}{TOKEN[1:]} {TOKEN} {EMAIL}"
    kentik.get(URL, listed(row(comment="HERE")).replace("HERE", spelled))

    kept = list_all()

    assert kept.value is not None
    assert kept.value.rows[0].comment == "[redacted] [redacted] [redacted]"
    assert TOKEN not in repr(kept)


def test_reads_text_that_can_be_stored(kentik: RequestsMock) -> None:
    kentik.get(URL, listed(row(comment="a\x00b\ud800")))

    answer = list_all()

    assert answer.value is not None
    assert answer.value.rows[0].comment == "a␀b?"


# --- One mitigation ---------------------------------------------------------------------------------------------------


def test_reads_one_mitigation(kentik: RequestsMock) -> None:
    kentik.get(ONE, json={"mitigation": row()})

    answer = make_v6().get_mitigation("104217")

    assert answer.value is not None
    assert (answer.call.outcome, answer.value.id) == (ReadOutcome.READ, "104217")


@pytest.mark.parametrize("body", ["{}", '{"mitigation":null}', '{"mitigation":[]}', '{"mitigation":{"id":"7"}}'])
def test_does_not_take_anything_else_for_it(kentik: RequestsMock, body: str) -> None:
    kentik.get(ONE, body)

    answer = make_v6().get_mitigation("104217")

    assert (answer.call.outcome, answer.value) == (ReadOutcome.FAILED, None)


@pytest.mark.parametrize(
    ("status", "outcome"), [(404, ReadOutcome.ABSENT), (401, ReadOutcome.REFUSED), (403, ReadOutcome.REFUSED)]
)
def test_tells_one_that_is_not_there_from_v6_that_is_refused(
    kentik: RequestsMock, status: int, outcome: ReadOutcome
) -> None:
    kentik.get(ONE, rpc(5), status=status)

    assert make_v6().get_mitigation("104217").call.outcome is outcome


# --- Pages ------------------------------------------------------------------------------------------------------------


def page(kentik: RequestsMock, count: int, at: Place | None = None, **pagination: object) -> Page[KentikMitigation]:
    kentik.get(URL, listed(*(row(id=str(number)) for number in range(count)), **pagination))
    found = make_v6().list_mitigations(ALL, at or Place()).value
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("count", "pagination"),
    [
        (3, {"totalCount": "3"}),
        (3, {"totalCount": 3}),
        (PAGE_ROWS, {"totalCount": str(PAGE_ROWS)}),
        (3, {"hasMoreResults": False}),
        (3, {"neither": 0}),
        (0, {"totalCount": "0"}),
    ],
)
def test_is_at_the_end_of_the_list(kentik: RequestsMock, count: int, pagination: dict[str, object]) -> None:
    found = page(kentik, count, **pagination)

    assert (found.complete, found.next) == (True, None)


@pytest.mark.parametrize(
    ("count", "pagination"),
    [
        (3, {"totalCount": "4"}),
        (3, {"hasMoreResults": True}),
        (PAGE_ROWS, {"hasMoreResults": False}),
        (PAGE_ROWS, {"neither": 0}),
        (PAGE_ROWS, {"totalCount": "many"}),
    ],
)
def test_reads_on_behind_the_rows_that_came(kentik: RequestsMock, count: int, pagination: dict[str, object]) -> None:
    found = page(kentik, count, **pagination)

    assert (found.complete, found.next) == (False, Place(offset=count, page=2))


def test_counts_from_where_the_page_begins(kentik: RequestsMock) -> None:
    assert page(kentik, 20, Place(offset=100, page=2), totalCount="120").complete


def test_stops_after_the_last_page_that_is_to_be_read_and_does_not_call_that_complete(kentik: RequestsMock) -> None:
    found = page(kentik, 3, Place(offset=9_000, page=MOST_PAGES), totalCount="99999")

    assert (found.complete, found.next) == (False, None)


def test_does_not_go_round_in_circles_where_a_page_is_empty(kentik: RequestsMock) -> None:
    found = page(kentik, 0, totalCount="4")

    assert (found.complete, found.next) == (False, None)


@pytest.mark.parametrize("odd", [None, [], "x", {}, {"id": None}, {"id": True}, {"id": ""}])
def test_counts_the_rows_that_make_no_sense(kentik: RequestsMock, odd: object) -> None:
    kentik.get(URL, listed(row(), odd))

    found = list_all().value

    assert found is not None
    assert (len(found.rows), found.unreadable) == (1, 1)
    assert not Listing.of([found]).complete


def pages(kentik: RequestsMock, *bodies: str) -> Listing[KentikMitigation]:
    """Two pages, read one after another."""
    for body in bodies:
        kentik.get(URL, body)
    first = make_v6().list_mitigations(ALL).value
    assert first is not None
    assert first.next is not None
    second = make_v6().list_mitigations(ALL, first.next).value
    assert second is not None
    return Listing.of([first, second])


ONE_AND_TWO = listed(row(id="1"), row(id="2"), totalCount="4")


def test_puts_pages_together(kentik: RequestsMock) -> None:
    listing = pages(kentik, ONE_AND_TWO, listed(row(id="3"), row(id="4"), totalCount="4"))

    assert ([found.id for found in listing.rows], listing.complete) == (["1", "2", "3", "4"], True)


def test_is_not_complete_when_a_row_comes_twice(kentik: RequestsMock) -> None:
    listing = pages(kentik, ONE_AND_TWO, listed(row(id="2"), row(id="3"), totalCount="4"))

    assert ([found.id for found in listing.rows], listing.complete) == (["1", "2", "3"], False)


def test_is_not_complete_when_the_total_changes_between_pages(kentik: RequestsMock) -> None:
    assert not pages(kentik, ONE_AND_TWO, listed(row(id="4"), totalCount="3")).complete


def test_is_not_complete_without_its_last_page(kentik: RequestsMock) -> None:
    assert not Listing.of([page(kentik, 3, totalCount="4")]).complete


def test_is_not_complete_without_any_page() -> None:
    assert not Listing[KentikMitigation].of([]).complete


# --- Filtered again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        MitigationFilter(ids=("1",)),
        MitigationFilter(types=(MitigationType.AUTO,)),
        MitigationFilter(states=(State.ARCHIVED, State.MANUAL_CLEAR)),
        MitigationFilter(platform_ids=("1",)),
        MitigationFilter(method_ids=("1",)),
        MitigationFilter(ip_cidrs=("192.0.2.11/32",)),
        MitigationFilter(created_from=datetime(2026, 2, 1, 10, 0, 6, tzinfo=UTC)),
    ],
)
def test_drops_rows_that_nobody_asked_for(kentik: RequestsMock, wanted: MitigationFilter) -> None:
    kentik.get(URL, listed(row()))

    found = make_v6().list_mitigations(wanted).value

    assert found is not None
    assert (found.rows, found.complete) == ((), True)


@pytest.mark.parametrize(
    "wanted",
    [
        MitigationFilter(ids=("1", "104217")),
        MitigationFilter(types=(MitigationType.MANUAL,)),
        MitigationFilter(states=(State.MANUAL_MITIGATING,)),
        MitigationFilter(platform_ids=("257",), method_ids=("775",)),
        MitigationFilter(ip_cidrs=("192.0.2.10",)),
        MitigationFilter(created_from=datetime(2026, 2, 1, 10, 0, 5, tzinfo=UTC)),
        MitigationFilter(created_until=datetime(2020, 2, 1, tzinfo=UTC)),
    ],
)
def test_keeps_rows_that_may_be_meant(kentik: RequestsMock, wanted: MitigationFilter) -> None:
    kentik.get(URL, listed(row()))

    found = make_v6().list_mitigations(wanted).value

    assert found is not None
    assert len(found.rows) == 1


def test_keeps_rows_whose_state_or_type_nobody_knows(kentik: RequestsMock) -> None:
    kentik.get(URL, listed(row(currentState="MITIGATION_STATE_NEW", type="MITIGATION_TYPE_NEW")))

    wanted = MitigationFilter(states=(State.ARCHIVED,), types=(MitigationType.MANUAL,))
    found = make_v6().list_mitigations(wanted).value

    assert found is not None
    assert len(found.rows) == 1


# --- Switched off -----------------------------------------------------------------------------------------------------


def test_is_not_made_where_v6_is_switched_off() -> None:
    with pytest.raises(BadAccount, match="V6 is switched off"):
        V6Client(make_account(), now=lambda: NOW)


def test_takes_as_long_as_the_account_says_and_no_longer() -> None:
    assert make_v6(BASE, total=3.0).longest_call == 3.0
