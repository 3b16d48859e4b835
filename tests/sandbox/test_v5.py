from typing import Any

import pytest
import requests

from sandbox.server import Sandbox
from sandbox.v5 import Spelling
from tests.sandbox.calls import AUTH, PATH, mitigate, order, send


def error_of(response: requests.Response) -> str:
    return str(response.json()["error"])


def changed(field: str, value: object) -> dict[str, Any]:
    return {field: value}


def test_accepts_the_documented_body(sandbox: Sandbox) -> None:
    response = mitigate(sandbox.url)

    assert (response.status_code, response.text) == (200, '{"response":{"result":"OK"}}')


def test_says_that_its_answer_is_json(sandbox: Sandbox) -> None:
    assert mitigate(sandbox.url).headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("missing", AUTH)
def test_refuses_a_call_without_both_credentials(sandbox: Sandbox, missing: str) -> None:
    headers = {name: value for name, value in AUTH.items() if name != missing}

    response = requests.post(sandbox.url + PATH, json=order(), headers=headers, timeout=5)

    assert response.status_code == 401
    assert response.json() == {"error": "Unauthorized", "reasonCode": 0, "errxid": response.json()["errxid"]}


def test_refuses_empty_credentials(sandbox: Sandbox) -> None:
    headers = {**AUTH, "X-CH-Auth-API-Token": ""}

    assert requests.post(sandbox.url + PATH, json=order(), headers=headers, timeout=5).status_code == 401


@pytest.mark.parametrize("expected", [{"email": "other@example.net"}, {"token": "another"}])
def test_refuses_credentials_that_it_was_not_told(expected: dict[str, str]) -> None:
    with Sandbox(email=expected.get("email"), token=expected.get("token")) as sandbox:
        assert mitigate(sandbox.url).status_code == 401


def test_accepts_the_credentials_that_it_was_told() -> None:
    with Sandbox(email=AUTH["X-CH-Auth-Email"], token=AUTH["X-CH-Auth-API-Token"]) as sandbox:
        assert mitigate(sandbox.url).status_code == 200


def test_refuses_another_content_type(sandbox: Sandbox) -> None:
    assert send(sandbox.url, b"{}", "text/plain").status_code == 415


def test_accepts_a_content_type_with_a_charset(sandbox: Sandbox) -> None:
    assert send(sandbox.url, b"{}", "application/json; charset=utf-8").status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"ipCidr":"1.2.3.4"},'])
def test_refuses_what_is_not_json(sandbox: Sandbox, body: bytes) -> None:
    response = send(sandbox.url, body)

    assert (response.status_code, error_of(response)) == (400, "The body is not JSON.")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null"])
def test_refuses_json_that_is_no_object(sandbox: Sandbox, body: bytes) -> None:
    response = send(sandbox.url, body)

    assert (response.status_code, error_of(response)) == (400, "The body must be a JSON object.")


@pytest.mark.parametrize("field", order())
def test_names_a_field_that_is_missing(sandbox: Sandbox, field: str) -> None:
    response = mitigate(sandbox.url, **changed(field, None))

    assert (response.status_code, error_of(response)) == (400, f"{field} is missing.")


@pytest.mark.parametrize("field", order())
def test_names_a_field_that_is_not_a_string(sandbox: Sandbox, field: str) -> None:
    response = mitigate(sandbox.url, **changed(field, 257))

    assert (response.status_code, error_of(response)) == (400, f"{field} must be a string.")


def test_names_a_field_that_it_does_not_know(sandbox: Sandbox) -> None:
    response = mitigate(sandbox.url, srcPort="53")

    assert (response.status_code, error_of(response)) == (400, "srcPort is not a known field.")


def test_refuses_a_field_given_twice(sandbox: Sandbox) -> None:
    body = requests.Request("POST", sandbox.url, json=order()).prepare().body
    assert isinstance(body, bytes)

    response = send(sandbox.url, body.replace(b"{", b'{"methodId":"776",'))

    assert (response.status_code, error_of(response)) == (400, "methodId is given more than once.")


