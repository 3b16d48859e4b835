from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.authority import PEOPLE, Role
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Sighting, StopOrder
from mitigations.policies.lifecycle import Status
from tests.making import make_mitigation
from tests.people import Cast, make_person
from tests.services.watching import MINUTE, Watch

STOP = "POST /v202505/mitigations/MITIGATION_USER_ACTION_STOP"
START = "POST /api/v5/alerts/manual-mitigate"
LIST = "GET /v202505/mitigations"


class TestOrdering:
    @pytest.mark.parametrize("name", ["dana", "lee", "kim"])
    def test_is_for_requesters_and_approvers(self, watch: Watch, cast: Cast, name: str) -> None:
        mitigation = watch.found(requested_by=cast.dana)

        order = watch.order(mitigation, by=getattr(cast, name))

        assert (order.status, order.ordered_by, order.reason) == ("waiting", getattr(cast, name), "It is over.")
        assert watch.again(mitigation).status == Status.ACTIVE

    @pytest.mark.parametrize("role", sorted(PEOPLE - {Role.REQUESTER, Role.APPROVER}))
    def test_is_for_no_other_role(self, watch: Watch, cast: Cast, role: Role) -> None:
        mitigation = watch.found(requested_by=cast.dana)

        with pytest.raises(Forbidden):
            watch.order(mitigation, by=make_person("pat", [role]))

        assert not StopOrder.objects.exists()

    def test_is_not_for_somebody_without_a_role(self, watch: Watch, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            watch.order(watch.found(requested_by=cast.dana), by=cast.eve)

    def test_needs_a_reason(self, watch: Watch) -> None:
        with pytest.raises(Unacceptable, match="Say why"):
            watch.order(watch.found(), note="")

    @pytest.mark.parametrize("status", sorted(set(Status) - {Status.ACTIVE}))
    def test_is_possible_for_an_active_one_alone(self, watch: Watch, cast: Cast, status: Status) -> None:
        with pytest.raises(Conflict):
            watch.order(make_mitigation(status, requested_by=cast.dana))

    def test_is_not_possible_for_one_that_was_not_found(self, watch: Watch) -> None:
        mitigation = watch.send()
        watch.look()
        Sighting.objects.all().delete()

        with pytest.raises(Conflict, match="Kentik does not show it"):
            watch.order(mitigation)

    def test_is_possible_in_a_minute_for_one_that_was_sent_just_now(self, watch: Watch) -> None:
        watch.look()
        mitigation = watch.send()
        watch.pass_(timedelta(seconds=20))

        with pytest.raises(Conflict, match=r"Sent (19|20) s ago; Kentik has not been looked at since.*about a minute"):
            watch.order(mitigation)

    def test_is_for_kentik_itself_when_nobody_has_looked_for_long(self, watch: Watch) -> None:
        mitigation = watch.send()
        watch.pass_(3 * MINUTE)

        with pytest.raises(Conflict, match=r"not been looked at since it was sent\. Stop it in Kentik"):
            watch.order(mitigation)

    def test_is_not_possible_while_kentik_cannot_be_seen(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.pass_(5 * MINUTE)

        with pytest.raises(Conflict, match="Stop it in Kentik"):
            watch.order(mitigation)

    def test_twice_is_refused_while_the_first_is_under_way(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.order(mitigation)

        with pytest.raises(Conflict, match="being stopped already"):
            watch.order(mitigation)

    def test_again_is_possible_when_nothing_came_of_it(self, watch: Watch, cast: Cast) -> None:
        mitigation = watch.found()
        watch.order(mitigation)
        watch.sandbox.fault("close-before-reading", api="v6")
        watch.tell_to_stop()
        watch.look()

        order = watch.order(mitigation, by=cast.kim)
        watch.tell_to_stop()

        assert (order.status, order.ordered_by, StopOrder.objects.count()) == ("waiting", cast.kim, 1)
        assert watch.calls().count(STOP) == 2
