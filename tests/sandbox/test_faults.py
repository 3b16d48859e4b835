import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.calls import PATH, act, ask, ask_for, mitigate, wait_for


def test_delay_answers_late_and_as_ever(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.1)
    started = time.monotonic()

    assert mitigate(sandbox.url).status_code == 200
    assert time.monotonic() - started >= 0.1


def test_delay_counts_even_when_the_caller_has_left(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.1)
    with pytest.raises(requests.ReadTimeout):
        mitigate(sandbox.url, timeout=0.02)

    wait_for(sandbox.mitigations)
    assert sandbox.journal()[0]["status"] is None


def test_delay_goes_on_to_what_follows_it(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.01, then={"kind": "status", "status": 502})

    assert mitigate(sandbox.url).status_code == 502
    assert sandbox.journal()[0]["fault"] == "delay+status"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504])
def test_status_creates_nothing(sandbox: Sandbox, status: int) -> None:
    sandbox.fault("status", status=status)

    assert mitigate(sandbox.url).status_code == status
    assert sandbox.mitigations() == []


def test_status_carries_the_body_and_headers_it_was_given(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=429, body="slow down", headers={"Retry-After": "7"})

    response = mitigate(sandbox.url)

    assert (response.text, response.headers["Retry-After"]) == ("slow down", "7")


def test_status_has_the_content_type_it_was_given_once(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=503, body="<p>", headers={"content-type": "text/html"})

    assert mitigate(sandbox.url).headers["Content-Type"] == "text/html"


def test_status_401_has_the_shape_of_a_real_one(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=401)

    assert mitigate(sandbox.url).json().keys() == {"error", "reasonCode", "errxid"}


def test_hang_never_answers_and_creates_nothing(sandbox: Sandbox) -> None:
    sandbox.fault("hang")

    with pytest.raises(requests.ReadTimeout):
        mitigate(sandbox.url, timeout=0.1)
    assert sandbox.mitigations() == []


def test_accept_then_drop_creates_it_and_says_nothing(sandbox: Sandbox) -> None:
    sandbox.fault("accept-then-drop")

    with pytest.raises(requests.ConnectionError):
        mitigate(sandbox.url)
    assert len(sandbox.mitigations()) == 1
    assert sandbox.journal()[0]["status"] is None


def test_close_before_reading_creates_nothing(sandbox: Sandbox) -> None:
    sandbox.fault("close-before-reading")

    with pytest.raises(requests.ConnectionError):
        mitigate(sandbox.url)
    assert sandbox.mitigations() == []


CLOSING = {"kind": "close-before-reading"}


@pytest.mark.parametrize("fault", [CLOSING, {"kind": "delay", "seconds": 0.01, "then": CLOSING}])
def test_close_before_reading_leaves_an_entry_without_a_body(sandbox: Sandbox, fault: dict[str, object]) -> None:
    ask_for(sandbox.url, fault)
    with pytest.raises(requests.ConnectionError):
        mitigate(sandbox.url)

    [entry] = sandbox.journal()
    assert (entry["method"], entry["path"], entry["headers"], entry["body"]) == ("POST", PATH, [], "")
    assert entry["status"] is None


def test_malformed_json_creates_it_and_breaks_the_answer(sandbox: Sandbox) -> None:
    sandbox.fault("malformed-json")

    response = mitigate(sandbox.url)

    assert response.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert len(sandbox.mitigations()) == 1


def test_malformed_json_leaves_a_refusal_as_it_is(sandbox: Sandbox) -> None:
    sandbox.fault("malformed-json")

    assert mitigate(sandbox.url, platformID="999").json() == {"error": "Resource not found: mitigation platform 999."}


@pytest.mark.parametrize(("fields", "result"), [({}, "ERROR"), ({"result": "QUEUED"}, "QUEUED")])
def test_result_is_no_ok_and_creates_nothing(sandbox: Sandbox, fields: dict[str, str], result: str) -> None:
    sandbox.fault("result", **fields)

    response = mitigate(sandbox.url)

    assert (response.status_code, response.json()) == (200, {"response": {"result": result}})
    assert sandbox.mitigations() == []


