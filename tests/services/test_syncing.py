"""Kentik's catalogue and ours, with a real worker's eye on the sandbox over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import hypothesis
import pytest
from django.db.models import F
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from audit.models import Event
from audit.refusal import Conflict, Forbidden
from mitigations.kentik.account import Account
from mitigations.kentik.v6 import values
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.states import PlatformType
from mitigations.models import KentikView, Method, Pairing, Platform
from mitigations.policies.catalogue import NOT_DESCRIBED, What
from mitigations.policies.guardrails import Terms
from mitigations.policies.network import known
from mitigations.selectors import catalogue, facts, kentik
from mitigations.selectors.facts import Case
from mitigations.services import events, syncing
from mitigations.services.catalogue import save
from mitigations.services.looking import Lookout
from sandbox.server import Sandbox
from tests.making import NOW, make_pairing
from tests.people import Cast, acting
from tests.views.facts import deeds

LATER = NOW + timedelta(minutes=15)
CURATED = {
    "effect": "drops it all",
    "offered": True,
    "ipv6": True,
    "widest_ipv4": 28,
    "widens_to_24": False,
    "default_minutes": 30,
    "longest_minutes": 90,
    "runbook_url": "https://wiki.example.net/rtbh",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Whatever is changed in it is changed at NOW."""
    with Sandbox(port=0, clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def v6(sandbox: Sandbox) -> V6Client:
    account = Account(base_url=sandbox.url, email="robot@example.net", token="canary-7f3a9c51", v6_url=sandbox.url)
    return V6Client(account, now=lambda: NOW)


@pytest.fixture
def read(v6: V6Client, db: None):
    """Read the sandbox's catalogue and keep it, as the worker does."""

    def read(at: datetime = NOW) -> None:
        platforms, methods = v6.list_platforms().value, v6.list_methods().value
        assert platforms is not None
        assert methods is not None
        syncing.keep(platforms.rows, methods.rows, at=at)

    return read


def platform(id: str, *method_ids: str, type: PlatformType = PlatformType.RTBH, name: str = "P") -> values.Platform:
    facts = {"id": id, "name": name, "description": "", "type": type, "type_text": str(type), "created_at": None}
    return values.Platform(**facts, modified_at=None, method_ids=method_ids)


def method(id: str, *, type: PlatformType = PlatformType.RTBH, name: str = "M") -> values.Method:
    facts = {"id": id, "name": name, "description": "", "type": type, "type_text": str(type), "created_at": None}
    return values.Method(**facts, modified_at=None, excluded_ip_cidrs=())


def take_over(cast: Cast, *, at: datetime = NOW) -> None:
    syncing.take_over(mark=catalogue.comparison().difference.mark, by=acting(cast.max), at=at)


def the_pairing() -> Pairing:
    return Pairing.objects.get(platform__kentik_id="257", method__kentik_id="775")


def blocks(pairing: Pairing, at: datetime) -> set[str]:
    terms = Terms(target=known("203.0.113.7/32"), minutes=30)
    [found] = facts.judged([Case(pairing=pairing, terms=terms, requester=None)], at=at)
    return {each.code for each in found if each.severity == "block"}


class TestTakingOver:
    def test_brings_platforms_methods_and_pairs(self, read, cast: Cast) -> None:
        read()
        take_over(cast)
        assert (Platform.objects.count(), Method.objects.count(), Pairing.objects.count()) == (5, 7, 7)
        assert not catalogue.comparison().difference

    def test_offers_nothing_that_nobody_has_described(self, read, cast: Cast) -> None:
        read()
        take_over(cast)
        assert catalogue.offered() == []
        assert (the_pairing().effect, the_pairing().review_since) == (NOT_DESCRIBED, NOW)

    def test_leaves_one_event_with_all_that_changed(self, read, cast: Cast) -> None:
        read()
        take_over(cast)
        event = Event.objects.get(deed=events.CATALOGUE_TAKEN_OVER)
        assert (event.facts["changes"], len(event.facts["new"]), len(event.facts["links"])) == (19, 12, 7)

    def test_a_second_time_is_refused_and_changes_nothing(self, read, cast: Cast) -> None:
        read()
        mark = catalogue.comparison().difference.mark
        take_over(cast)
        with pytest.raises(Conflict, match="another one by now"):
            syncing.take_over(mark=mark, by=acting(cast.max), at=NOW)
        assert Platform.objects.count() == 5

    def test_of_nothing_is_refused(self, read, cast: Cast) -> None:
        read()
        take_over(cast)
        with pytest.raises(Conflict, match="nothing to take over"):
            take_over(cast)

    def test_of_what_was_shown_before_is_refused(self, read, cast: Cast, sandbox: Sandbox) -> None:
        read()
        mark = catalogue.comparison().difference.mark
        sandbox.change_catalogue(platforms=[{"id": "257", "name": "Edge"}])
        read(LATER)
        with pytest.raises(Conflict):
            syncing.take_over(mark=mark, by=acting(cast.max), at=LATER)
        assert not Platform.objects.exists()

    def test_never_touches_what_people_have_said(self, read, cast: Cast, sandbox: Sandbox) -> None:
        pairing = make_pairing(**CURATED)
        read()
        take_over(cast)
        sandbox.change_catalogue(
            platforms=[{"id": "257", "name": "Edge", "description": "New."}],
            unlink=[{"platform": "257", "method": "775"}],
        )
        read(LATER)
        take_over(cast, at=LATER)
        pairing.refresh_from_db()
        assert {name: getattr(pairing, name) for name in CURATED} == CURATED

    def test_changes_names_and_has_their_pairings_reviewed(self, read, cast: Cast, sandbox: Sandbox) -> None:
        pairing = make_pairing()
        sandbox.change_catalogue(platforms=[{"id": "257", "name": "Edge"}])
        read()
        take_over(cast)
        pairing.refresh_from_db()
        assert (pairing.platform.name, pairing.review_since) == ("Edge", NOW)

    def test_retires_what_has_vanished(self, read, cast: Cast) -> None:
        make_pairing(platform_id="900", method_id="901")
        read()
        take_over(cast)
        assert Platform.objects.get(kentik_id="900").retired_at == NOW
        assert Method.objects.get(kentik_id="901").retired_at == NOW

    def test_links_again_what_kentik_links_again(self, read, cast: Cast, sandbox: Sandbox) -> None:
        pairing, link = make_pairing(), [{"platform": "257", "method": "775"}]
        sandbox.change_catalogue(unlink=link)
        read()
        sandbox.change_catalogue(link=link)
        read(LATER)
        assert not the_pairing().linked
        take_over(cast, at=LATER)
        pairing.refresh_from_db()
        assert (pairing.linked, pairing.offered, pairing.review_since) == (True, True, LATER)

    def test_follows_a_change_of_type_of_both_ends(self, read, cast: Cast, sandbox: Sandbox) -> None:
        make_pairing(platform_id="261", method_id="799")  # here they are RTBH
        read()
        take_over(cast)
        assert Platform.objects.get(kentik_id="261").kind == "cloudflare"
        save(what=What.PLATFORM, id=Platform.objects.first().pk, values={}, by=acting(cast.max), at=NOW)

    @pytest.mark.parametrize("who", ["dana", "lee", "ana", "eve"])
    def test_is_for_administrators(self, who: str, read, cast: Cast) -> None:
        read()
        mark = catalogue.comparison().difference.mark
        with pytest.raises(Forbidden):
            syncing.take_over(mark=mark, by=acting(getattr(cast, who)), at=NOW)
        assert not Platform.objects.exists()
        assert (who, events.CATALOGUE_TAKEN_OVER, "refused") in deeds()


class TestReading:
    def test_takes_nothing_over_by_itself(self, read) -> None:
        read()
        assert not Platform.objects.exists()
        assert catalogue.count_waiting() == 19

    def test_blocks_a_pair_that_is_not_linked_any_more(self, read, sandbox: Sandbox) -> None:
        pairing = make_pairing()
        sandbox.change_catalogue(unlink=[{"platform": "257", "method": "775"}])
        read()
        assert blocks(the_pairing(), NOW) == {"not-linked"}
        assert pairing.linked

    def test_leaves_an_event_of_what_it_made_stricter(self, read, sandbox: Sandbox) -> None:
        make_pairing()
        sandbox.change_catalogue(unlink=[{"platform": "257", "method": "775"}])
        read()
        read(LATER)
        assert deeds() == [("worker", events.CATALOGUE_TIGHTENED, "done")]
        assert "is not linked at Kentik" in Event.objects.get().facts["sentence"]

    def test_tells_many_in_short_and_keeps_them_all(self, db: None) -> None:
        for number in range(5):
            make_pairing(platform_id=str(900 + number), method_id="775")
        syncing.keep([platform("1")], [method("1")], at=NOW)
        facts = Event.objects.get().facts
        assert (facts["sentence"].endswith("And 2 more."), len(facts["unlinked"])) == (True, 5)

    def test_blocks_for_three_minutes_what_was_changed_at_kentik(self, read, sandbox: Sandbox) -> None:
        make_pairing()
        read()
        assert blocks(the_pairing(), NOW) == set()
        sandbox.change_catalogue(methods=[{"id": "775", "description": "Now with more."}])
        read()
        assert blocks(the_pairing(), NOW + timedelta(minutes=2)) == {"not-linked"}
        assert blocks(the_pairing(), NOW + timedelta(minutes=4)) == set()

    def test_has_the_pairings_of_what_was_changed_reviewed(self, read, sandbox: Sandbox) -> None:
        make_pairing()
        read()
        assert the_pairing().review_since is None
        sandbox.change_catalogue(methods=[{"id": "775"}])
        read(LATER)
        assert the_pairing().review_since == LATER

    def test_concludes_nothing_from_an_empty_catalogue(self, db: None) -> None:
        make_pairing()
        syncing.keep([], [], at=NOW)
        assert the_pairing().linked
        assert not catalogue.comparison().difference
        assert "nothing is concluded" in catalogue.comparison().odd[0].sentence

    def test_does_not_say_that_nothing_changed(self, read) -> None:
        read()
        read(LATER)
        assert deeds() == []
        assert KentikView.objects.get().catalogue_read_at == LATER


class TestSayingWhatAPairingDoes:
    def test_ends_its_review(self, cast: Cast) -> None:
        pairing = make_pairing(review_since=NOW)
        save(what=What.PAIRING, id=pairing.pk, values={"effect": "drops it"}, by=acting(cast.max), at=NOW)
        pairing.refresh_from_db()
        assert pairing.review_since is None

    @pytest.mark.parametrize("is_on", [True, False])
    def test_says_that_it_is_linked_only_where_nobody_reads_that(self, is_on: bool, cast: Cast, settings: Any) -> None:
        settings.KENTIK_V6 = is_on
        pairing = make_pairing(linked=False)
        save(what=What.PAIRING, id=pairing.pk, values={"effect": "drops it"}, by=acting(cast.max), at=NOW)
        pairing.refresh_from_db()
        assert pairing.linked is not is_on


class TestWanting:
    def test_has_it_read_at_once(self, cast: Cast, settings: Any) -> None:
        settings.KENTIK_V6 = True
        KentikView.objects.create(catalogue_tried_at=NOW)
        assert not kentik.is_catalogue_due(at=NOW + timedelta(seconds=1))
        syncing.want(by=acting(cast.max), at=NOW + timedelta(seconds=1))
        assert kentik.is_catalogue_due(at=NOW + timedelta(seconds=1))
        assert deeds() == [("max", events.CATALOGUE_WANTED, "done")]

    def test_makes_the_worker_read_it_with_its_next_turns(
        self, v6: V6Client, cast: Cast, settings: Any, sandbox: Sandbox
    ) -> None:
        settings.KENTIK_V6 = True
        for at in (NOW, NOW + timedelta(seconds=2)):
            lookout = Lookout(v6, lease=timedelta(seconds=90), now=lambda at=at: at, insist=lambda record: record())
            while lookout.turn():
                pass
            assert KentikView.objects.get().catalogue_read_at == at
            syncing.want(by=acting(cast.max), at=at + timedelta(seconds=1))

    def test_without_v6_is_refused(self, cast: Cast, settings: Any) -> None:
        settings.KENTIK_V6 = False
        with pytest.raises(Conflict, match="switched off"):
            syncing.want(by=acting(cast.max), at=NOW)

    @pytest.mark.parametrize("who", ["dana", "lee", "ana", "eve"])
    def test_is_for_administrators(self, who: str, cast: Cast, settings: Any) -> None:
        settings.KENTIK_V6 = True
        with pytest.raises(Forbidden):
            syncing.want(by=acting(getattr(cast, who)), at=NOW)
        assert not KentikView.objects.exists()


_ids = st.sampled_from(["257", "775", "1", "2", "x"])
_things = {"type": st.sampled_from(PlatformType), "name": st.sampled_from(["A", "B", ""])}
_platforms = st.lists(st.tuples(_ids, st.lists(_ids, max_size=3), st.fixed_dictionaries(_things)), max_size=4)
_methods = st.lists(st.tuples(_ids, st.fixed_dictionaries(_things)), max_size=4)


@given(shown=st.tuples(_platforms, _methods))
@hypothesis.settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_kentik_shows_one_after_the_other_what_people_have_said_stays(shown: Any, cast: Cast) -> None:
    """Each example goes on from where the one before has left the catalogue."""
    if not Pairing.objects.exists():
        make_pairing(**CURATED)
    platforms = [platform(number, *links, **facts) for number, links, facts in shown[0]]
    syncing.keep(platforms, [method(number, **facts) for number, facts in shown[1]], at=NOW)
    if catalogue.comparison().difference:
        take_over(cast)
    pairing = the_pairing()
    assert {name: getattr(pairing, name) for name in CURATED} == CURATED
    assert not catalogue.comparison().difference
    assert not Pairing.objects.filter(linked=True).exclude(platform__kind=F("method__kind")).exists()
