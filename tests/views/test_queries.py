"""A page asks the database as often for many rows as for a few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.signing_in import record_sign_in
from audit.models import Item, SignOff
from mitigations.models import Decision, Draft, Method, Mitigation, SavedList, Sighting, Team
from mitigations.policies.columns import Column
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.rules import AskedByTeam, Inside, Rule, as_json
from mitigations.policies.stopping import OrderStatus
from mitigations.services import events
from mitigations.services.auditing import reviewing
from tests.making import (
    NOW,
    break_glass_for,
    make_event,
    make_exchange,
    make_mitigation,
    make_pairing,
    make_preset,
    make_protected,
    make_rule,
    make_rulebook,
    make_view,
    shown_row,
)
from tests.people import Cast, acting, make_person
from tests.reviewing import make_asked_for
from tests.showing import look, make_alarm, make_order, make_sighting

FEW, MANY = 3, 24
EVERY_COLUMN = "&".join(f"column={column}" for column in Column if column is not Column.REFERENCE)
BOOKS = ("in-force", "draft")


def queries(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def _more_mitigations(count: int) -> None:
    """Some waiting, some live, some over, each with a platform, a method and a requester of its own."""
    for _ in range(count):
        number = Mitigation.objects.count()
        rob = make_person(f"rob-{number}", ["requester"])
        pairing = make_pairing(platform_id=str(1000 + number), method_id=str(2000 + number))
        for place, status in enumerate((Status.PENDING, Status.ACTIVE, Status.ENDED)):
            make_mitigation(status, target=f"198.51.{place}.{number % 256}/32", requested_by=rob, pairing=pairing)


def _more_at_once(count: int) -> None:
    """Three groups of so many."""
    for group in range(3):
        lead = None
        for last in range(count):
            made = make_mitigation(target=f"10.{count}.{group}.{last}/32", asked_with=lead)
            lead = lead or made


def _more_of_a_ticket(count: int) -> None:
    """As many of the ticket itself as of those that begin so."""
    for number in range(count):
        rob = make_person(f"rob-{Mitigation.objects.count()}", ["requester"])
        for ticket in ("INC", f"inc-{number}"):
            make_mitigation(Status.ENDED, ticket=ticket, requested_by=rob)


def _more_that_are_called_so(count: int) -> None:
    """People, platforms, methods and presets with an e at the beginning."""
    for number in range(count):
        make_person(f"e-{number}-of-{count}")
    _more_presets(count)


def _more_pairings(count: int) -> None:
    for _ in range(count):
        number = 3000 + Method.objects.count()
        make_pairing(platform_id=str(number), method_id=str(number))


def _more_presets(count: int) -> None:
    for _ in range(count):
        number = 5000 + Method.objects.count()
        make_preset(name=f"Preset {number}", pairing=make_pairing(platform_id=str(number), method_id=str(number)))


def _more_in_kentiks_catalogue(count: int) -> None:
    """Kentik shows as many new platforms, each with a method that excludes prefixes, and lacks as many of ours."""
    _more_pairings(count)
    make_view(
        platforms=[shown_row(str(number), method_ids=[str(number)]) for number in range(count)],
        methods=[shown_row(str(number), excluded=[f"192.0.2.{number}/32"]) for number in range(count)],
    )


def _more_saved(count: int) -> None:
    """Half of them by somebody else, for everybody."""
    people = User.objects.in_bulk(["dana", "max"], field_name="username")
    first = SavedList.objects.count()
    for number in range(first, first + count):
        owner = people["max" if number % 2 else "dana"]
        SavedList.objects.create(
            name=f"{number}", owner=owner, query="by=dana", shared=owner.username == "max", saved_at=NOW
        )


def _more_events(count: int) -> None:
    for number in range(count):
        record_sign_in(by=acting(make_person(f"person-{number}-of-{count}")), at=NOW)


def _more_broken_glass(count: int) -> None:
    for _ in range(count):
        number = Mitigation.objects.count()
        rob = make_person(f"rob-{number}", ["requester"])
        pairing = make_pairing(platform_id=str(1000 + number), method_id=str(2000 + number))
        target = f"198.51.100.{number}/32"
        break_glass_for(make_mitigation(Status.ACTIVE, target=target, requested_by=rob, pairing=pairing))


def _more_changed_since(count: int) -> None:
    """Requests about which the guardrails say something that they did not say when they were made."""
    for _ in range(count):
        number = Mitigation.objects.count()
        make_mitigation(target=f"198.51.100.{number}/32")
        owner = make_person(f"owner-{number}")
        make_protected(f"198.51.100.{number}/32", owner=owner, severity="review")


def _more_rules(count: int) -> None:
    """In the draft and in force, each about a team and with an approving team of its own, none like another's."""
    number = len(_drafted())
    _keep([*_drafted(), *map(_rule, range(number, number + count))])
    make_rulebook(*_drafted()[1:])


