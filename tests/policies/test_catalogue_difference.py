from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.catalogue import NOT_DESCRIBED, Kind, What, offer
from mitigations.policies.catalogue_difference import (
    Difference,
    Known,
    KnownPair,
    Ours,
    compare,
    first_facts,
    odd,
    tighten,
    unlinked,
)
from mitigations.policies.catalogue_shown import KINDS, Pair, Snapshot, read
from tests.making import NOW

RTBH, FLOWSPEC = "MITIGATION_PLATFORM_TYPE_RTBH", "MITIGATION_PLATFORM_TYPE_FLOWSPEC"
LONG_AGO = NOW - timedelta(days=500)
EDGE = {"id": "257", "name": "Edge RTBH", "description": "", "type": RTBH, "method_ids": ["775"]}
DROP = {"id": "775", "name": "Drop everything", "description": "", "type": RTBH}
PAIR = Pair(platform="257", method="775")
THE_PAIR = KnownPair(pair=PAIR, name="Edge RTBH · Drop everything", linked=True)


def row(base: dict[str, Any] = EDGE, **changes: Any) -> dict[str, Any]:
    return {**base, **changes}


def known(what: What = What.PLATFORM, **values: Any) -> Known:
    base = EDGE if what is What.PLATFORM else DROP
    return Known(
        **{"what": what, "id": base["id"], "name": base["name"], "description": "", "kind": Kind.RTBH, **values}
    )


def ours(platform: Known | None = None, method: Known | None = None, *, pair: KnownPair = THE_PAIR) -> Ours:
    """The one pairing, as Kentik shows it, unless the test says otherwise."""
    platform, method = platform or known(), method or known(What.METHOD)
    return Ours(platforms={platform.id: platform}, methods={method.id: method}, pairings={pair.pair: pair})


NOTHING = Ours(platforms={}, methods={}, pairings={})
SAME = read([EDGE], [DROP])


class TestComparing:
    def test_finds_nothing_where_all_is_the_same(self) -> None:
        assert not compare(SAME, ours())

    def test_finds_new_platforms_and_methods(self) -> None:
        found = compare(SAME, NOTHING).new
        assert [(each.what, each.id, each.name, each.kind) for each in found] == [
            (What.PLATFORM, "257", "Edge RTBH", Kind.RTBH),
            (What.METHOD, "775", "Drop everything", Kind.RTBH),
        ]

    def test_finds_a_new_link(self) -> None:
        bare = replace(ours(), pairings={})
        [link] = compare(SAME, bare).links
        assert (link.pair, link.name, link.again) == (PAIR, "Edge RTBH · Drop everything", False)

    def test_finds_a_link_that_is_back(self) -> None:
        [link] = compare(SAME, ours(pair=replace(THE_PAIR, linked=False))).links
        assert link.again

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"name": "Edge"}, ("name", "Edge RTBH", "Edge")),
            ({"description": "At the edge."}, ("description", "", "At the edge.")),
            ({"type": FLOWSPEC}, ("kind", "rtbh", "flowspec")),
        ],
    )
    def test_finds_what_was_changed(self, changes: dict[str, str], expected: tuple[str, str, str]) -> None:
        [change] = compare(read([row(**changes)], [DROP]), ours()).changed
        assert (change.field, change.before, change.after) == expected

    def test_tells_a_change_of_type_in_words(self) -> None:
        [change] = compare(read([row(type=FLOWSPEC)], [DROP]), ours()).changed
        assert (change.label, change.told) == ("type", ("RTBH", "Flowspec"))

    def test_finds_what_has_vanished(self) -> None:
        shown = read([row(id="300")], [DROP])
        [gone] = compare(shown, ours()).vanished
        assert (gone.what, gone.id) == (What.PLATFORM, "257")

    def test_concludes_nothing_when_kentik_shows_nothing_at_all(self) -> None:
        for shown in (read([], []), read([EDGE], []), read([], [DROP])):
            assert not compare(shown, ours())
            assert next(each.code for each in odd(shown)) == "doubtful"

    def test_leaves_what_people_retired_retired(self) -> None:
        retired = ours(known(retired=True), pair=replace(THE_PAIR, linked=False, retired=True))
        assert not compare(SAME, retired)

    def test_makes_no_pairing_of_what_people_retired(self) -> None:
        assert not compare(SAME, replace(ours(known(retired=True)), pairings={}))

    def test_does_not_retire_twice(self) -> None:
        assert not compare(read([row(id="300")], [DROP]), ours(known(retired=True))).vanished

    def test_takes_no_type_that_is_not_known(self) -> None:
        shown = read([row(type="MITIGATION_PLATFORM_TYPE_ZAP")], [row(DROP, type="MITIGATION_PLATFORM_TYPE_ZAP")])
        assert not compare(shown, NOTHING)
        assert "of the type MITIGATION_PLATFORM_TYPE_ZAP" in odd(shown)[0].sentence

    def test_has_another_mark_for_another_difference(self) -> None:
        one, other = compare(SAME, NOTHING), compare(read([row(name="Edge")], [DROP]), NOTHING)
        assert one.mark != other.mark
        assert one.mark == compare(SAME, NOTHING).mark


