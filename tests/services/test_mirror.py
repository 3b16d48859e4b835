from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mitigations.kentik.transport import Transport
from mitigations.kentik.v6.parsing import mitigation, read_object
from mitigations.kentik.v6.states import State
from mitigations.kentik.v6.values import Listing
from mitigations.models import KentikView, Sighting
from mitigations.services import following
from mitigations.services.mirror import APPEARANCES, Look
from tests.kentik.calls import make_account
from tests.kentik.v6.calls import row
from tests.making import NOW

# As the client does to whatever comes from Kentik.
REDACT = Transport(make_account(), now=lambda: NOW).redact


class TestWhatKentikShows:
    """Rows as no sandbox gives them."""

    def show(self, *rows: dict[str, object], whole: bool = True) -> None:
        text = json.dumps({"rows": rows})
        parsed = [mitigation(each) for each in read_object(text, redact=REDACT)["rows"]]
        listing = Listing(rows=tuple(each for each in parsed if each), complete=whole)
        view = KentikView.objects.filter(listed_at__isnull=False).first()
        began_at = (view.listed_at if view and view.listed_at else NOW) + timedelta(minutes=1)
        following.take_in(Look.of([listing], began_at=began_at))

    def test_may_have_a_comment_of_any_length(self, db: None) -> None:
        self.show(row(comment="x" * 3_000_000))

        assert len(Sighting.objects.get().comment) == 1000

    def test_may_have_a_comment_with_any_character(self, db: None) -> None:
        self.show(row(comment="nul \x00 lone \ud800 emoji 🌊"))

        assert "emoji 🌊" in Sighting.objects.get().comment

    def test_may_run_for_longer_than_a_column_holds(self, db: None) -> None:
        self.show(row(autoStopTtl="999999999999s"))

        assert Sighting.objects.get().auto_stop_minutes == 2**31 - 1

    @pytest.mark.parametrize("target", [{"ipCidr": "203.0.113.7/24"}, {"ipCidr": "shop"}, {"ipCidr": "x" * 5000}, None])
    def test_may_have_a_target_that_is_no_prefix(self, db: None, target: object) -> None:
        self.show(row(target=target))

        sighting = Sighting.objects.get()
        assert (sighting.family, sighting.network, sighting.occupies) == (None, None, True)

    def test_may_be_in_a_state_that_nobody_knows(self, db: None) -> None:
        self.show(row(currentState="MITIGATION_STATE_ASLEEP"))

        sighting = Sighting.objects.get()
        assert (sighting.label, sighting.appearance, sighting.occupies) == ("MITIGATION_STATE_ASLEEP", "unknown", True)

    @pytest.mark.parametrize("id", ["a7f3", "9" * 20, "٣"])
    def test_with_an_id_that_is_no_number_is_not_kept_and_nothing_is_concluded(self, db: None, id: str) -> None:
        self.show(row(id="1"))
        KentikView.objects.update(listed_at=NOW)

        self.show(row(id=id))

        assert [(each.kentik_id, each.occupies) for each in Sighting.objects.all()] == [("1", True)]
        assert KentikView.objects.get().trouble


@pytest.mark.parametrize(
    ("state", "appearance"),
    [
        (State.UNSPECIFIED, "unknown"),
        (State.ACK_REQUIRED, "ended"),
        (State.ARCHIVED, "ended"),
        (State.CLEARING, "stopping"),
        (State.CLEARING_FAIL, "clear-failed"),
        (State.END_GRACE, "live"),
        (State.END_WAIT, "live"),
        (State.MANUAL_CLEAR, "ended"),
        (State.MANUAL_CLEARING, "stopping"),
        (State.MANUAL_CLEARING_FAIL, "clear-failed"),
        (State.MANUAL_MITIGATING, "live"),
        (State.MANUAL_STARTING, "pending"),
        (State.MANUAL_STARTING_FAIL, "start-failed"),
        (State.MITIGATING, "live"),
        (State.STARTING, "pending"),
        (State.STARTING_FAIL, "start-failed"),
        (State.START_WAIT, "pending"),
    ],
)
def test_each_of_the_seventeen_states_is_one_word(state: State, appearance: str) -> None:
    assert APPEARANCES[state.state_class] == appearance


def test_none_of_the_states_was_forgotten() -> None:
    assert len(State) == 17


def test_only_the_time_is_written_of_what_is_as_it_was(db: None) -> None:
    shows = TestWhatKentikShows()
    shows.show(row())
    with CaptureQueriesContext(connection) as first:
        shows.show(row())
    with CaptureQueriesContext(connection) as second:
        shows.show(row(comment="another"))

    assert sum("INSERT" in query["sql"] for query in first) == 0
    assert Sighting.objects.get().comment == "another"
    assert sum("INSERT" in query["sql"] for query in second) == 1