def _drafted() -> list[Rule]:
    draft = Draft.objects.first()
    return list(draft.parsed) if draft else []


def _keep(rules: list[Rule]) -> None:
    Draft.objects.update_or_create(pk=Draft.THE_ONE, defaults={"rules": as_json(rules)})


def _rule(number: int) -> Rule:
    asking, approving = (Team.objects.create(name=f"{name} {number}").pk for name in ("Ask", "Approve"))
    return make_rule("so", Inside(known(f"203.0.113.{number}/32")), AskedByTeam(asking), team=approving)


def _more_that_would_differ(count: int) -> None:
    """Requests of different people that the draft judges otherwise."""
    _keep([make_rule("everything does")])
    _more_mitigations(count)


def _more_shown(count: int) -> None:
    """Started elsewhere, each of a platform of its own; and ours with an alarm."""
    look()
    for _ in range(count):
        number = Sighting.objects.count()
        make_sighting(target=f"198.51.9.{number}/32", platform_id=str(number))
        make_alarm("stop-undelivered", make_mitigation(Status.ACTIVE, target=f"198.51.8.{number}/32"))


def _more_on_one_target(count: int) -> None:
    """Of different people, decided on by different people, on different platforms; and as many started elsewhere."""
    for _ in range(count):
        number = Mitigation.objects.count()
        rob = make_person(f"rob-{number}", ["requester"])
        pairing = make_pairing(platform_id=str(1000 + number), method_id=str(2000 + number))
        _decide(make_mitigation(Status.REJECTED, target="198.51.100.7/32", requested_by=rob, pairing=pairing), 1)
        make_sighting(target="198.51.100.7/32", platform_id=str(number))


def _more_to_review(count: int) -> None:
    """Half of them asked of dana."""
    ana, dana = (acting(User.objects.get(username=name)) for name in ("ana", "dana"))
    for number in range(count):
        make_event(events.ALARM_RAISED, make_mitigation(Status.ACTIVE), sentence="Look.")
        item = Item.objects.latest("number")
        if number % 2:
            reviewing.take(number=item.number, held_by="", by=ana, at=NOW)
            reviewing.ask(number=item.number, of=dana.id, note="Why?", by=ana, at=NOW)


def _more_ordinary(count: int) -> None:
    for _ in range(count):
        make_asked_for()


def _more_signed(count: int) -> None:
    """As many weeks, of an event each, and as many that wait."""
    first = SignOff.objects.count()
    for number in range(first + 1, first + count + 1):
        start = NOW - timedelta(weeks=60 - number)
        SignOff.objects.create(
            kind="week",
            starts_at=start,
            ends_at=start + timedelta(days=7),
            first=number,
            last=number,
            head="0",
            signed_by="user:1",
            signed_by_name="ana",
            signed_at=NOW,
            own_acts=0,
        )


def _more_people(count: int) -> None:
    """Each with roles and a team of their own, and as many teams that dana is in."""
    dana = User.objects.get(username="dana")
    for _ in range(count):
        number = User.objects.count()
        Team.objects.create(name=f"Team {number}").members.set(
            [make_person(f"p-{number}", ["viewer", "approver"]), dana]
        )


def _more_that_wait(count: int) -> None:
    """For dana and for lee."""
    _more_to_review(count)
    for _ in range(count):
        number = Mitigation.objects.count()
        make_mitigation(target=f"198.51.100.{number}/32")
        make_protected(f"198.51.100.{number}/32", owner=User.objects.get(username="dana"))


