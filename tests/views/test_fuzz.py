"""Whatever is typed, the portal answers: it never breaks."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.signing_in import record_sign_in
from mitigations.forms.searching import Relation
from mitigations.models import BreakGlass, Draft, Mitigation, Pairing, Preset, Rulebook, SavedList, Team
from mitigations.policies.columns import Column
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.ordering import Group, Order
from mitigations.policies.rules import Inside, as_json
from tests.making import NOW, break_glass_for, make_mitigation, make_pairing, make_preset, make_rule
from tests.people import ROLES, acting, browser_of, make_cast
from tests.views.facts import row_counts

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
        self.dana = browser_of(self.cast.dana, raise_request_exception=False)

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
                st.tuples(st.sampled_from(["below", "above", "platform", "by", "seen"]), numbers),
                st.tuples(st.just("how"), st.one_of(words, st.sampled_from(list(Relation)))),
                st.tuples(st.just("sort"), st.one_of(words, st.sampled_from(list(Order)))),
                st.tuples(st.just("group"), st.one_of(words, st.sampled_from(list(Group)))),
                st.tuples(st.sampled_from(["below", "above"]), targets.map("active~{}~1".format)),
                st.tuples(st.just("column"), st.one_of(words, st.sampled_from(list(Column)))),
                st.tuples(words, words),
            ),
            max_size=6,
        )
    )
    def test_the_filters_answer(self, query: list[tuple[str, str]]) -> None:
        address = "/mitigations/?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in query)
        assert self.dana.get(address).status_code in {200, 302, 422}

    @FUZZ
    @given(
        name=words,
        query=st.lists(st.tuples(st.sampled_from(["target", "by", "sort", "column"]), words)).map(urlencode),
        shared=words,
    )
    def test_saving_a_list_answers_and_shares_nothing(self, name: str, query: str, shared: str) -> None:
        before = SavedList.objects.count()
        answer = self.dana.post("/mitigations/saved/new/", {"name": name, "query": query, "shared": shared})
        assert answer.status_code in {302, 422}
        assert SavedList.objects.count() == before + (answer.status_code == 302)
        assert not SavedList.objects.filter(shared=True).exists()

    @FUZZ
    @given(target=targets.filter(lambda text: text.strip(".")), query=st.one_of(words, numbers))
    def test_a_targets_page_answers(self, target: str, query: str) -> None:
        answer = self.dana.get(f"/targets/{quote(target)}/?only={quote(query)}&before={quote(query)}")
        assert answer.status_code in {200, 302, 404, 422}

    @FUZZ
    @given(typed=st.one_of(targets, numbers, st.builds("{}{}".format, st.sampled_from("#/%_\x00"), words), st.text()))
    def test_the_search_answers(self, typed: str) -> None:
        answer = self.dana.get("/search/", {"q": typed.encode(errors="replace")})
        assert answer.status_code in {200, 303, 422}
        assert answer.status_code == 303 or ("alarm" in answer.content.decode()) == (answer.status_code == 422)

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
        self.lee = browser_of(self.cast.lee, raise_request_exception=False)

    @FUZZ
    @given(
        deed=st.sampled_from(["approve", "reject", "stop"]),
        named=st.lists(words, max_size=3),
        query=words,
        note=words,
        meant=st.booleans(),
    )
    def test_a_deed_on_what_is_ticked_answers_and_is_done_to_nothing_that_was_not_named(
        self, deed: str, named: list[str], query: str, note: str, meant: bool
    ) -> None:
        references = [*named, self.waiting.reference] if meant else named
        address = f"/mitigations/chosen/{deed}/?{urlencode({'references': references, 'target': query}, doseq=True)}"
        assert self.lee.get(address).status_code in {200, 302}
        answer = self.lee.post(address, {"references": named, "note": note, "do": "yes"})
        assert answer.status_code == 422
        assert not self.waiting.decisions.exists()

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


class TestWhateverAnaTypes(TestCase):
    ana: Client

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = make_cast()
        record_sign_in(by=acting(cls.cast.ana), at=NOW)

    def setUp(self) -> None:
        self.ana = browser_of(self.cast.ana, raise_request_exception=False)

    @FUZZ
    @given(
        query=st.dictionaries(
            st.sampled_from(
                ["words", "person", "deed", "subject", "since", "until", "ip", "outcome", "review", "before"]
            ),
            st.one_of(targets, numbers, st.sampled_from(["account.signed-in", "done", "2026-11-23", "ana", "1"])),
            max_size=4,
        )
    )
    def test_the_log_answers(self, query: dict[str, str]) -> None:
        assert self.ana.get("/audit/", query).status_code in {200, 422}


# What fits a field as well as what does not, so that both ways through a form are gone.
choices = st.one_of(numbers, st.sampled_from(["", "257", "775", "404", "on", "yes", "no", "draft", "in-force"]))
places = st.one_of(numbers, st.integers(-1, 51).map(str))
rules = st.fixed_dictionaries(
    {"revision": st.one_of(st.just("0"), places), "approvals": places, "waits": st.one_of(st.just("60"), numbers)},
    optional={
        "inside": targets,
        "wider_than_ipv4": places,
        "wider_than_ipv6": places,
        "longer_than": numbers,
        "no_auto_stop": choices,
        "platform": choices,
        "method": choices,
        "team": choices,
        "needs_a_look": choices,
        "approving_team": choices,
        "because": words,
        "note": words,
        "up": places,
        "down": places,
        "remove": places,
    },
)
FORMS = ["draft/new", "draft/1", "draft/2", "draft/51", "draft/arrange", "draft/start-over", "publish"]
everybody = st.sampled_from(sorted(ROLES))


class TestWhateverAnybodyTypes(TestCase):
    """About rules and broken glass: whoever may not is turned away, and nobody breaks a page."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = make_cast()
        cls.pairing = make_pairing()
        Team.objects.create(name="Hosting").members.set([cls.cast.dana, cls.cast.lee])
        Draft.objects.create(rules=as_json([make_rule("a", Inside(known("203.0.113.0/24"))), make_rule("b")]))
        cls.waiting = make_mitigation(target="203.0.113.7/32", requested_by=cls.cast.dana)
        cls.broken = make_mitigation(Status.ACTIVE, target="203.0.113.9/32", requested_by=cls.cast.dana)
        break_glass_for(cls.broken)

    def client_of(self, who: str) -> Client:
        return browser_of(getattr(self.cast, who), raise_request_exception=False)

    @FUZZ
    @given(who=everybody, form=st.sampled_from(FORMS), typed=rules)
    def test_the_forms_of_the_rules_answer(self, who: str, form: str, typed: dict[str, str]) -> None:
        before = Draft.objects.get().rules, Rulebook.objects.count()
        answer = self.client_of(who).post(f"/policy/rules/{form}/", typed)
        assert answer.status_code in {302, 400, 404, 409, 422} if who == "max" else answer.status_code == 403
        if answer.status_code != 302:
            assert (Draft.objects.get().rules, Rulebook.objects.count()) == before

    @FUZZ
    @given(
        who=everybody,
        query=st.dictionaries(
            st.sampled_from(["who", "ip_cidr", "pairing", "minutes", "against"]), st.one_of(targets, choices)
        ),
        known_ones=st.booleans(),
    )
    def test_the_simulator_answers(self, who: str, query: dict[str, str], known_ones: bool) -> None:
        given = {"who": self.cast.dana.pk, "pairing": self.pairing.pk, "minutes": "60"} if known_ones else {}
        before = row_counts()
        answer = self.client_of(who).get("/policy/simulator/", {**query, **given})
        assert answer.status_code in {200, 422} if who != "eve" else answer.status_code == 403
        assert row_counts() == before

    @FUZZ
    @given(who=everybody, note=words, justified=choices)
    def test_glass_is_broken_and_reviewed_by_those_who_may(self, who: str, note: str, justified: str) -> None:
        client = self.client_of(who)
        typed = {"note": note, "justified": justified}
        broken = client.post(f"/mitigations/{self.waiting.reference}/break-glass/", typed).status_code
        reviewed = client.post(f"/mitigations/{self.broken.reference}/review/", typed).status_code
        assert broken in {302, 409, 422} if who == "dana" else broken == 403
        assert reviewed in {302, 409, 422} if who in {"lee", "kim"} else reviewed == 403
        assert BreakGlass.objects.filter(mitigation=self.waiting).exists() == (broken == 302)

    @FUZZ
    @given(who=everybody, number=st.one_of(st.integers(), st.integers(0, 60)))
    def test_a_version_and_a_place_answer(self, who: str, number: int) -> None:
        client = self.client_of(who)
        for address in (f"/policy/rules/{number}/", f"/policy/rules/draft/{number}/"):
            assert client.get(address).status_code in {200, 403, 404}


class TestWhateverMaxTypes(TestCase):
    max: Client
    pairing: Pairing

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = make_cast()
        cls.pairing = make_pairing()

    def setUp(self) -> None:
        self.max = browser_of(self.cast.max, raise_request_exception=False)

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