@pytest.mark.parametrize("field", ["platformID", "methodId"])
@pytest.mark.parametrize("text", ["", "-1", "1.0", "0x1", " 257", "٢٥٧"])
def test_refuses_an_id_that_is_not_decimal(sandbox: Sandbox, field: str, text: str) -> None:
    response = mitigate(sandbox.url, **changed(field, text))

    assert (response.status_code, error_of(response)) == (400, f"{field} must be a decimal number.")


@pytest.mark.parametrize("text", ["", "-1", "1h", "1234567890"])
def test_refuses_minutes_that_make_no_sense(sandbox: Sandbox, text: str) -> None:
    response = mitigate(sandbox.url, minutesBeforeAutoStop=text)

    sentence = "minutesBeforeAutoStop must be a decimal number of at most nine digits."
    assert (response.status_code, error_of(response)) == (400, sentence)


@pytest.mark.parametrize(
    "text", ["", "example.net", "203.0.113.7/33", "203.0.113.0/255.255.255.0", "fe80::1%eth0", "1.2.3", " 192.0.2.1"]
)
def test_refuses_a_target_that_is_no_prefix(sandbox: Sandbox, text: str) -> None:
    response = mitigate(sandbox.url, ipCidr=text)

    assert (response.status_code, error_of(response)) == (400, "ipCidr must be an IP address or a prefix.")


@pytest.mark.parametrize(
    ("text", "prefix"), [("203.0.113.7/24", "203.0.113.0/24"), ("2001:db8::1/64", "2001:db8::/64")]
)
def test_refuses_a_target_with_host_bits_set(sandbox: Sandbox, text: str, prefix: str) -> None:
    response = mitigate(sandbox.url, ipCidr=text)

    assert (response.status_code, error_of(response)) == (400, f"ipCidr has host bits set; the prefix is {prefix}.")


def test_names_all_that_is_wrong_at_once(sandbox: Sandbox) -> None:
    response = mitigate(sandbox.url, Comment=None, comment="x", platformID=257, ipCidr="here")

    assert error_of(response) == (
        "Comment is missing; comment is not a known field; "
        "ipCidr must be an IP address or a prefix; platformID must be a string."
    )


@pytest.mark.parametrize(
    ("platform", "method", "sentence"),
    [
        ("999", "775", "Resource not found: mitigation platform 999."),
        ("257", "998", "Resource not found: mitigation method 998."),
        ("999", "998", "Resource not found: mitigation platform 999, mitigation method 998."),
        ("257", "791", "Unsupported platform/method pair 257:791."),
    ],
)
def test_refuses_a_pair_that_is_not_in_the_catalogue(
    sandbox: Sandbox, platform: str, method: str, sentence: str
) -> None:
    response = mitigate(sandbox.url, platformID=platform, methodId=method)

    assert (response.status_code, error_of(response)) == (404, sentence)


def test_creates_nothing_when_it_refuses(sandbox: Sandbox) -> None:
    mitigate(sandbox.url, platformID="999")

    assert sandbox.mitigations() == []


def test_accepts_the_keys_of_the_sdk_when_told_to() -> None:
    with Sandbox(spelling=Spelling.SDK) as sandbox:
        assert mitigate(sandbox.url, Comment=None, methodId=None, comment="x", methodID="775").status_code == 200


def test_refuses_the_documented_keys_when_told_the_sdk_spelling() -> None:
    with Sandbox(spelling="sdk") as sandbox:
        assert mitigate(sandbox.url).status_code == 400


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_refuses_another_verb(sandbox: Sandbox, verb: str) -> None:
    response = requests.request(verb, sandbox.url + PATH, timeout=5)

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert PATH in error_of(response)


def test_refuses_an_unknown_path_in_json(sandbox: Sandbox) -> None:
    response = requests.post(sandbox.url + "/api/v5/elsewhere", json={}, timeout=5)

    assert (response.status_code, error_of(response)) == (404, "There is nothing at /api/v5/elsewhere.")