@pytest.mark.parametrize(
    ("who", "address", "more"),
    [
        ("max", "/people/", _more_people),
        ("max", "/people/?q=p&role=approver&state=all&after=p", _more_people),
        ("max", "/people/invite/", _more_people),
        ("max", "/people/dana/", _more_people),
        ("max", "/people/dana/", _more_that_wait),
        ("max", "/people/lee/", _more_that_wait),
        ("max", "/people/dana/teams/", _more_people),
        ("max", "/people/dana/deactivate/", _more_that_wait),
        ("lee", "/targets/198.51.100.0/24/", _more_on_one_target),
        ("lee", "/targets/198.51.100.7/32/?only=same", _more_on_one_target),
        ("lee", "/approvals/", _more_broken_glass),
        ("lee", "/approvals/", _more_changed_since),
        ("dana", "/policy/rules/", _more_rules),
        ("dana", "/policy/rules/1/", _more_rules),
        ("max", "/policy/rules/draft/", _more_rules),
        ("max", "/policy/rules/draft/new/", _more_rules),
        ("max", "/policy/rules/draft/2/", _more_rules),
        ("max", "/policy/rules/publish/", _more_rules),
        ("max", "/policy/rules/publish/", _more_that_would_differ),
        ("dana", "/policy/simulator/", _more_pairings),
        ("lee", "/", _more_mitigations),
        ("lee", "/", _more_shown),
        ("lee", "/mitigations/elsewhere/", _more_shown),
        ("ana", "/mitigations/", _more_mitigations),
        ("ana", "/mitigations/?status=ended&target=198.51.0.0/16&by=rob-0", _more_mitigations),
        ("lee", "/mitigations/?sort=target&target=198.51.0.0/16", _more_mitigations),
        ("lee", f"/mitigations/?sort=ends&{EVERY_COLUMN}", _more_mitigations),
        ("dana", f"/mitigations/?group=platform&{EVERY_COLUMN}", _more_mitigations),
        ("dana", "/mitigations/?group=target", _more_on_one_target),
        ("dana", "/mitigations/", _more_saved),
        ("dana", "/mitigations/saved/", _more_saved),
        ("ana", f"/mitigations/csv/?{EVERY_COLUMN}", _more_mitigations),
        ("lee", "/approvals/", _more_mitigations),
        ("lee", "/approvals/", _more_at_once),
        ("ana", "/catalogue/", _more_pairings),
        ("max", "/catalogue/", _more_pairings),
        ("dana", "/mitigations/new/", _more_pairings),
        ("dana", "/mitigations/new/", _more_presets),
        ("dana", "/mitigations/new/many/", _more_pairings),
        ("max", "/catalogue/kentik/", _more_in_kentiks_catalogue),
        ("max", "/catalogue/", _more_in_kentiks_catalogue),
        ("max", "/", _more_in_kentiks_catalogue),
        ("max", "/catalogue/pairing/new/", _more_pairings),
        ("dana", "/presets/", _more_presets),
        ("max", "/presets/", _more_presets),
        ("max", "/presets/new/", _more_pairings),
        ("ana", "/audit/", _more_events),
        ("ana", "/reports/?period=2026-11", _more_mitigations),
        ("ana", "/reports/?period=2026-11-23", _more_broken_glass),
        ("ana", "/audit/report/?period=2026-11", _more_mitigations),
        ("ana", "/audit/report/?period=2026-11", _more_broken_glass),
        ("ana", "/audit/report/?period=2026-11", _more_events),
        ("ana", "/audit/?words=signed&since=2020-01-01&until=2030-01-01&outcome=done", _more_events),
        ("ana", "/audit/?person=dana&subject=dana&ip=192.0.2.99&before=1000", _more_events),
        ("ana", "/audit/2/", _more_events),
        ("ana", "/audit/reviews/", _more_to_review),
        ("ana", "/audit/reviews/?show=asked&kind=alarm", _more_to_review),
        ("dana", "/account/questions/", _more_to_review),
        ("ana", "/audit/periods/2026-11/", _more_to_review),
        ("ana", "/audit/periods/2026-11/", _more_ordinary),
        ("ana", "/audit/periods/", _more_signed),
        ("ana", "/search/?q=198.51.100.0/24", _more_on_one_target),
        ("dana", "/search/?q=198.51.0.0/16", _more_shown),
        ("ana", "/search/?q=203.0.113.0/24", _more_rules),
        ("ana", "/search/?q=inc", _more_of_a_ticket),
        ("ana", "/search/?q=e", _more_that_are_called_so),
    ],
)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    who: str, address: str, more: Callable[[int], None], signed_in, cast: Cast, settings
) -> None:
    settings.KENTIK_V6 = True
    client = signed_in(who)
    more(FEW)
    few = queries(client, address)
    more(MANY)
    assert len(queries(client, address)) == len(few)


def test_the_simulator_takes_as_many_queries_for_many_rules(signed_in, cast: Cast) -> None:
    client, pairing = signed_in("max"), make_pairing()
    asked = f"who={cast.dana.pk}&ip_cidr=198.51.100.7&pairing={pairing.pk}&minutes=60"
    _more_rules(2)
    few = {against: queries(client, f"/policy/simulator/?{asked}&against={against}") for against in BOOKS}
    _more_rules(48)
    for against in BOOKS:
        assert len(queries(client, f"/policy/simulator/?{asked}&against={against}")) == len(few[against])


def _decide(mitigation: Mitigation, count: int) -> None:
    for _ in range(count):
        number = Decision.objects.count()
        by = make_person(f"approver-{number}", ["approver"])
        Decision.objects.create(mitigation=mitigation, verdict="approve", decided_by=by, decided_at=NOW)


