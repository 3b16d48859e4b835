"""Sources of alerts, through their pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mitigations.models import Notice, Preset, Source
from mitigations.policies.alerts import Kind, Proof
from mitigations.services import sources
from tests.alerting import BAN, Detector, ban
from tests.making import NOW, make_preset, make_source, secret_of
from tests.people import Cast, acting
from tests.views.pages import Page


@pytest.fixture
def max_(signed_in: Any) -> Client:
    client: Client = signed_in("max")
    return client


def typed(preset: Preset, cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "name": "edge-fnm",
        "kind": "fastnetmon",
        "preset": preset.pk,
        "owner": cast.dana.pk,
        "proof": "signature",
        "networks": "192.0.2.0/24",
        **changes,
    }


def shown(client: Client, source: Source) -> str:
    return Page(client.get(f"/sources/{source.pk}/")).main.text


class TestSettingOneUp:
    def test_leads_to_its_page_which_says_what_comes_next(self, max_: Client, cast: Cast) -> None:
        page = Page(max_.post("/sources/new/", typed(make_preset(), cast), follow=True)).main.text
        source = Source.objects.get()

        assert (source.kind, source.owner, source.networks) == ("fastnetmon", cast.dana, ["192.0.2.0/24"])
        assert "proposes nothing: its owner has not taken its secret yet" in page
        assert "POST http://testserver/api/v1/alerts/edge-fnm" in page

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"name": "Edge FNM"}, "Small letters, digits and hyphens"),
            ({"kind": "json"}, "as a JSON pointer such as"),
            ({"kind": "json", "target": "x", "key": "/k"}, "“x” is no JSON pointer"),
            ({"networks": "192.0.2.1/24"}, "Did you mean 192.0.2.0/24?"),
            ({"owner": ""}, "This field is required"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self, max_: Client, cast: Cast, change: dict[str, str], words: str
    ) -> None:
        answer = max_.post("/sources/new/", typed(make_preset(), cast, **change))

        assert answer.status_code == 422
        assert words in Page(answer).main.text
        assert not Source.objects.exists()

    def test_keeps_the_name_when_it_is_changed(self, max_: Client, cast: Cast) -> None:
        source = make_source()
        max_.post(f"/sources/{source.pk}/edit/", typed(source.preset, cast, name="other", kind="kentik"))
        source.refresh_from_db()

        assert (source.name, source.kind) == ("edge-fnm", "kentik")


class TestTheSecret:
    def test_is_shown_to_its_owner_once(self, signed_in: Any) -> None:
        dana, source = signed_in("dana"), make_source()
        page = Page(dana.post(f"/sources/{source.pk}/secret/")).main.text
        source.refresh_from_db()

        assert source.secret in page
        assert source.secret not in shown(dana, source)
        assert source.secret not in Page(dana.get(f"/sources/{source.pk}/secret/")).main.text

    def test_is_offered_to_nobody_else(self, signed_in: Any, max_: Client) -> None:
        source = make_source()

        assert "Take its secret" in shown(signed_in("dana"), source)
        assert "Take its secret" not in shown(max_, source)
        assert max_.post(f"/sources/{source.pk}/secret/").status_code == 403


class TestItsPage:
    def test_shows_why_an_alert_made_nothing(self, max_: Client, cast: Cast) -> None:
        detector = Detector(make_source())
        detector.send(ban("10.0.0.1"))
        page = shown(max_, detector.source)

        assert "blocked" in page
        assert "The preset “Shop host under UDP flood” of the source does not fit." in page
        assert '"ip": "10.0.0.1"' in page

    def test_leads_from_a_notice_to_its_mitigation_and_back(self, max_: Client, cast: Cast) -> None:
        detector = Detector(make_source())
        reference = detector.send(BAN).body["mitigation"]
        there = Page(max_.get(f"/sources/{detector.source.pk}/"))
        back = Page(max_.get(f"/mitigations/{reference}/"))

        assert f"/mitigations/{reference}/" in there.links.values()
        assert "proposed by the source edge-fnm" in back.main.text
        assert f"/sources/{detector.source.pk}/" in back.links.values()

    def test_goes_on_with_what_is_older(self, max_: Client, cast: Cast) -> None:
        source = make_source()
        Notice.objects.bulk_create(
            Notice(source=source, received_at=NOW, key=f"A-{number}", body="{}", outcome="ended")
            for number in range(30)
        )
        newest, oldest = Notice.objects.first(), Notice.objects.last()
        first = Page(max_.get(f"/sources/{source.pk}/"))
        older = max_.get(f"/sources/{source.pk}/{first.links['Older']}")

        assert newest.key in first.main.text
        assert oldest.key not in first.main.text
        assert oldest.key in Page(older).main.text

    def test_escapes_what_a_detector_says(self, max_: Client, cast: Cast) -> None:
        detector = Detector(make_source("kentik", kind=Kind.KENTIK, proof=Proof.SECRET))
        detector.send({"Type": "<script>alert(1)</script>"})
        answer = max_.get(f"/sources/{detector.source.pk}/")

        assert b"<script>alert" not in answer.content
        assert "<script>alert(1)</script>" in Page(answer).main.text

    def test_tells_that_somebody_came_with_a_wrong_secret(self, max_: Client, cast: Cast) -> None:
        source = make_source("kentik", proof=Proof.SECRET)
        secret_of(source)
        Detector(source, "bwh_" + "x" * 43).send(BAN)

        assert "Somebody came with a wrong one" in shown(max_, source)


class TestTheList:
    def test_tells_the_state_of_each(self, max_: Client, cast: Cast) -> None:
        Detector(make_source("works")).send(BAN)
        make_source("waits")
        make_source("off")
        sources.switch_off(name="off", by=acting(cast.max), at=NOW)
        page = Page(max_.get(reverse("sources"))).main.text

        assert "its owner has not taken its secret yet" in page
        assert "switched off" in page
        assert "proposed" in page

    def test_tells_when_an_owner_may_not_ask_any_more(self, max_: Client, cast: Cast) -> None:
        secret_of(make_source())
        cast.dana.groups.clear()

        assert "its owner may not ask for mitigations any more" in Page(max_.get(reverse("sources"))).main.text
