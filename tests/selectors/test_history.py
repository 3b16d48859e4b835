"""What happened on a target: how each relates to it, in which order, and of how many it is summed up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mitigations.models import Mitigation, Sighting
from mitigations.models.axis import place
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.selectors import history, listing
from tests.making import NOW, make_mitigation
from tests.showing import make_sighting

pytestmark = pytest.mark.django_db
HOST, NET, NEXT = "203.0.113.7/32", "203.0.113.0/24", "203.0.113.8/32"


def ended(target: str) -> Mitigation:
    return make_mitigation(Status.ENDED, target=target, started_at=NOW - timedelta(hours=1))


def shown(target: str, *, alone: bool = False) -> list[tuple[str, str]]:
    rows = listing.page(history.on(known(target), alone=alone)).rows
    return [(each.mitigation.target, str(each.reach)) for each in history.entries(rows, beside=known(target), at=NOW)]


class TestEntries:
    def test_are_the_same_the_wider_and_the_narrower_newest_first(self) -> None:
        for target in (HOST, NET, NEXT, "203.0.113.0/28", "2001:db8::7/128"):
            ended(target)
        assert shown(HOST) == [("203.0.113.0/28", "wider"), (NET, "wider"), (HOST, "same")]
        assert shown("203.0.113.0/28") == [
            ("203.0.113.0/28", "same"),
            (NEXT, "narrower"),
            (NET, "wider"),
            (HOST, "narrower"),
        ]

    def test_are_of_the_very_prefix_alone_when_asked_so(self) -> None:
        for target in (HOST, NET, HOST, NEXT):
            ended(target)
        assert shown(HOST, alone=True) == [(HOST, "same"), (HOST, "same")]

    def test_of_the_very_prefix_keep_the_families_apart_where_they_share_the_axis(self) -> None:
        for target in ("0.0.0.0/0", "::/0"):
            ended(target)
        assert shown("0.0.0.0/0", alone=True) == [("0.0.0.0/0", "same")]

    @pytest.mark.parametrize(
        ("values", "ran"),
        [
            ({"started_at": NOW - timedelta(hours=3), "closed_at": NOW - timedelta(hours=1)}, timedelta(hours=2)),
            ({"started_at": None}, None),
        ],
    )
    def test_know_for_how_long_it_ran(self, values: dict, ran: timedelta | None) -> None:
        mitigation = make_mitigation(Status.ENDED, **values)
        assert history.entries([mitigation], beside=mitigation.prefix, at=NOW)[0].ran_for == ran

    def test_know_for_how_long_it_has_been_running(self) -> None:
        mitigation = make_mitigation(Status.ACTIVE, at=NOW - timedelta(minutes=20))
        found = history.entries([mitigation], beside=mitigation.prefix, at=NOW)
        assert found[0].ran_for == timedelta(minutes=20)


class TestPaging:
    def test_has_no_gap_and_no_double_while_new_ones_come_in(self) -> None:
        made = [ended(HOST if number % 2 else NET).pk for number in range(9)][::-1]
        wanted, seen, place = history.on(known(HOST), alone=False), [], None
        while True:
            page = listing.page(wanted, below=place, size=4)
            seen += [row.pk for row in page.rows]
            ended(HOST)
            if (place := page.onward) is None:
                break
        assert seen == made


class TestOthers:
    def test_are_the_newest_five_without_itself(self) -> None:
        made = [ended(HOST) for _ in range(7)]
        found = history.others(made[5], at=NOW)
        assert [each.mitigation.pk for each in found] == [made[place].pk for place in (6, 4, 3, 2, 1)]


class TestTheSummary:
    def test_is_none_where_nothing_happened(self) -> None:
        ended(NEXT)
        assert history.summary(known(HOST)) is None

    def test_is_of_the_newest_only_and_says_that_there_are_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(history, "LOOKED_AT", 3)
        made = [ended(target) for target in (HOST, NET, NET)]
        whole = history.summary(known(HOST))
        assert whole is not None
        assert (whole.count, whole.more, whole.latest.target) == (3, False, made[-1].target)
        ended(HOST)
        cut = history.summary(known(HOST))
        assert cut is not None
        assert [hit.target for hit in cut.hits] == [HOST, NET, NET]
        assert cut.more

    def test_takes_three_queries_however_many_there_are(self) -> None:
        for count in (1, 20):
            for _ in range(count):
                ended(HOST)
            with CaptureQueriesContext(connection) as captured:
                history.summary(known(HOST))
            assert len(captured) == 3

    def test_tells_no_more_of_a_reason_than_a_line_holds(self) -> None:
        make_mitigation(Status.ENDED, target=HOST, reason="x" * 2000)
        found = history.summary(known(HOST))
        assert found is not None
        assert len(found.latest.reason) == 200

    def test_before_one_leaves_out_itself_and_what_came_later(self) -> None:
        earlier, mine, _later = ended(NET), make_mitigation(target=HOST), ended(NET)
        found = history.summary_before(mine)
        assert found is not None
        assert [hit.target for hit in found.hits] == [earlier.target]


class TestElsewhere:
    def test_is_what_was_not_started_here_live_or_over_newest_first(self) -> None:
        over = make_sighting(target=NET, appearance="ended", occupies=False)
        live = make_sighting(target=HOST)
        make_sighting(target=NEXT)
        make_sighting(make_mitigation(Status.ACTIVE, target=HOST))
        assert history.elsewhere(known(HOST), alone=False) == [live, over]
        assert history.elsewhere(known(HOST), alone=True) == [live]

    def test_is_the_newest_twenty(self) -> None:
        row = {"platform_id": "1", "method_id": "1", "state": "x", "label": "x", "appearance": "ended"}
        common = {**row, "manual": True, "occupies": False, "seen_at": NOW, "target": HOST, **place(known(HOST))}
        Sighting.objects.bulk_create(Sighting(kentik_id=str(number), **common) for number in range(25))
        found = history.elsewhere(known(HOST), alone=False)
        assert [each.kentik_id for each in found] == [str(number) for number in range(24, 4, -1)]