def _exchange(mitigation: Mitigation, count: int) -> None:
    for _ in range(count):
        make_exchange(mitigation, outcome="not-sent", status=None)


def _show(mitigation: Mitigation, count: int) -> None:
    """What Kentik shows for its target, each tied to one that is over, and orders that came to nothing."""
    for _ in range(count):
        over = make_mitigation(Status.ENDED)
        make_sighting(over, target=mitigation.target)
        make_order(mitigation, OrderStatus.REFUSED, ordered_by=make_person(f"orders-{over.pk}", ["requester"]))


def test_one_review_takes_as_many_queries_for_a_long_story(signed_in, cast: Cast) -> None:
    client, mitigation = signed_in("ana"), make_mitigation(Status.ACTIVE, approvals_needed=5)
    make_event(events.ALARM_RAISED, mitigation, sentence="Look.")
    address = f"/audit/reviews/{Item.objects.get().number}/"

    def more(count: int) -> None:
        _decide(mitigation, count)
        _exchange(mitigation, count)
        _show(mitigation, count)
        for _ in range(count):
            make_alarm("still-live", mitigation)
            make_event(events.ALARM_RAISED, mitigation, sentence="Look.")

    more(FEW)
    few = queries(client, address)
    more(MANY)
    assert len(queries(client, address)) == len(few)


@pytest.mark.parametrize("page", ["", "settle/", "identify/"])
def test_one_mitigation_takes_as_many_queries_for_much_evidence(page: str, signed_in, cast: Cast) -> None:
    client, mitigation = signed_in("lee"), make_mitigation(Status.UNKNOWN)
    _show(mitigation, FEW)
    few = queries(client, f"/mitigations/{mitigation.reference}/{page}")
    _show(mitigation, MANY)
    assert len(queries(client, f"/mitigations/{mitigation.reference}/{page}")) == len(few)


@pytest.mark.parametrize("page", ["", "approve/"])
def test_one_mitigation_takes_as_many_queries_where_much_happened_before(page: str, signed_in, cast: Cast) -> None:
    client = signed_in("lee")
    _more_on_one_target(FEW)
    few = queries(client, f"/mitigations/{make_mitigation(target='198.51.100.0/28').reference}/{page}")
    _more_on_one_target(MANY)
    many = queries(client, f"/mitigations/{make_mitigation(target='198.51.100.0/29').reference}/{page}")
    assert len(many) == len(few)


def _lapse(mitigation: Mitigation, count: int) -> None:
    _decide(mitigation, count)
    User.objects.filter(decisions__mitigation=mitigation).update(is_active=False)


def test_one_mitigation_takes_as_many_queries_for_many_approvals_that_count_no_longer(signed_in, cast: Cast) -> None:
    client, mitigation = signed_in("dana"), make_mitigation(approvals_needed=2)
    _lapse(mitigation, FEW)
    few = queries(client, f"/mitigations/{mitigation.reference}/")
    _lapse(mitigation, MANY)
    assert len(queries(client, f"/mitigations/{mitigation.reference}/")) == len(few)


def test_the_preview_takes_as_many_queries_where_much_happened_before(signed_in, cast: Cast) -> None:
    client, address = signed_in("dana"), "/mitigations/new/"
    _more_on_one_target(FEW)
    few = _previewing(client, address)
    _more_on_one_target(MANY)
    assert len(_previewing(client, address)) == len(few)


def _previewing(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(address, {"ip_cidr": "198.51.100.7/32"}, headers={"HX-Request": "true"})
    assert "times before" in answer.content.decode()
    return [query["sql"] for query in captured]


def test_one_mitigation_takes_as_many_queries_with_many_decisions_and_exchanges(signed_in, cast: Cast) -> None:
    client, mitigation = signed_in("dana"), make_mitigation(Status.ACTIVE, approvals_needed=5)
    address = f"/mitigations/{mitigation.reference}/"
    _decide(mitigation, FEW)
    _exchange(mitigation, FEW)
    few = queries(client, address)
    _decide(mitigation, MANY)
    _exchange(mitigation, MANY)
    assert len(queries(client, address)) == len(few)


@pytest.mark.parametrize(
    ("who", "address", "at_most"),
    [
        ("lee", "/", 24),
        ("lee", "/mitigations/", 15),
        ("ana", "/audit/", 9),
        ("ana", "/catalogue/", 11),
        ("dana", "/policy/rules/", 11),
        ("max", "/policy/rules/draft/", 15),
        ("max", "/policy/rules/publish/", 21),
        ("ana", "/reports/?period=2026-11", 21),
    ],
)
def test_a_page_takes_few_queries(who: str, address: str, at_most: int, signed_in, cast: Cast) -> None:
    _more_mitigations(FEW)
    assert len(queries(signed_in(who), address)) <= at_most