@pytest.mark.parametrize(("fields", "location"), [({}, PATH), ({"location": "http://[::1]/x"}, "http://[::1]/x")])
def test_redirect_points_elsewhere_and_creates_nothing(sandbox: Sandbox, fields: dict[str, str], location: str) -> None:
    sandbox.fault("redirect", **fields)

    response = mitigate(sandbox.url)

    assert (response.status_code, response.headers["Location"]) == (307, location)
    assert sandbox.mitigations() == []


def test_trickle_keeps_a_call_going_past_its_read_timeout(sandbox: Sandbox) -> None:
    sandbox.fault("trickle", seconds=0.02)
    started = time.monotonic()

    assert mitigate(sandbox.url, timeout=1.0).json() == {"response": {"result": "OK"}}
    assert time.monotonic() - started > 1.0


def test_trickle_creates_it_before_the_answer_is_through(sandbox: Sandbox) -> None:
    sandbox.fault("trickle", seconds=0.2)
    with pytest.raises(requests.Timeout):
        mitigate(sandbox.url, timeout=0.1)

    assert len(sandbox.mitigations()) == 1
    assert sandbox.journal()[0]["status"] is None


def test_is_used_up_after_its_times(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=503, times=2)

    assert [mitigate(sandbox.url).status_code for _ in range(3)] == [503, 503, 200]


def test_is_taken_in_the_order_it_was_queued(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=503)
    sandbox.fault("status", status=429)

    assert [mitigate(sandbox.url).status_code for _ in range(3)] == [503, 429, 200]


def test_is_not_used_up_by_control_calls(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=503)
    requests.get(sandbox.url + "/_sandbox/faults", timeout=5)

    assert mitigate(sandbox.url).status_code == 503


def test_hits_one_of_many_calls_at_once(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=503)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: mitigate(sandbox.url, ipCidr=f"192.0.2.{number}"), range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [503]


# --- Aimed at one API -------------------------------------------------------------------------------------------------


def test_is_aimed_at_v6(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=403, api="v6")

    assert [mitigate(sandbox.url).status_code, ask(sandbox.url).status_code] == [200, 403]


def test_is_aimed_at_v5(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=503, api="v5")

    assert [ask(sandbox.url).status_code, mitigate(sandbox.url).status_code] == [200, 503]


def test_lets_a_later_fault_pass_one_that_waits_for_the_other_api(sandbox: Sandbox) -> None:
    sandbox.fault("hang", api="v6")
    sandbox.fault("status", status=502)

    assert mitigate(sandbox.url).status_code == 502
    assert sandbox.faults() == [{"kind": "hang", "times": 1, "api": "v6"}]


@pytest.mark.parametrize("api", ["v7", 5, None])
def test_is_aimed_at_nothing_else(sandbox: Sandbox, api: object) -> None:
    assert ask_for(sandbox.url, {"kind": "hang", "api": api}).json() == {"error": "api must be one of v5, v6."}


@pytest.mark.parametrize(("status", "code"), [(400, 3), (403, 7), (404, 5), (429, 8), (503, 14), (504, 4), (502, 2)])
def test_status_has_the_shape_of_the_gateway_on_v6(sandbox: Sandbox, status: int, code: int) -> None:
    sandbox.fault("status", status=status)

    response = ask(sandbox.url)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json().keys() == {"code", "message", "details"}


def test_accept_then_drop_acts_and_says_nothing(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)
    sandbox.fault("accept-then-drop", api="v6")

    with pytest.raises(requests.ConnectionError):
        act(sandbox.url, "STOP", "70001")
    assert sandbox.mitigations()[0]["state"] == "stopped"


def test_malformed_json_breaks_a_list(sandbox: Sandbox) -> None:
    sandbox.fault("malformed-json")

    with pytest.raises(requests.JSONDecodeError):
        ask(sandbox.url).json()
