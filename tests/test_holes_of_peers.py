"""Holes that portals of this kind have had, each tried against ours. A class of hole is a test; what it names happened.

Most of them walk the whole URL conf, by the addresses of `tests.views.test_every_url`.
"""

from __future__ import annotations

import csv
import io
import re
from itertools import product
from typing import Any

import pytest
from django.test import Client

from accounts.authority import Role
from accounts.models import User
from audit.models import Event
from mitigations.models import Mitigation, Platform, Preset, SavedList, Team
from mitigations.policies.lifecycle import OPEN, Status
from sandbox.server import Sandbox
from tests import making
from tests.making import make_mitigation, make_pairing
from tests.people import Cast, browser_of, make_person
from tests.portal.test_headers import forbidden
from tests.services.watching import Clock, Watch
from tests.views import test_every_url as every_url
from tests.views.asking import ask, typed
from tests.views.facts import by_part, everything, everything_but_the_log
from tests.views.pages import Page
from tests.views.test_every_form import who_may
from tests.views.test_every_url import EXPECTED, address, kind_of, routes

pytestmark = pytest.mark.any_database

ROUTES = sorted(set(routes()))
# What belongs to whoever is signed in, or to nobody: there is nothing to take from others.
ONE_S_OWN = ("account/", "mitigations/saved/new/", "livez", "readyz")
WITH_AN_ID = [route for route in ROUTES if "<" in route and "?P<" not in route]
STRANGERS_MAY = {"livez", "readyz"}


def not_there(place: str) -> str:
    """The same address with numbers that nothing has."""
    return re.sub(r"(?<!/v)\d+", "987654321", place)


# --- Who somebody is --------------------------------------------------------------------------------------------------

NAMING_HEADERS = [
    *("Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Auth-Request-User", "X-Auth-User", "X-Webauth-User"),
    *("X-User", "X-Username", "X-Forwarded-Email", "X-Auth-Request-Email", "X-Token-User", "X-Authenticated-User"),
    *("X-Forwarded-Preferred-Username", "X-SSL-Client-Verify", "X-SSL-Client-S-DN", "X-Original-User", "From"),
]


def test_no_header_signs_anybody_in(cast: Cast) -> None:
    """A proxy's header that names somebody was believed from whoever sent it."""
    User.objects.update(is_superuser=True, is_staff=True)
    named = dict.fromkeys(NAMING_HEADERS, "max")
    stranger = Client(headers={**named, "Authorization": "Basic bWF4Om1heA=="}, REMOTE_USER="max", AUTH_USER="max")
    assert kind_of(stranger.get("/policy/channels/"), "GET") == "sign-in"
    eve = browser_of(cast.eve)
    assert eve.get("/", headers=named, REMOTE_USER="max").status_code == 403


def test_no_visit_makes_an_account(db: None) -> None:
    """The first who came became the superuser; or anybody signed up."""
    typed_in = {"username": "mallory", "email": "m@example.net", "password": "harbour-tide-1"}
    typed_in |= dict.fromkeys(("password1", "password2"), "harbour-tide-1")
    doors = ["/", "/account/login/", "/admin/", "/setup/", "/install/", "/signup/", "/register/", "/account/signup/"]
    doors += ["/accounts/signup/", "/account/register/", *(f"/{route}" for route in ROUTES if "<" not in route)]
    for door in doors:
        for send in (Client().get, Client().post):
            send(door, typed_in)
    assert not User.objects.exists()


def test_nothing_is_done_in_the_name_that_a_form_brings(cast: Cast) -> None:
    """Whoever asked, or approved, was read from a field of the form."""
    others = {
        name: value
        for field in ("requested_by", "decided_by", "by", "user", "actor", "owner", "author", "person")
        for name, value in {field: cast.kim.pk, f"{field}_id": cast.kim.pk, f"{field}_name": "kim"}.items()
    }
    forged = {**others, "status": "approved", "approved_at": "2026-01-01", "approvals_needed": "0", "id": "1"}
    ask(browser_of(cast.dana), make_pairing(), **{name: str(value) for name, value in forged.items()})
    asked = Mitigation.objects.get()
    assert (asked.requested_by, asked.status, asked.approvals_needed) == (cast.dana, Status.PENDING, 1)

    browser_of(cast.lee).post(f"/mitigations/{asked.reference}/approve/", {"note": "", **forged})
    assert asked.decisions.get().decided_by == cast.lee

    before = User.objects.values().get(pk=cast.kim.pk)
    chosen = {"time_zone": "Asia/Kolkata", "hours": "12", "email": "canary@example.net", "kinds": []}
    for own in ("/account/preferences/", "/account/messages/"):
        browser_of(cast.dana).post(own, {**forged, **chosen})
    assert User.objects.values().get(pk=cast.kim.pk) == before
    assert set(Event.objects.values_list("actor_name", flat=True)) == {"dana", "lee"}


# --- What somebody may do ---------------------------------------------------------------------------------------------