class TestReading:
    def test_takes_no_link_between_two_types(self) -> None:
        shown = read([row(type=FLOWSPEC)], [DROP])
        assert (shown.links, "of another type" in shown.strange[0].sentence) == (frozenset(), True)

    def test_takes_no_link_to_what_is_not_listed(self) -> None:
        shown = read([row(method_ids=["999"])], [DROP])
        assert (shown.links, "which Kentik does not list" in shown.strange[0].sentence) == (frozenset(), True)

    @pytest.mark.parametrize("bad", ["", "25x", "-1", "9" * 20, "1 2", "٣"])
    def test_takes_nothing_with_an_id_that_is_no_number(self, bad: str) -> None:
        shown = read([row(id=bad)], [DROP])
        assert (dict(shown.platforms), "none of Kentik's numbers" in shown.strange[0].sentence) == ({}, True)

    def test_names_what_has_no_name(self) -> None:
        assert read([row(name="")], [DROP]).platforms["257"].name == "Platform 257"

    def test_cuts_a_name_to_what_can_be_kept(self) -> None:
        assert len(read([row(name="n" * 500)], [DROP]).platforms["257"].name) == 100

    def test_keeps_what_cannot_be_printed_out(self) -> None:
        assert read([row(name="Edge\x00\n RTBH\x1b")], [DROP]).platforms["257"].name == "Edge RTBH"

    @pytest.mark.parametrize("time", ["fish", "", "2026-11-23", "0001-01-01T00:00:00+00:00", 5, None])
    def test_takes_no_time_that_is_none(self, time: object) -> None:
        assert read([row(modified_at=time)], [DROP]).platforms["257"].modified_at is None

    def test_knows_every_type_of_the_catalogue(self) -> None:
        assert set(KINDS.values()) == set(Kind)


class TestTightening:
    def test_follows_a_lost_link_at_once(self) -> None:
        found = tighten(read([row(method_ids=[])], [DROP]), ours(), before=SAME, at=NOW)
        assert [each.pair for each in found.unlinked] == [PAIR]
        assert found.sentences == ["Edge RTBH · Drop everything is not linked at Kentik, so it cannot be used."]

    def test_follows_a_vanished_platform_at_once(self) -> None:
        assert tighten(read([row(id="300")], [DROP]), ours(), before=SAME, at=NOW).unlinked == (THE_PAIR,)

    def test_never_links(self) -> None:
        unlinked_pair = ours(pair=replace(THE_PAIR, linked=False))
        assert not tighten(SAME, unlinked_pair, before=SAME, at=NOW).unlinked

    def test_follows_nothing_when_kentik_shows_nothing_at_all(self) -> None:
        assert not tighten(read([], []), ours(), before=SAME, at=NOW).unlinked

    def test_learns_quietly_when_something_was_changed_first(self) -> None:
        shown = read([row(modified_at=LONG_AGO.isoformat())], [DROP])
        found = tighten(shown, ours(), before=SAME, at=NOW)
        assert ([each.modified_at for each in found.touched], found.sentences) == ([LONG_AGO], [])

    def test_tells_of_a_change_since(self) -> None:
        shown = read([row(modified_at=NOW.isoformat())], [DROP])
        found = tighten(shown, ours(known(modified_at=LONG_AGO)), before=SAME, at=NOW)
        assert found.sentences == ["The platform Edge RTBH was changed at Kentik: look at what it does."]

    def test_takes_a_time_ahead_of_us_for_now(self) -> None:
        shown = read([row(modified_at=(NOW + timedelta(days=900)).isoformat())], [DROP])
        [touched] = tighten(shown, ours(known(modified_at=LONG_AGO)), before=SAME, at=NOW).touched
        assert touched.modified_at == NOW

    def test_takes_a_time_ahead_of_us_for_news_only_once(self) -> None:
        shown = read([row(modified_at=(NOW + timedelta(days=900)).isoformat())], [DROP])
        later = NOW + timedelta(minutes=15)
        assert not tighten(shown, ours(known(modified_at=NOW)), before=shown, at=later).touched

    def test_never_goes_back_in_time(self) -> None:
        shown = read([row(modified_at=LONG_AGO.isoformat())], [DROP])
        assert not tighten(shown, ours(known(modified_at=NOW)), before=SAME, at=NOW).touched


