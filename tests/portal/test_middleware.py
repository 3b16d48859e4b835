from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from tests.making import make_pairing
from tests.views.asking import ask


@pytest.fixture
def behind_proxy(settings) -> None:
    settings.TRUST_PROXY_HEADERS = True


def request_id(**headers: str) -> str:
    return Client().get("/livez", headers=headers).headers["X-Request-ID"]


class TestTheRequestId:
    def test_is_a_new_one_each_time(self) -> None:
        first, second = request_id(), request_id()
        assert first != second
        assert re.fullmatch(r"[0-9a-f]{32}", first)

    def test_of_a_stranger_is_not_believed(self) -> None:
        assert request_id(x_request_id="mine") != "mine"

    @pytest.mark.parametrize("given", ["edge-42", "A.b_c-9", "x" * 64])
    def test_of_a_trusted_proxy_is_kept(self, given: str, behind_proxy: None) -> None:
        assert request_id(x_request_id=given) == given

    @pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<b>", "a\nb", "é", "a;b"])
    def test_that_makes_no_sense_is_not_kept(self, given: str, behind_proxy: None) -> None:
        assert request_id(x_request_id=given) != given

    @pytest.mark.parametrize(
        ("path", "status"),
        [("/livez", 200), ("/", 302), ("/account/login/", 200), ("/nowhere/", 404), ("/static/none.css", 404)],
    )
    def test_stands_on_every_answer(self, path: str, status: int, db: None) -> None:
        answer = Client().get(path)
        assert (answer.status_code, len(answer.headers["X-Request-ID"])) == (status, 32)

    def test_stands_on_a_refusal_of_the_host(self, db: None) -> None:
        answer = Client().get("/livez", headers={"host": "evil.example.org"})
        assert len(answer.headers["X-Request-ID"]) == 32


class TestTheClientsAddress:
    @pytest.fixture
    def address(self, signed_in, db: None):
        def address(**meta: Any) -> str:
            ask(_with(signed_in("dana"), meta), make_pairing())
            return str(Event.objects.get().details["ip"])

        return address

    def test_is_the_peers(self, address) -> None:
        assert address(REMOTE_ADDR="198.51.100.9") == "198.51.100.9"

    def test_claimed_by_a_stranger_is_not_believed(self, address) -> None:
        assert address(REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR="192.0.2.1") == "198.51.100.9"

    def test_is_the_last_that_a_trusted_proxy_saw(self, address, behind_proxy: None) -> None:
        forwarded = "192.0.2.1, 10.0.0.1, 203.0.113.77"
        assert address(REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR=forwarded) == "203.0.113.77"

    def test_is_the_peers_where_the_proxy_says_nothing(self, address, behind_proxy: None) -> None:
        assert address(REMOTE_ADDR="10.0.0.2") == "10.0.0.2"

    def test_may_be_of_ipv6(self, address, behind_proxy: None) -> None:
        assert address(HTTP_X_FORWARDED_FOR="2001:0DB8::7") == "2001:db8::7"

    @pytest.mark.parametrize("garbage", ["<script>", "unknown", "1.2.3.4:5678x", ","])
    def test_that_is_none_is_kept_empty(self, garbage: str, address, behind_proxy: None) -> None:
        assert address(HTTP_X_FORWARDED_FOR=garbage) == ""


def _with(client: Client, meta: dict[str, Any]) -> Client:
    client.defaults.update(meta)
    return client


def test_a_user_agent_beyond_reason_is_cut(signed_in, db: None) -> None:
    ask(_with(signed_in("dana"), {"HTTP_USER_AGENT": "x" * 2000}), make_pairing())
    assert len(Event.objects.get().details["user_agent"]) == 500


def test_an_event_carries_the_id_of_its_answer(signed_in, db: None) -> None:
    answer = ask(signed_in("dana"), make_pairing())
    assert Event.objects.get().request_id == answer.headers["X-Request-ID"]


def test_somebody_who_is_deactivated_is_signed_out_at_once(signed_in, cast) -> None:
    client = signed_in("dana")
    cast.dana.is_active = False
    cast.dana.save()
    assert client.get("/").headers["Location"].startswith("/account/login/")


def test_a_role_that_is_taken_away_is_gone_at_once(signed_in, cast) -> None:
    client = signed_in("dana")
    cast.dana.groups.clear()
    assert client.get("/mitigations/new/").status_code == 403