@pytest.mark.no_cover
def test_whoever_may_only_read_changes_nothing(cast: Cast) -> None:
    """A read-only account could delete, for the button alone was hidden from it."""
    viewer = browser_of(make_person("vera", [Role.VIEWER]))
    for part, found in by_part(route for route in ROUTES if not route.startswith(ONE_S_OWN)):
        places = [address(route) for route in found]
        before = everything_but_the_log()
        for place, method in product(places, ("POST", "PUT", "PATCH", "DELETE")):
            answer = viewer.generic(method, place, "note=x&reason=x&do=yes", "application/x-www-form-urlencoded")
            assert answer.status_code in {302, 401, 403, 404, 405, 415}, f"{method} {place}"
        assert everything_but_the_log() == before, f"something in {part} changed something"


@pytest.mark.no_cover
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_number_that_somebody_guesses_leads_to_nothing_and_tells_nothing(method: str, cast: Cast) -> None:
    """What is not shown in a list was given to whoever tried its number; or 404 told which ones exist."""
    for route in WITH_AN_ID:
        there = address(route)
        for who in (Client(), browser_of(cast.eve)):
            kinds = {kind_of(who.generic(method, place), method) for place in (there, not_there(there))}
            assert len(kinds) == 1, f"{method} /{route}: {kinds}"
            expected = EXPECTED[method, route]
            assert kinds == {expected["eve" if who.cookies else "anybody"]}


def test_what_belongs_to_one_person_is_given_to_no_other_by_its_number(cast: Cast) -> None:
    """The number in an address was all that it took to read and change what is somebody else's."""
    mine = SavedList.objects.create(name="Mine", owner=cast.dana, query="by=dana", saved_at=making.NOW)
    for other in (cast.lee, cast.ana, cast.max):
        browser = browser_of(other)
        assert browser.get(f"/mitigations/saved/{mine.pk}/").status_code == 403
        assert browser.post(f"/mitigations/saved/{mine.pk}/", {"name": "Ours", "query": ""}).status_code == 403
        assert browser.post(f"/mitigations/saved/{mine.pk}/delete/").status_code == 403
        assert "by=dana" not in browser.get("/mitigations/").content.decode()
    assert SavedList.objects.get().name == "Mine"


def test_what_is_one_team_s_is_asked_for_by_no_other(cast: Cast) -> None:
    """A customer could put a filter on another customer's network."""
    pairing, theirs = make_pairing(), Team.objects.create(name="Others")
    theirs.members.set([cast.kim])
    making.make_space("203.0.113.0/24", theirs)
    for target in ("203.0.113.7/32", "203.0.113.0/24", "203.0.112.0/23"):
        ask(browser_of(cast.dana), pairing, ip_cidr=target)
    assert not Mitigation.objects.exists()


@pytest.mark.no_cover
def test_nothing_is_done_by_following_a_link(cast: Cast) -> None:
    """A picture on another page, or a chat that previews links, did the deed, or one that pretends to be a form.

    Each is followed by somebody who may do what a POST to it does.
    """
    pretends = {"_method": "POST", "do": "yes", "ask": "1", "note": "Yes.", "reason": "Yes.", "confirm": "1"}
    headers = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE", "X-Method-Override": "DELETE"}
    browsers = {name: browser_of(user) for name, user in vars(cast).items()}
    for part, found in by_part(ROUTES):
        places = [(address(route), browsers[who_may("POST", route)]) for route in found]
        before = everything()
        for place, browser in places:
            browser.get(place)
            browser.head(place)
            browser.get(place, pretends, headers=headers)
        assert everything() == before, f"a GET in {part} changed something"


@pytest.mark.no_cover
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"Accept": "application/json"}])
def test_a_stranger_is_told_the_state_of_nothing(headers: dict[str, str], cast: Cast) -> None:
    """A status page for machines, or the part of a page that refreshes itself, asked nobody who they were."""
    told = make_mitigation(Status.ACTIVE, target="198.51.100.77/32")
    beside = ["metrics", "status", "health", "api/", "api/mitigations/", "stats.json", ".env", "static/", "debug/"]
    for route in [*ROUTES, *beside]:
        for query in ("", "?seen=1", "?wall=1&told=0:[]"):
            place = address(route) if route in ROUTES else f"/{route}"
            answer = Client(headers=headers).get(place + query)
            if route in STRANGERS_MAY:
                assert len(answer.content) < 100
                continue
            # Where to go after signing in, and which address an error is about, is what the stranger said.
            said = (answer.content.decode() + str(answer.headers)).replace(place, "")
            assert answer.status_code in {200, 302, 401, 404, 405, 410}
            assert told.reference not in said
            assert "198.51.100.77" not in said
            assert "dana" not in said


# --- What somebody types ----------------------------------------------------------------------------------------------

SCRIPTS = [
    '"><img src=x onerror=alert(1)><script>alert(1)</script>',
    "' onmouseover='alert(1)' x='",
    "</textarea></title></style><svg onload=alert(1)>",
    "javascript:alert(1)//{{7*7}}{% debug %}",
]
ALL_OF_THEM = " ".join(SCRIPTS)


