"""What will happen, while somebody still types."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from audit.models import Event
from mitigations.models import Mitigation, Pairing
from tests.making import make_pairing, make_protected
from tests.people import Cast
from tests.views.facts import everything
from tests.views.pages import Page

NEW = "/mitigations/new/"


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


def typed(client: Client, **values: object) -> HttpResponse:
    return client.post(NEW, values, headers={"HX-Request": "true"})


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


def test_is_a_fragment_and_asks_for_nothing(dana: Client, pairing: Pairing) -> None:
    before = everything()

    answer = typed(dana, ip_cidr="203.0.113.7", pairing=pairing.pk, ask="1", reason="Flood.")

    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert everything() == before


def test_shows_the_canonical_prefix_before_anything_else_is_known(dana: Client, pairing: Pairing) -> None:
    text = Page(typed(dana, ip_cidr=" 2001:DB8:0::7 ")).text

    assert "2001:db8::7/128" in text
    assert "1 address" in text


def test_shows_guardrails_and_json_without_a_reason(dana: Client, pairing: Pairing, cast: Cast) -> None:
    make_protected("203.0.113.0/28", owner=cast.max)

    text = typed(dana, ip_cidr="203.0.113.7", pairing=pairing.pk, comment="Login").content.decode()

    assert "which is protected: Resolvers." in text
    assert "&quot;minutesBeforeAutoStop&quot;: &quot;60&quot;" in text
    assert "[MIT-…] Login" in text


def test_offers_both_mends(dana: Client, pairing: Pairing) -> None:
    text = typed(dana, ip_cidr="203.0.113.7/24").content.decode()

    assert 'value="203.0.113.0/24"' in text
    assert 'value="203.0.113.7/32"' in text


def test_is_quiet_about_an_empty_form(dana: Client, pairing: Pairing) -> None:
    text = typed(dana).content.decode()

    assert "error" not in text
    assert "Nothing reaches Kentik before that." in text


@pytest.mark.parametrize("target", ["fish", "100%", "<script>", "9" * 5000, "1.2.3.4/99", "::ffff:1.2.3.4"])
def test_tells_of_garbage_calmly(target: str, dana: Client, pairing: Pairing) -> None:
    answer = typed(dana, ip_cidr=target, pairing=pairing.pk)

    assert answer.status_code == 200
    assert "finding-block" in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_is_not_for_whoever_may_not_ask(signed_in, pairing: Pairing) -> None:
    assert typed(signed_in("lee"), ip_cidr="203.0.113.7").status_code == 403
    assert not Mitigation.objects.exists()
    assert Event.objects.get().outcome == "refused"


def test_a_mend_complains_of_nothing_yet(dana: Client, pairing: Pairing) -> None:
    answer = dana.post(NEW, {"ip_cidr": "203.0.113.7/24", "mend": "203.0.113.7/32", "comment": "Login"})

    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="203.0.113.7/32"' in text
    assert 'value="Login"' in text
    assert "This field is required" not in text
