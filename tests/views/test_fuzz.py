"""Whatever is typed, the portal answers: it never breaks."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mitigations.models import Mitigation, Pairing, Preset
from tests.making import make_mitigation, make_pairing, make_preset
from tests.people import make_cast

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

# No lone surrogates: a browser cannot send them.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
targets = st.one_of(
    words,
    st.ip_addresses().map(str),
    st.builds("{}/{}".format, st.ip_addresses(), st.integers(-1, 200)),
    st.text("0123456789abcdef:./%", max_size=50),
)
numbers = st.one_of(words, st.integers().map(str))
statuses = st.one_of(words, st.sampled_from(["pending", "active", "ended", "unknown"]))


class TestWhateverDanaTypes(TestCase):
    dana: Client
    pairing: Pairing
    preset: Preset

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = make_cast()
        cls.pairing = make_pairing()
        cls.preset = make_preset(pairing=cls.pairing, reason="Since …")
        make_mitigation(target="203.0.113.7/32")

    def setUp(self) -> None:
        self.dana = Client(raise_request_exception=False)
        self.dana.force_login(self.cast.dana)

    @FUZZ
    @given(
        typed=st.fixed_dictionaries(
            {"ip_cidr": targets, "minutes_before_auto_stop": numbers, "comment": words, "reason": words},
            optional={"ticket": words, "ask": words, "mend": targets, "choose": numbers},
        ),
        chosen=st.one_of(st.none(), numbers),
        preset=st.one_of(st.none(), numbers),
    )
    def test_the_form_answers(self, typed: dict[str, str], chosen: str | None, preset: str | None) -> None:
        before = Mitigation.objects.count()
        pairing = str(self.pairing.pk) if chosen is None else chosen
        preset = str(self.preset.pk) if preset is None else preset
        answer = self.dana.post("/mitigations/new/", {**typed, "pairing": pairing, "preset": preset})
        assert answer.status_code in {200, 302, 422}
        assert Mitigation.objects.count() == before + (answer.status_code == 302)

    @FUZZ
    @given(
        lines=st.lists(st.one_of(targets, st.sampled_from(["203.0.113.1", "203.0.113.7/24", "198.51.100.0/28"]))),
        ends=st.sampled_from(["\n", "\r\n", ",", "\r", "#"]),
        minutes=numbers,
        pressed=st.fixed_dictionaries({}, optional={"ask": words, "drop": words, "mend": words, "file": words}),
        mend=st.tuples(numbers, targets, targets),
    )
    def test_many_at_once_answers(
        self, lines: list[str], ends: str, minutes: str, pressed: dict[str, str], mend: tuple[str, str, str]
    ) -> None:
        before = Mitigation.objects.count()
        if "mend" in pressed:
            pressed["mend"] = " ".join(mend)
        typed = {"targets": ends.join(lines), "minutes_before_auto_stop": minutes, "reason": "Down.", **pressed}
        answer = self.dana.post("/mitigations/new/many/", {**typed, "pairing": str(self.pairing.pk)})
        assert answer.status_code in {200, 302, 422}
        assert (Mitigation.objects.count() > before) == (answer.status_code == 302)

    @FUZZ
    @given(
        query=st.lists(
            st.one_of(
                st.tuples(st.just("target"), targets),
                st.tuples(st.just("status"), statuses),
                st.tuples(st.sampled_from(["before", "after", "platform", "by", "seen"]), numbers),
                st.tuples(words, words),
            ),
            max_size=6,
        )
    )
    def test_the_filters_answer(self, query: list[tuple[str, str]]) -> None:
        address = "/mitigations/?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in query)
        assert self.dana.get(address).status_code in {200, 422}

    @FUZZ
    @given(reference=words)
    def test_a_reference_to_ask_for_again_answers(self, reference: str) -> None:
        assert self.dana.get("/mitigations/new/", {"again": reference}).status_code in {200, 404}

    @FUZZ
    @given(preset=numbers)
    def test_a_preset_to_start_from_answers(self, preset: str) -> None:
        assert self.dana.get("/mitigations/new/", {"preset": preset}).status_code in {200, 422}


class TestWhateverLeeTypes(TestCase):
    lee: Client
    waiting: Mitigation

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = make_cast()
        cls.waiting = make_mitigation(target="203.0.113.7/32", approvals_needed=5)

    def setUp(self) -> None:
        self.lee = Client(raise_request_exception=False)
        self.lee.force_login(self.cast.lee)

    @FUZZ
    @given(
        typed=st.fixed_dictionaries(
            {}, optional={"references": st.lists(words), "verdict": words, "note": words, "tick": words}
        )
    )
    def test_deciding_together_answers_and_decides_nothing_that_was_not_named(self, typed: dict[str, Any]) -> None:
        answer = self.lee.post(f"/mitigations/{self.waiting.reference}/together/decide/", typed)
        assert answer.status_code == (200 if "tick" in typed else 422)
        assert not self.waiting.decisions.exists()


class TestWhateverMaxTypes(TestCase):
    max: Client
    pairing: Pairing

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = make_cast()
        cls.pairing = make_pairing()

    def setUp(self) -> None:
        self.max = Client(raise_request_exception=False)
        self.max.force_login(self.cast.max)

    @FUZZ
    @given(
        typed=st.fixed_dictionaries(
            {"name": words, "inside": targets, "minutes": numbers, "comment": words, "reason": words},
            optional={"target_class": st.sampled_from(["any", "host", "network", "fish"]), "mend": targets},
        ),
        chosen=st.one_of(st.none(), numbers),
    )
    def test_the_form_of_a_preset_answers(self, typed: dict[str, str], chosen: str | None) -> None:
        before = Preset.objects.count()
        pairing = str(self.pairing.pk) if chosen is None else chosen
        answer = self.max.post("/presets/new/", {**typed, "pairing": pairing})
        assert answer.status_code in {200, 302, 422}
        assert Preset.objects.count() == before + (answer.status_code == 302)
