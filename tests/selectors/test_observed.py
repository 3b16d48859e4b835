from __future__ import annotations

from datetime import timedelta

import pytest

from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import OrderStatus
from mitigations.selectors import mitigations, observed
from mitigations.selectors.observed import Observed, Sight
from tests.making import NOW, make_mitigation
from tests.people import Cast
from tests.showing import look, make_followed, make_order, make_over, make_sighting


@pytest.fixture(autouse=True)
def _with_v6(settings, cast: Cast) -> None:
    settings.KENTIK_V6 = True


def beside(mitigation: Mitigation) -> Observed | None:
    return observed.observed(mitigations.one(mitigation.reference), observed.seen(at=NOW), at=NOW)


class TestHowWellKentikIsSeen:
    @pytest.mark.parametrize(
        ("values", "sight"),
        [
            ({}, Sight.CLEAR),
            ({"trouble": "The list was too long."}, Sight.PARTIAL),
            ({"listed_at": NOW - timedelta(minutes=5)}, Sight.STALE),
            ({"listed_at": None}, Sight.NEVER),
            ({"refused_at": NOW, "refusal": "No."}, Sight.REFUSED),
        ],
    )
    def test_follows_from_the_last_look(self, values: dict[str, object], sight: Sight) -> None:
        look(**values)
        assert observed.seen(at=NOW).sight is sight

    def test_is_not_at_all_without_v6(self, settings) -> None:
        settings.KENTIK_V6 = False
        look()
        assert observed.seen(at=NOW).sight is Sight.OFF


class TestBesideOneOfOurs:
    @pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED, Status.SENDING, Status.REFUSED])
    def test_there_is_nothing_before_it_was_sent(self, status: Status) -> None:
        assert beside(make_mitigation(status)) is None

    def test_there_is_nothing_seen_until_it_is_found(self) -> None:
        found = beside(make_mitigation(Status.ACTIVE))
        assert found is not None
        assert found.sighting is None

    def test_what_is_as_it_was_asked_for_agrees(self) -> None:
        found = beside(make_followed())
        assert found is not None
        assert found.disagreements == ()

    def test_a_lost_auto_stop_and_another_comment_are_both_told(self) -> None:
        found = beside(make_followed(auto_stop_minutes=None, comment="Hello"))
        assert found is not None
        assert [sentence.split(" for it")[0] for sentence in found.disagreements] == [
            "Kentik has no auto-stop",
            "Kentik has another comment",
        ]

    def test_what_is_over_here_disagrees_only_while_the_last_look_shows_it(self) -> None:
        over = make_over(make_followed())
        found = beside(over)
        assert found is not None
        assert found.disagreements == ("Here it is stopped, and Kentik still shows it. Look there.",)
        look(listed_at=NOW + timedelta(seconds=30))
        found = beside(over)
        assert found is not None
        assert found.disagreements == ()

    def test_nothing_is_said_to_disagree_on_the_word_of_an_old_look(self) -> None:
        mitigation = make_followed(comment="Hello")
        look(listed_at=NOW - timedelta(minutes=5))
        found = beside(mitigation)
        assert found is not None
        assert found.disagreements == ()


class TestTheMark:
    def test_changes_with_the_state_that_kentik_shows(self) -> None:
        mitigation = make_followed()
        before = observed.mark(mitigation.reference)
        mitigation.sighting.state = "MITIGATION_STATE_MANUAL_CLEARING"
        mitigation.sighting.save()
        assert observed.mark(mitigation.reference) != before

    def test_is_empty_for_one_that_was_not_found(self) -> None:
        assert observed.mark(make_mitigation(Status.ACTIVE).reference) == ""


class TestCandidates:
    def test_are_those_of_its_target_that_are_nobodys_and_by_hand(self) -> None:
        mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.7/32")
        fits = make_sighting(target=mitigation.target, comment="")
        make_sighting(target=mitigation.target, manual=False)
        make_sighting(target=mitigation.target, platform_id="258")
        make_sighting(target="203.0.113.8/32")
        make_sighting(make_mitigation(Status.ENDED, target="203.0.113.9/32"), target=mitigation.target)
        assert observed.candidates(mitigation) == [fits]


class TestTheOpenOrder:
    @pytest.mark.parametrize("status", OrderStatus)
    def test_is_one_that_is_under_way(self, status: OrderStatus) -> None:
        lease = {"lease_until": NOW, "attempt": "0" * 32} if status is OrderStatus.SENDING else {}
        order = make_order(make_followed(), status, **lease)
        over = status in {OrderStatus.DONE, OrderStatus.REFUSED}
        assert order.mitigation.open_order == (None if over else order)
