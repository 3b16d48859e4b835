"""Pages and services are held to the table in tests/rights.py, by role and by relation to the subject."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.authority import Actor, Deed, Role
from accounts.models import User
from audit.models import Export, Format, Item, State
from audit.refusal import Forbidden, Refused
from mitigations import services
from mitigations.models import Draft, Mitigation, SavedList, Team
from mitigations.policies.alerts import Kind, Proof
from mitigations.policies.catalogue import What
from mitigations.policies.lifecycle import Status
from mitigations.policies.plan import Part
from mitigations.policies.rules import as_json
from mitigations.services import auditing, sources
from tests import rights
from tests.making import (
    NOW,
    break_glass_for,
    make_channel,
    make_mitigation,
    make_pairing,
    make_preset,
    make_protected,
    make_redaction,
    make_rule,
    make_source,
)
from tests.people import acting, browser_of, make_person
from tests.reviewing import named
from tests.services.auditing.exports import EVERYTHING
from tests.services.test_plan import protecting
from tests.services.test_presets import recipe
from tests.services.test_requests import wanted
from tests.showing import make_alarm, make_sighting
from tests.views.test_every_url import _item as make_item_of_the_worker

pytestmark = [pytest.mark.any_database, pytest.mark.no_cover]

HOLDERS: dict[str, frozenset[Role]] = {
    "nobody": frozenset(),
    **{str(role): frozenset({role}) for role in Role if role is not Role.WORKER},
    "requester with the glass": frozenset({Role.REQUESTER, Role.BREAK_GLASS}),
}
RELATIONS = ("own", "another's", "same team")
ROUTES, SERVICES = rights.routes_by_deed(), rights.services_by_name()
ABOUT_ONE = [route for route, (_, _, deed) in ROUTES.items() if "<ref:reference>" in route and deed != "view"]
_STATUS = {
    Deed.STOP: Status.ACTIVE,
    Deed.RECORD_STOP: Status.ACTIVE,
    Deed.IDENTIFY: Status.UNKNOWN,
    Deed.SETTLE: Status.UNKNOWN,
    Deed.REVIEW_GLASS: Status.ACTIVE,
}
NOTE = "The shop is down since 02:50, and nobody answers."


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Somebody who tries to do something, and whom the subject belongs to."""

    actor: Actor
    person: User
    whose: User

    def mitigation(self, deed: Deed) -> Mitigation:
        made = make_mitigation(_STATUS.get(deed, Status.PENDING), requested_by=self.whose)
        if deed is Deed.REVIEW_GLASS:
            break_glass_for(made)
        if deed is Deed.IDENTIFY:
            make_sighting(target=made.target, kentik_id=str(made.pk), comment=made.marked_comment)
        return made


def scene(holder: str, relation: str) -> Scene:
    """With the superuser and staff bits, which must change nothing."""
    person = make_person(f"{holder} {relation}"[:150], HOLDERS[holder])
    whose = person if relation == "own" else make_person(f"owner for {holder} {relation}", [Role.REQUESTER])
    if relation == "same team":
        Team.objects.get_or_create(name="Hosting")[0].members.add(person, whose)
    User.objects.update(is_superuser=True, is_staff=True)
    person.refresh_from_db()
    return Scene(actor=acting(person), person=person, whose=whose)


def may(holder: str, deed: Deed, relation: str) -> bool:
    return rights.may_do(HOLDERS[holder], deed, own=relation == "own")


# What the forms of all deeds ask for.
FILLED_IN = {"note": NOTE, "justified": "yes", "outcome": "active"}


# --- Pages ------------------------------------------------------------------------------------------------------------


