from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts import bearer
from audit import sealing
from audit.models import Event, Item
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Proposal, Source
from mitigations.policies.alerts import Kind, Places, Proof
from mitigations.services import presets, resealing, sources
from mitigations.services.sources import Setup
from tests.alerting import BAN, Detector
from tests.making import NOW, make_mitigation, make_preset, make_source, secret_of
from tests.people import Cast, acting
from tests.views.facts import deeds

pytestmark = pytest.mark.django_db
CALLED = "the source “edge-fnm”"


def setup_of(source: Source, **changes: Any) -> Setup:
    same = Setup(
        kind=Kind(source.kind),
        preset_id=source.preset_id,
        owner_id=source.owner_id,
        proof=Proof(source.proof),
    )
    return replace(same, **changes)


def codes(refusal: pytest.ExceptionInfo[Any]) -> list[str]:
    return [each.code for each in refusal.value.objections]


class TestSetting:
    def test_is_an_event_that_somebody_looks_at_with_what_it_was_before(self, cast: Cast) -> None:
        source = make_source()
        sources.change(name="edge-fnm", setup=setup_of(source, networks=("192.0.2.0/24",)), by=acting(cast.max), at=NOW)
        event = Event.objects.latest("number")
        facts = json.loads(event.body)["facts"]

        assert deeds(CALLED) == [("max", "source.saved", "done")] * 2
        assert (facts["before"]["networks"], facts["values"]["networks"]) == ("anywhere", "192.0.2.0/24")
        assert Item.objects.filter(number=event.number, kind="sources").exists()

    def test_refuses_an_owner_who_may_not_ask_a_name_that_is_taken_and_a_pointer_that_is_none(self, cast: Cast) -> None:
        source = make_source()
        wrong = setup_of(source, owner_id=cast.lee.pk, kind=Kind.JSON, places=Places(target="x", key="/k"))
        with pytest.raises(Unacceptable) as refused:
            sources.add(name="other", setup=wrong, by=acting(cast.max), at=NOW)
        with pytest.raises(Unacceptable) as taken:
            sources.add(name="edge-fnm", setup=setup_of(source), by=acting(cast.max), at=NOW)

        assert (codes(refused), codes(taken)) == (["target", "owner"], ["name"])
        assert Source.objects.count() == 1

    def test_keeps_no_pointers_of_what_has_none(self, cast: Cast) -> None:
        source = make_source(places=Places(target="nonsense"))

        assert source.places == Places()

    @pytest.mark.parametrize("change", ["owner", "proof"])
    def test_of_another_owner_or_proof_ends_the_secret(self, cast: Cast, change: str) -> None:
        source = make_source()
        detector = Detector(source)
        cast.lee.groups.set(cast.dana.groups.all())
        changes: dict[str, Any] = {"owner_id": cast.lee.pk} if change == "owner" else {"proof": Proof.SECRET}
        changed = sources.change(name="edge-fnm", setup=setup_of(source, **changes), by=acting(cast.max), at=NOW)

        assert (changed.secret_at, changed.sealed, changed.sha256, changed.beginning) == (None, "", "", "")
        assert json.loads(Event.objects.latest("number").body)["facts"]["secret"] == "lost"
        assert Detector(Source.objects.get(), detector.secret).send(BAN).status == 401

    def test_of_anything_else_keeps_it(self, cast: Cast) -> None:
        source = make_source()
        secret_of(source)
        changed = sources.change(name="edge-fnm", setup=setup_of(source), by=acting(cast.max), at=NOW)

        assert changed.secret_at == NOW

    def test_off_and_on_is_done_once_each(self, cast: Cast) -> None:
        make_source()
        sources.switch_off(name="edge-fnm", by=acting(cast.max), at=NOW)
        with pytest.raises(Conflict):
            sources.switch_off(name="edge-fnm", by=acting(cast.max), at=NOW)
        sources.switch_on(name="edge-fnm", by=acting(cast.max), at=NOW)

        assert Source.objects.get().off_at is None
        assert [each[1:] for each in deeds(CALLED)[1:]] == [
            ("source.switched-off", "done"),
            ("source.switched-off", "refused"),
            ("source.switched-on", "done"),
        ]


class TestASecret:
    def test_is_taken_by_the_owner_alone(self, cast: Cast) -> None:
        make_source()
        for other in (cast.max, cast.lee):
            other.groups.add(*cast.dana.groups.all())
            with pytest.raises(Forbidden, match="Only the owner may take the secret of this"):
                sources.take_secret(name="edge-fnm", by=acting(other), at=NOW)

        assert Source.objects.get().secret_at is None

    def test_that_signs_is_sealed_and_one_that_is_sent_is_kept_as_its_hash(self, cast: Cast) -> None:
        signs, sends = make_source(), make_source("kentik", proof=Proof.SECRET)
        one, other = secret_of(signs), secret_of(sends)
        signs.refresh_from_db()
        sends.refresh_from_db()

        assert (signs.secret, signs.sha256) == (one, "")
        assert (sends.sealed, sends.sha256) == ("", bearer.hashed(other))

    def test_stands_in_no_row_and_no_event(self, cast: Cast) -> None:
        texts = [secret_of(make_source()), secret_of(make_source("kentik", proof=Proof.SECRET))]
        kept = str([*Source.objects.values_list(), *Event.objects.values_list("body", "detail")])

        assert bearer.beginning(texts[0]) in kept
        assert not any(text[10:] in kept for text in texts)

    def test_is_sealed_anew_when_the_key_has_changed(self, cast: Cast, settings: Any) -> None:
        source = make_source()
        text = secret_of(source)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key" * 5

        assert (resealing.seal_anew(), resealing.seal_anew()) == (1, 0)
        source.refresh_from_db()
        assert source.secret == text
        assert sealing.is_by_the_newest_key(source.sealed)

    def test_that_cannot_be_opened_any_more_lets_nobody_in(self, cast: Cast, settings: Any) -> None:
        detector = Detector(make_source())
        settings.SECRET_KEY = "another-key" * 5

        assert detector.send(BAN).status == 401


def test_a_preset_stays_while_a_source_starts_from_it(cast: Cast) -> None:
    preset = make_preset()
    make_source(preset=preset)
    with pytest.raises(Conflict, match="edge-fnm"):
        presets.delete(id=preset.pk, by=acting(cast.max), at=NOW)


def test_the_database_lets_one_alert_propose_once(cast: Cast) -> None:
    source = make_source()
    Proposal.objects.create(source=source, key="A-1", mitigation=make_mitigation(), made_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(source=source, key="A-1", mitigation=make_mitigation(), made_at=NOW)