def nasty_mitigation(status: Status = Status.PENDING, **values: Any) -> Mitigation:
    texts = {"comment": ALL_OF_THEM, "reason": SCRIPTS[3], "ticket": SCRIPTS[1], "rule": ALL_OF_THEM}
    return making.make_mitigation(status, **{**texts, **values})


def looks_alive(page: Page) -> list[str]:
    """What stands on a page and could only come from what somebody typed."""
    marks = [("img", "src"), ("svg", "onload"), ("script", "")]
    of_ours = ("/static/", "")
    return forbidden(page) + [
        tag for tag, name in marks for each in page.all(tag) if not each.attributes.get(name, "").startswith(of_ours)
    ]


@pytest.mark.no_cover
def test_what_somebody_types_runs_on_nobody_s_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment stood unescaped in an attribute, and ran in the browser of whoever was to approve."""
    monkeypatch.setattr(every_url, "make_mitigation", nasty_mitigation)
    places = {route: address(route) for route in ROUTES}
    User.objects.update(first_name=ALL_OF_THEM[:140], last_name=SCRIPTS[3])
    Team.objects.update(name=ALL_OF_THEM[:60])
    Preset.objects.update(name=SCRIPTS[0], reason=ALL_OF_THEM)
    Platform.objects.update(name=ALL_OF_THEM)
    SavedList.objects.filter(pk=SavedList.objects.latest("pk").pk).update(name=SCRIPTS[2], shared=True)
    said = []
    for who in ("dana", "lee", "ana", "max"):
        browser = browser_of(getattr(cast, who))
        for route, place in places.items():
            if EXPECTED["GET", route][who] != "page":
                continue
            answer = browser.get(place)
            if answer.streaming or not answer.headers["Content-Type"].startswith("text/html"):
                continue
            page = Page(answer)
            assert looks_alive(page) == [], place
            said.append(page.text)
    for script in SCRIPTS:
        assert sum(" ".join(script.split()) in text for text in said) > 10, f"it hardly stood on any page: {script}"


FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(1)"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_somebody_types_is_no_formula_in_a_spreadsheet(formula: str, cast: Cast) -> None:
    """A comment that begins with = was worked out by the spreadsheet of whoever opened the download."""
    make_mitigation(comment=formula, reason=formula, ticket=formula)
    columns = "column=comment&column=reason&column=ticket&column=target"
    answer = browser_of(cast.lee).get(f"/mitigations/csv/?{columns}")
    text = b"".join(answer).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert any(formula.strip() in cell for cell in cells)
    assert [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    ] == []


# --- What is in force -------------------------------------------------------------------------------------------------


@pytest.mark.no_cover
def test_no_form_moves_the_end_of_what_is_in_force(cast: Cast) -> None:
    """Saving the form again, with nothing changed, began the time anew."""
    running = make_mitigation(Status.ACTIVE, target="203.0.113.7/32", requested_by=cast.dana, minutes=60)
    terms = typed(make_pairing(), minutes_before_auto_stop="1440", minutes="1440", ends_at="2030-01-01", note="Yes.")
    of_one = [route for route in ROUTES if "<ref:reference>" in route and "stop" not in route]
    for who in (cast.dana, cast.lee, cast.max):
        for route in of_one:
            browser_of(who).post("/" + route.replace("<ref:reference>", running.reference), terms)
        ask(browser_of(who), running.pairing, ip_cidr="203.0.113.7/32", minutes_before_auto_stop="1440")
    now = Mitigation.objects.get(status=Status.ACTIVE)
    assert (now.pk, now.ends_at, now.minutes) == (running.pk, running.ends_at, 60)
    assert Mitigation.objects.filter(status__in=OPEN).count() == 1


def test_stopping_one_takes_none_along_that_overlaps_it(cast: Cast, settings: Any) -> None:
    """Deleting a rule deleted every rule whose prefix contained it, or began alike."""
    settings.KENTIK_V6 = True
    clock = Clock()
    targets = ["203.0.113.0/28", "203.0.113.4/32", "203.0.113.4/31", "203.0.113.40/32", "203.0.113.0/24"]
    with Sandbox(port=0, clock=clock) as sandbox:
        watch = Watch(sandbox, clock)
        made = {target: watch.send(target=target, requested_by=cast.dana) for target in targets}
        watch.look()
        watch.order(made["203.0.113.4/32"])
        watch.tell_to_stop()
        watch.look()
        live = {str(row["ip_cidr"]) for row in sandbox.mitigations() if row["state"] == "active"}
        told = [call["path"] for call in sandbox.journal() if call["method"] != "GET"]
    assert live == set(targets) - {"203.0.113.4/32"}
    assert len(told) == len(targets) + 1
    status = dict(Mitigation.objects.values_list("target", "status"))
    assert [target for target in targets if status[target] != Status.ACTIVE] == ["203.0.113.4/32"]