def views(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield before + str(entry.pattern), entry.callback
        else:
            yield from views(entry, before + str(entry.pattern))


def test_the_table_names_the_deed_that_each_view_asks_for() -> None:
    """Or its pages would come out right by chance, for two deeds that the same people may do today."""
    asked = {
        route: match[1].lower().replace("_", "-")
        for route, view in views()
        if route in ROUTES and (match := re.search(r"@needs\(Deed\.(\w+)\)", inspect.getsource(view)))
    }
    assert len(asked) > 70
    assert asked == {route: ROUTES[route][2] for route in asked}


@pytest.mark.parametrize("route", ABOUT_ONE)
def test_a_page_does_a_deed_for_those_who_may_do_it_to_this_one(route: str, db: None) -> None:
    deed, gotten, wanted_ = Deed(ROUTES[route][2]), {}, {}
    for holder in HOLDERS:
        for relation in RELATIONS:
            tried = scene(holder, relation)
            subject = tried.mitigation(deed)
            place = "/" + route.replace("<ref:reference>", subject.reference)
            answer = browser_of(tried.person).post(place, {**FILLED_IN, "kentik_id": str(subject.pk)})
            gotten[holder, relation] = answer.status_code != 403
            wanted_[holder, relation] = may(holder, deed, relation)
    if "together" in route:
        # Which of the list are somebody's own is asked for each of them, by the service.
        wanted_ = {key: rights.may_ever(HOLDERS[key[0]], deed) for key in wanted_}
    assert gotten == wanted_


# --- Services ---------------------------------------------------------------------------------------------------------

# They take somebody and do no deed of their own: they look, or help one that does.
NO_DEEDS = {
    "alarms.settle_what_was_unclear",
    "auditing.boxing.write",
    "approvals.against",
    "moves.permit",
    "previewing.preview",
    "refusals.demand",
    "requests.ask_within",
    "requests.create",
    "requests.judge",
    "requests.objections_to",
    "saved.against",
    "together.asked_already",
    "together.do_all",
    "together.judge_all",
}


def services_that_there_are() -> set[str]:
    """Every public function that takes `by`, whoever does it."""
    found = set()
    for package, prefix in ((services, ""), (auditing, "auditing.")):
        for module in pkgutil.iter_modules(package.__path__):
            if module.ispkg:
                continue
            loaded = importlib.import_module(f"{package.__name__}.{module.name}")
            found |= {
                f"{prefix}{module.name}.{name}"
                for name, function in inspect.getmembers(loaded, inspect.isfunction)
                if function.__module__ == loaded.__name__
                and not name.startswith("_")
                and "by" in inspect.signature(function).parameters
            }
    return found


def test_every_service_has_a_row() -> None:
    assert services_that_there_are() - set(SERVICES) - NO_DEEDS == set()
    assert set(SERVICES) - services_that_there_are() == set()


def test_every_deed_that_is_not_done_by_a_service_is_only_looking_or_the_worker_s() -> None:
    looking = {Deed.READ_AUDIT, Deed.SEE_REDACTIONS, Deed.ADMINISTER}
    alone = {Deed.SEND, Deed.KEEP_TIME, Deed.FOLLOW}
    shared = {Deed.SHARE_LISTS}  # saved.save, with a tick: tested below
    by_accounts = {Deed.MAKE_TOKEN}  # tests/accounts/test_tokens.py
    assert set(Deed) - set(SERVICES.values()) == looking | alone | shared | by_accounts


def _about_one(tried: Scene, deed: Deed, **more: Any) -> dict[str, Any]:
    return {"reference": tried.mitigation(deed).reference, "note": NOTE, **more}


def _item(tried: Scene) -> dict[str, Any]:
    """In the hands of whoever tries."""
    number = make_item_of_the_worker()
    taken = {"state": State.TAKEN, "held_by": tried.actor.author.key, "held_at": NOW}
    Item.objects.filter(number=number).update(**taken)
    return {"number": number}


def _export(tried: Scene) -> dict[str, Any]:
    asked = {"asked_by": tried.actor.author.key, "asked_by_name": "x", "asked_at": NOW}
    return {"id": Export.objects.create(what="events", format="csv", up_to=0, **asked).pk, "source": EVERYTHING}


def _list(tried: Scene) -> int:
    return SavedList.objects.create(name=tried.person.username[:50], owner=tried.person, query="", saved_at=NOW).pk


def _source(tried: Scene) -> str:
    """Whose it is, whatever they may by now."""
    made = make_source(f"source-{next(_LAST)}")
    made.owner = tried.whose
    made.save()
    return made.name


def _setup() -> sources.Setup:
    source = make_source(f"like-{next(_LAST)}")
    kind, proof = Kind(source.kind), Proof(source.proof)
    return sources.Setup(kind=kind, proof=proof, preset_id=source.preset_id, owner_id=source.owner_id)


def _rules(**more: Any) -> dict[str, Any]:
    Draft.objects.get_or_create(defaults={"rules": as_json([make_rule(), make_rule()])})
    return {"revision": Draft.objects.get().revision, **more}


def _question(tried: Scene) -> dict[str, Any]:
    """Put to whoever tries."""
    number = _item(tried)["number"]
    asked = {"state": State.ASKED, "asked_of": tried.actor.author.key, "asked_of_name": "x", "asked_at": NOW}
    Item.objects.filter(number=number).update(**asked)
    return {"number": number, "note": NOTE}


def _protected() -> int:
    return make_protected(f"192.0.2.{next(_LAST)}/32", owner=User.objects.all()[0]).pk


_LAST = iter(range(1, 250))
WITH: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "requests.ask": lambda _: {"wanted": wanted()},
    "together.ask_all": lambda _: {"wanted": [wanted()]},
    "requests.withdraw": lambda tried: _about_one(tried, Deed.WITHDRAW),
    "approvals.approve": lambda tried: _about_one(tried, Deed.APPROVE),
    "approvals.reject": lambda tried: _about_one(tried, Deed.REJECT),
    "glass.break_glass": lambda tried: _about_one(tried, Deed.BREAK_GLASS),
    "glass.review": lambda tried: _about_one(tried, Deed.REVIEW_GLASS, justified=True),
    "stopping.order": lambda tried: _about_one(tried, Deed.STOP),
    "settling.record_stop": lambda tried: _about_one(tried, Deed.RECORD_STOP),
    "settling.settle": lambda tried: _about_one(tried, Deed.SETTLE, outcome=Status.ACTIVE),
    "adopting.adopt_by": lambda tried: _about_one(tried, Deed.IDENTIFY, kentik_id="9001"),
    "catalogue.save": lambda _: {"what": What.PLATFORM, "id": None, "values": {}},
    "catalogue.retire": lambda _: {"what": What.PAIRING, "id": make_pairing(retired_at=None).pk},
    "catalogue.restore": lambda _: {"what": What.PAIRING, "id": make_pairing(retired_at=NOW).pk},
    "catalogue.import_rows": lambda _: {"rows": []},
    "syncing.want": lambda _: {},
    "syncing.take_over": lambda _: {"mark": ""},
    "plan.save": lambda tried: {
        "part": Part.PROTECTED,
        "id": None,
        "entry": protecting(f"192.0.2.{next(_LAST)}/32", tried.whose),
    },
    "plan.delete": lambda _: {"part": Part.PROTECTED, "id": _protected()},
    "plan.import_entries": lambda _: {"part": Part.PROTECTED, "entries": []},
    "plan.save_team": lambda _: {"id": None, "name": f"Team {next(_LAST)}", "member_ids": []},
    "plan.settle_alarm": lambda _: {"id": make_alarm("still-live").pk, "note": NOTE},
    "rules.add": lambda _: _rules(rule=make_rule()),
    "rules.replace": lambda _: _rules(place=1, rule=make_rule()),
    "rules.remove": lambda _: _rules(place=1),
    "rules.move": lambda _: _rules(place=1, to=1),
    "rules.start_over": lambda _: _rules(),
    "rules.publish": lambda _: _rules(note=NOTE),
    "presets.save": lambda _: {"id": None, "recipe": recipe(name=f"Preset {next(_LAST)}")},
    "presets.delete": lambda _: {"id": make_preset(name=f"Preset {next(_LAST)}").pk},
    "sources.add": lambda _: {"name": f"source-{next(_LAST)}", "setup": _setup()},
    "sources.change": lambda tried: {"name": _source(tried), "setup": _setup()},
    "sources.switch_off": lambda tried: {"name": _source(tried)},
    "sources.switch_on": lambda tried: {"name": _source(tried)},
    "sources.take_secret": lambda tried: {"name": _source(tried)},
    "saved.save": lambda _: {"id": None, "name": f"List {next(_LAST)}", "query": "", "shared": False},
    "saved.delete": lambda tried: {"id": _list(tried)},
    "channels.save": lambda _: {"id": None, "name": "x", "address": "json://127.0.0.1:9/", "kinds": []},
    "channels.delete": lambda _: {"id": make_channel().pk},
    "channels.test": lambda _: {"id": make_channel(address="json://127.0.0.1:9/").pk},
    "lagging.forget": lambda _: {"name": "stream-x", "served": []},
    "auditing.proving.want_verification": lambda _: {"whole": False},
    "auditing.proving.want_checkpoint": lambda _: {},
    "auditing.proving.check": lambda _: {"whole": False},
    "auditing.proving.checkpoint": lambda _: {},
    "auditing.exporting.ask": lambda _: {"format": Format.CSV, "filter": "", "source": EVERYTHING},
    "auditing.exporting.download": _export,
    "auditing.archiving.archive": lambda _: {"before": NOW, "to": Path("/nowhere"), "keys": []},
    "auditing.redacting.ask": lambda _: {"log": "events", "number": 1, "reason": NOTE},
    "auditing.redacting.carry_out": lambda _: {"id": make_redaction().pk},
    "auditing.redacting.decline": lambda _: {"id": make_redaction().pk},
    "auditing.reviewing.take": lambda tried: {**_item(tried), "held_by": tried.actor.author.key},
    "auditing.reviewing.give_back": _item,
    "auditing.reviewing.note": lambda tried: {**_item(tried), "note": NOTE},
    "auditing.reviewing.ask": lambda tried: {**_item(tried), "of": tried.whose.pk, "note": NOTE},
    "auditing.reviewing.close": lambda tried: {**_item(tried), "concern": False, "note": NOTE},
    "auditing.reviewing.follow_up": lambda tried: {**_item(tried), "note": NOTE},
    "auditing.reviewing.answer": _question,
    "auditing.periods.sign_off": lambda _: {
        "period": named("2026-10"),
        "head": "",
        "statement": NOTE,
        "name_open": True,
    },
    "auditing.periods.countersign": lambda _: {"period": named("2026-10"), "note": NOTE},
}