class TestANewPairing:
    @pytest.mark.parametrize("kind", Kind)
    def test_is_not_offered_and_not_described(self, kind: Kind) -> None:
        facts = first_facts(kind)
        assert (facts["offered"], facts["effect"], facts["ipv6"]) == (False, NOT_DESCRIBED, False)

    @pytest.mark.parametrize("kind", [Kind.RTBH, Kind.A10, Kind.RADWARE])
    def test_is_taken_to_widen_where_kentik_has_methods_that_do(self, kind: Kind) -> None:
        assert first_facts(kind)["widens_to_24"] is True

    @pytest.mark.parametrize("kind", [Kind.FLOWSPEC, Kind.ADAPTIVE_FLOWSPEC])
    def test_is_taken_to_need_ports_where_kentik_has_methods_that_do(self, kind: Kind) -> None:
        assert first_facts(kind)["needs_ports"] is True

    def test_cannot_be_offered_before_it_is_described(self) -> None:
        assert [each.code for each in offer(offered=True, effect=NOT_DESCRIBED)] == ["effect"]
        assert not offer(offered=True, effect="drops it all")
        assert not offer(offered=False, effect=NOT_DESCRIBED)


def test_unlinked_pairings_are_told_unless_they_are_retired() -> None:
    lost = replace(THE_PAIR, linked=False)
    assert unlinked(ours(pair=lost)) == [lost]
    assert unlinked(ours(pair=replace(lost, retired=True))) == []


# --- Always ---------------------------------------------------------------------------------------------------------

_ids = st.sampled_from(["1", "2", "3", "x", ""])
_types = st.sampled_from([RTBH, FLOWSPEC, "MITIGATION_PLATFORM_TYPE_ZAP", ""])
_rows = st.fixed_dictionaries(
    {"id": _ids, "name": st.sampled_from(["A", "B", ""]), "description": st.sampled_from(["", "d"]), "type": _types},
    optional={"method_ids": st.lists(_ids, max_size=3), "modified_at": st.sampled_from(["fish", NOW.isoformat()])},
)
_snapshots = st.builds(read, st.lists(_rows, max_size=4), st.lists(_rows, max_size=4))
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "type", "method_ids", "excluded", "modified_at"]), inner)
    ),
    max_leaves=12,
)


def taken_over(difference: Difference, ours: Ours) -> Ours:
    """As the service does it: what is new is added, what vanished is retired, what changed is changed."""
    things = {What.PLATFORM: dict(ours.platforms), What.METHOD: dict(ours.methods)}
    for new in difference.new:
        facts = {"id": new.id, "name": new.name, "description": new.description, "kind": new.kind}
        things[new.what][new.id] = Known(what=new.what, **facts)
    for change in difference.changed:
        value = Kind(change.after) if change.field == "kind" else change.after
        things[change.what][change.id] = replace(things[change.what][change.id], **{change.field: value})
    for gone in difference.vanished:
        things[gone.what][gone.id] = replace(things[gone.what][gone.id], retired=True)
    pairs = {link.pair: KnownPair(pair=link.pair, name=link.name, linked=True) for link in difference.links}
    pairings = {
        pair: replace(
            each,
            retired=each.retired
            or things[What.PLATFORM][pair.platform].retired
            or things[What.METHOD][pair.method].retired,
        )
        for pair, each in {**ours.pairings, **pairs}.items()
    }
    return Ours(platforms=things[What.PLATFORM], methods=things[What.METHOD], pairings=pairings)


def tightened(shown: Snapshot, ours: Ours) -> Ours:
    lost = {each.pair for each in tighten(shown, ours, before=shown, at=NOW).unlinked}
    pairings = {pair: replace(each, linked=each.linked and pair not in lost) for pair, each in ours.pairings.items()}
    return replace(ours, pairings=pairings)


@given(st.lists(_snapshots, min_size=1, max_size=4))
def test_taking_over_twice_changes_nothing(history: list[Snapshot]) -> None:
    here = NOTHING
    for shown in history:
        here = tightened(shown, here)
        here = taken_over(compare(shown, here), here)
        assert not compare(shown, here)
        assert not tighten(shown, here, before=shown, at=NOW).unlinked


@given(st.lists(_snapshots, min_size=1, max_size=4))
def test_what_is_linked_here_is_of_one_type(history: list[Snapshot]) -> None:
    here = NOTHING
    for shown in history:
        here = tightened(shown, here)
        here = taken_over(compare(shown, here), here)
        for pair, each in here.pairings.items():
            if each.linked:
                assert here.platforms[pair.platform].kind is here.methods[pair.method].kind


@given(_json, _json)
def test_whatever_kentik_shows_can_be_compared(platforms: object, methods: object) -> None:
    shown = read(platforms, methods)
    difference = compare(shown, ours())
    assert difference.mark == compare(shown, ours()).mark
    assert tighten(shown, ours(), before=SAME, at=NOW) is not None