def is_let(service: str, tried: Scene, **more: Any) -> bool:
    """Whether it gets beyond the question who may, whatever it says after that."""
    module, _, name = service.rpartition(".")
    do = getattr(importlib.import_module(f"{services.__name__}.{module}"), name)
    clock = {"now": lambda: NOW} if "now" in inspect.signature(do).parameters else {"at": NOW}
    given = {**WITH[service](tried), **more}
    try:
        do(**given, by=tried.actor, **clock)
    except Forbidden:
        return False
    except (Refused, ObjectDoesNotExist):
        return True
    return True


@pytest.mark.parametrize("service", WITH)
def test_a_service_does_a_deed_for_those_who_may_whatever_else_they_are(service: str, db: None) -> None:
    deed, gotten, wanted_ = SERVICES[service], {}, {}
    relations = RELATIONS if {rights.CELLS[deed, role] for role in Role} & {"own", "own*", "others"} else ("own",)
    for holder in HOLDERS:
        for relation in relations:
            gotten[holder, relation] = is_let(service, scene(holder, relation))
            wanted_[holder, relation] = may(holder, deed, relation)
    assert gotten == wanted_


def test_a_list_is_shared_by_those_who_may(db: None) -> None:
    for holder in HOLDERS:
        if rights.may_do(HOLDERS[holder], Deed.VIEW, own=True):
            let = is_let("saved.save", scene(holder, "own"), shared=True)
            assert let is may(holder, Deed.SHARE_LISTS, "own")
