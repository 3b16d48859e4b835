"""Who gets what at every address: the table in tests/rights.py, and here the doors, held to the whole URL conf."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.signing_in import record_sign_in
from audit.models import Event, Export
from mitigations.models import (
    Alarm,
    Draft,
    Lane,
    Mitigation,
    Pairing,
    Preset,
    ProtectedPrefix,
    Rulebook,
    SavedList,
    Source,
    Team,
)
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, on_axis, parse
from mitigations.policies.rules import as_json
from mitigations.services import events
from tests import rights
from tests.making import (
    NOW,
    make_channel,
    make_checkpoint,
    make_event,
    make_exchange,
    make_mitigation,
    make_pairing,
    make_preset,
    make_redaction,
    make_rule,
    make_rulebook,
    make_source,
    make_token,
)
from tests.people import ROLES, Cast, acting, browser_of

# What a deed of the portal opens stands in tests/rights.py; here stands what does not follow from a deed, person by
# person. These are the words of both:
#
# page     200: there is something to see
# form     422: the form again, with what is missing
# sign-in  to the sign-in page, and from there back
# gate     to /admin/login/, whose own row says who may pass
# goes     to another page
# done     the deed is done, and then to another page
# 400      it does not even say which draft was seen
# 401 403 404 405; below api/v1/ a session opens nothing, and what tokens get has a table in tests/api
#
# Each POST brings nothing but itself. Each visit finds a mitigation in a status in which the deed is possible; dana
# asked for it.
TABLE = """
GET   anybody  dana  lee  kim  ana  max  eve  at
      page     page  page page page page page  livez
      page     page  page page page page page  readyz
      page     goes  goes goes goes goes goes  account/login/
      sign-in  405   405  405  405  405  405   account/logout/
      410      410   410  410  410  410  410   account/invitation/<str:uidb64>/<str:token>/
      goes     goes  goes goes goes goes goes  account/login/second-step/
      405      405   405  405  405  405  405   account/login/passkey/
      page     page  page page page page page  account/login/passkey/options/
      sign-in  page  page page page page page  account/
      sign-in  405   405  405  405  405  405   account/sessions/end/
      sign-in  goes  goes goes goes goes goes  account/password/
      sign-in  page  page page page page page  account/second-factor/
      sign-in  page  page page page page page  account/second-factor/app/
      sign-in  page  page page page page page  account/second-factor/passkey/
      sign-in  405   405  405  405  405  405   account/second-factor/<int:id>/remove/
      sign-in  405   405  405  405  405  405   account/second-factor/codes/
      sign-in  page  page page page page page  account/proof/
      404      404   404  404  404  404  404   account/oidc/
      404      404   404  404  404  404  404   account/oidc/callback/
      sign-in  404   404  404  404  404  404   account/oidc/proof/
      sign-in  403   403  403  403  page 403   account/gallery/
      sign-in  405   405  405  405  405  405   account/tokens/<int:id>/revoke/
      sign-in  page  page page page page 403   api/
      sign-in  page  page page page page 403   api/openapi.json
      401      401   401  401  401  401  401   api/v1/openapi.json
      401      401   401  401  401  401  401   api/v1/mitigations
      401      401   401  401  401  401  401   api/v1/mitigations/<ref:reference>
      401      401   401  401  401  401  401   api/v1/mitigations/<ref:reference>/exchanges
      401      401   401  401  401  401  401   api/v1/approvals
      401      401   401  401  401  401  401   api/v1/me
      401      401   401  401  401  401  401   api/v1/catalogue
      401      401   401  401  401  401  401   api/v1/policy/rules
      401      401   401  401  401  401  401   api/v1/policy/protected
      401      401   401  401  401  401  401   api/v1/policy/address-space
      401      401   401  401  401  401  401   api/v1/policy/simulation
      401      401   401  401  401  401  401   api/v1/events
      401      401   401  401  401  401  401   api/v1/events/<int:number>
      401      401   401  401  401  401  401   api/v1/exchanges
      401      401   401  401  401  401  401   api/v1/audit/verification
      401      401   401  401  401  401  401   api/v1/audit/checkpoints
      401      401   401  401  401  401  401   api/v1/reports/<period>
      405      405   405  405  405  405  405   api/v1/mitigations/preview
      405      405   405  405  405  405  405   api/v1/mitigations/many
      405      405   405  405  405  405  405   api/v1/mitigations/<ref:reference>/approve
      405      405   405  405  405  405  405   api/v1/mitigations/<ref:reference>/reject
      405      405   405  405  405  405  405   api/v1/mitigations/<ref:reference>/withdraw
      405      405   405  405  405  405  405   api/v1/mitigations/<ref:reference>/stop
      405      405   405  405  405  405  405   api/v1/alerts/<source>
      404      404   404  404  404  404  404   api/v1/
      gate     gate  gate gate gate page gate  admin/
      sign-in  403   403  403  403  goes 403   admin/login/
      gate     goes  goes goes goes goes goes  admin/logout/
      gate     gate  gate gate gate 403  gate  admin/autocomplete/
      gate     gate  gate gate gate page gate  admin/jsi18n/
      gate     gate  gate gate gate 404  gate  admin/r/<path:content_type_id>/<path:object_id>/
      sign-in  gate  gate gate gate page gate  admin/{rows}/
      sign-in  gate  gate gate gate 403  gate  admin/{rows}/add/
      sign-in  gate  gate gate gate page gate  admin/{rows}/<path:object_id>/history/
      sign-in  gate  gate gate gate 403  gate  admin/{rows}/<path:object_id>/delete/
      sign-in  gate  gate gate gate page gate  admin/{rows}/<path:object_id>/change/
      sign-in  gate  gate gate gate goes gate  admin/{rows}/<path:object_id>/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/add/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/<path:object_id>/history/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/<path:object_id>/delete/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/<path:object_id>/change/
      sign-in  gate  gate gate gate goes gate  admin/auth/group/<path:object_id>/
      gate     gate  gate gate gate page gate  admin/^(?P<app_label>mitigations|auth)/$
      gate     gate  gate gate gate 404  gate  admin/(?P<url>.*)$

POST  anybody  dana  lee  kim  ana  max  eve  at
      405      405   405  405  405  405  405   livez
      405      405   405  405  405  405  405   readyz
      form     goes  goes goes goes goes goes  account/login/
      sign-in  goes  goes goes goes goes goes  account/logout/
      410      410   410  410  410  410  410   account/invitation/<str:uidb64>/<str:token>/
      goes     goes  goes goes goes goes goes  account/login/second-step/
      goes     goes  goes goes goes goes goes  account/login/passkey/
      405      405   405  405  405  405  405   account/login/passkey/options/
      sign-in  405   405  405  405  405  405   account/
      sign-in  goes  goes goes goes goes goes  account/sessions/end/
      sign-in  goes  goes goes goes goes goes  account/password/
      sign-in  405   405  405  405  405  405   account/second-factor/
      sign-in  form  form form form form form  account/second-factor/app/
      sign-in  form  form form form form form  account/second-factor/passkey/
      sign-in  404   404  404  404  404  404   account/second-factor/<int:id>/remove/
      sign-in  goes  goes goes goes goes goes  account/second-factor/codes/
      sign-in  form  form form form form form  account/proof/
      405      405   405  405  405  405  405   account/oidc/
      405      405   405  405  405  405  405   account/oidc/callback/
      sign-in  405   405  405  405  405  405   account/oidc/proof/
      sign-in  405   405  405  405  405 405   account/gallery/
      sign-in  goes  403  403  403  goes 403   account/tokens/<int:id>/revoke/
      sign-in  405   405  405  405  405  405   api/
      sign-in  405   405  405  405  405  405   api/openapi.json
      405      405   405  405  405  405  405   api/v1/openapi.json
      401      401   401  401  401  401  401   api/v1/mitigations
      405      405   405  405  405  405  405   api/v1/mitigations/<ref:reference>
      405      405   405  405  405  405  405   api/v1/mitigations/<ref:reference>/exchanges
      405      405   405  405  405  405  405   api/v1/approvals
      405      405   405  405  405  405  405   api/v1/me
      405      405   405  405  405  405  405   api/v1/catalogue
      405      405   405  405  405  405  405   api/v1/policy/rules
      405      405   405  405  405  405  405   api/v1/policy/protected
      405      405   405  405  405  405  405   api/v1/policy/address-space
      405      405   405  405  405  405  405   api/v1/policy/simulation
      405      405   405  405  405  405  405   api/v1/events
      405      405   405  405  405  405  405   api/v1/events/<int:number>
      405      405   405  405  405  405  405   api/v1/exchanges
      401      401   401  401  401  401  401   api/v1/audit/verification
      405      405   405  405  405  405  405   api/v1/audit/checkpoints
      405      405   405  405  405  405  405   api/v1/reports/<period>
      401      401   401  401  401  401  401   api/v1/mitigations/preview
      401      401   401  401  401  401  401   api/v1/mitigations/many
      401      401   401  401  401  401  401   api/v1/mitigations/<ref:reference>/approve
      401      401   401  401  401  401  401   api/v1/mitigations/<ref:reference>/reject
      401      401   401  401  401  401  401   api/v1/mitigations/<ref:reference>/withdraw
      401      401   401  401  401  401  401   api/v1/mitigations/<ref:reference>/stop
      401      401   401  401  401  401  401   api/v1/alerts/<source>
      404      404   404  404  404  404  404   api/v1/
      gate     gate  gate gate gate page gate  admin/
      sign-in  403   403  403  403  goes 403   admin/login/
      gate     goes  goes goes goes goes goes  admin/logout/
      gate     gate  gate gate gate 405  gate  admin/autocomplete/
      gate     gate  gate gate gate 405  gate  admin/jsi18n/
      gate     gate  gate gate gate 404  gate  admin/r/<path:content_type_id>/<path:object_id>/
      sign-in  gate  gate gate gate page gate  admin/{rows}/
      sign-in  gate  gate gate gate 403  gate  admin/{rows}/add/
      sign-in  gate  gate gate gate page gate  admin/{rows}/<path:object_id>/history/
      sign-in  gate  gate gate gate 403  gate  admin/{rows}/<path:object_id>/delete/
      sign-in  gate  gate gate gate 403  gate  admin/{rows}/<path:object_id>/change/
      sign-in  gate  gate gate gate goes gate  admin/{rows}/<path:object_id>/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/add/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/<path:object_id>/history/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/<path:object_id>/delete/
      sign-in  gate  gate gate gate 403  gate  admin/auth/group/<path:object_id>/change/
      sign-in  gate  gate gate gate goes gate  admin/auth/group/<path:object_id>/
      gate     gate  gate gate gate page gate  admin/^(?P<app_label>mitigations|auth)/$
      gate     gate  gate gate gate 404  gate  admin/(?P<url>.*)$
"""

# What a stranger reaches. Everything else leads them to the door: a page is not public because somebody forgot it.
PUBLIC = {
    *("livez", "readyz"),
    *("account/login/", "account/login/second-step/", "account/login/passkey/", "account/login/passkey/options/"),
    *("account/oidc/", "account/oidc/callback/", "account/invitation/<str:uidb64>/<str:token>/"),
}

ROWS = ("platform", "method", "pairing", "mitigation", "decision", "exchange", "lane")
PEOPLE = ("anybody", "dana", "lee", "kim", "ana", "max", "eve")
Expected = dict[tuple[str, str], dict[str, str]]


def expectations() -> Expected:
    """(method, route) → what each person gets."""
    table: Expected = rights.expected(ROLES)  # type: ignore[arg-type] # tuples of roles
    method = ""
    for words in (line.split() for line in TABLE.splitlines() if line.strip()):
        if words[-1] == "at":
            method = words[0]
            continue
        for route in _spelled_out(words[-1].replace("·", "")):
            table[method, route] = dict(zip(PEOPLE, words, strict=False))
    return table


def _spelled_out(route: str) -> list[str]:
    return [route.replace("{rows}", f"mitigations/{name}") for name in (ROWS if "{rows}" in route else ("",))]


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield before + str(entry.pattern)
        else:
            yield from routes(entry, before + str(entry.pattern))


def kind_of(answer: HttpResponse, method: str) -> str:
    """The table's word for an answer."""
    where = answer.headers.get("Location", "")
    if answer.status_code == 302 and where.startswith("/account/login/?next="):
        return "sign-in"
    if answer.status_code == 302 and where.startswith("/admin/login/"):
        return "gate"
    if answer.status_code == 302 and re.fullmatch(
        r"/(mitigations/MIT-\d+|approvals|catalogue|presets|sources/\d+|policy/[a-z-]+|people/[a-z]+|audit/reviews/\d+)/",
        where,
    ):
        return "done" if method == "POST" else "goes"
    return {200: "page", 302: "goes", 422: "form"}.get(answer.status_code, str(answer.status_code))


_STATUS = {"stop": Status.ACTIVE, "identify": Status.UNKNOWN, "settle": Status.UNKNOWN}


def address(route: str) -> str:
    """A place to go to, with everything there that the route needs."""
    if "<ref:reference>" in route:
        deed = route.rstrip("/").rpartition("/")[2]
        mitigation = make_mitigation(_STATUS.get(deed, Status.PENDING))
        return "/" + route.replace("<ref:reference>", mitigation.reference)
    for part, make in _PARTS.items():
        if part in route:
            return "/" + route.replace(part, make())
    return "/" + route


def _pairing() -> Pairing:
    """In use again, whoever retired it meanwhile."""
    return make_pairing(retired_at=None)


_PARTS: dict[str, Callable[[], str]] = {
    "<what:what>/<int:id>": lambda: f"pairing/{_pairing().pk}",
    "<what:what>": lambda: "platform",
    "rules/<int:number>": lambda: f"rules/{_published()}",
    "draft/<int:place>": lambda: f"draft/{_drafted()}",
    "targets/<path:prefix>": lambda: f"targets/{make_mitigation().target}",
    "tokens/<int:id>": lambda: f"tokens/{make_token(User.objects.get(username='dana')).token.pk}",
    "presets/<int:id>": lambda: f"presets/{(Preset.objects.first() or make_preset()).pk}",
    "sources/<int:id>": lambda: f"sources/{_source()}",
    "alerts/<source>": lambda: "alerts/edge-fnm",
    "saved/<int:id>": lambda: f"saved/{_saved()}",
    "teams/<int:id>": lambda: f"teams/{Team.objects.get_or_create(name='Hosting')[0].pk}",
    "<part:part>/<int:id>": lambda: f"protected/{_protected()}",
    "<part:part>": lambda: "protected",
    "channels/<int:id>": lambda: f"channels/{make_channel().pk}",
    "export/<int:id>": lambda: f"export/{_export()}",
    "checkpoints/<int:number>": lambda: f"checkpoints/{make_checkpoint().number}",
    "redactions/<log:log>/<int:number>": lambda: f"redactions/exchanges/{make_exchange().number}",
    "redactions/<int:id>": lambda: f"redactions/{make_redaction().pk}",
    "audit/<int:number>": lambda: f"audit/{_event()}",
    "events/<int:number>": lambda: f"events/{_event()}",
    "reports/<period>": lambda: "reports/2026-11",
    "reviews/<int:number>/<step:step>": lambda: f"reviews/{_item()}/take",
    "reviews/<int:number>": lambda: f"reviews/{_item()}",
    "questions/<int:number>": lambda: f"questions/{_item()}",
    "periods/<str:text>": lambda: "periods/2026-11",
    "second-factor/<int:id>": lambda: "second-factor/1",
    "people/<str:username>": lambda: f"people/{_invited()}",
    "invitation/<str:uidb64>/<str:token>": lambda: "invitation/MQ/never-made",
    "alarms/<int:id>": lambda: f"alarms/{_alarm()}",
    "platform/<path:object_id>": lambda: f"platform/{_pairing().platform_id}",
    "method/<path:object_id>": lambda: f"method/{_pairing().method_id}",
    "pairing/<path:object_id>": lambda: f"pairing/{_pairing().pk}",
    "mitigation/<path:object_id>": lambda: f"mitigation/{make_mitigation().pk}",
    "decision/<path:object_id>": lambda: f"decision/{_decided().decisions.get().pk}",
    "exchange/<path:object_id>": lambda: f"exchange/{_exchange_of(_decided())}",
    "lane/<path:object_id>": lambda: f"lane/{Lane.objects.get_or_create(pk=Lane.THE_ONE)[0].pk}",
    "group/<path:object_id>": lambda: "group/1",
    "<path:content_type_id>/<path:object_id>": lambda: "1/1",
    "^(?P<app_label>mitigations|auth)/$": lambda: "mitigations/",
    "(?P<url>.*)$": lambda: "nowhere/at/all/",
}


def _protected() -> int:
    prefix, owner = parse("192.0.2.0/24"), User.objects.get(username="max")
    assert isinstance(prefix, Prefix)
    axis = {"first": on_axis(prefix.first), "last": on_axis(prefix.last)}
    facts = {"family": 4, "length": 24, "reason": "Our resolvers.", "owner": owner, **axis}
    return ProtectedPrefix.objects.get_or_create(prefix=prefix.text, defaults=facts)[0].pk


def _saved() -> int:
    """Dana's own."""
    name, dana = f"List {SavedList.objects.count()}", User.objects.get(username="dana")
    return SavedList.objects.create(name=name, owner=dana, query="", saved_at=NOW).pk


def _source() -> int:
    """Dana's, and on, whoever switched it off meanwhile."""
    source = Source.objects.first() or make_source()
    Source.objects.update(off_at=None)
    return source.pk


def _published() -> int:
    return (Rulebook.objects.first() or make_rulebook()).number


def _drafted() -> int:
    """The draft has a rule."""
    Draft.objects.get_or_create(defaults={"rules": as_json([make_rule()])})
    return 1


def _alarm() -> int:
    facts = {"sentence": "It covers 192.0.2.0/24.", "raised_at": NOW}
    return Alarm.objects.create(mitigation=make_mitigation(Status.ACTIVE), **facts).pk


def _invited() -> str:
    """Somebody active who was invited, and has not come."""
    facts = {"invited_at": NOW, "is_active": True}
    return User.objects.update_or_create(username="amy", defaults=facts)[0].username


def _event() -> int:
    if not Event.objects.exists():
        record_sign_in(by=acting(User.objects.get(username="dana")), at=NOW)
    return 1


def _export() -> int:
    asked = {"asked_by": "user:1", "asked_by_name": "ana", "asked_at": NOW}
    return Export.objects.create(what="events", format="csv", up_to=0, **asked).pk


def _item() -> int:
    """The number of an event that wants a look."""
    make_event(events.LOST, make_mitigation(Status.UNKNOWN), sentence="The worker did not come back.")
    return Event.objects.latest("number").number


def _decided() -> Mitigation:
    return make_mitigation(Status.ACTIVE)


def _exchange_of(mitigation: Mitigation) -> int:
    return make_exchange(mitigation).pk


def browser(who: str, cast: Cast) -> Client:
    return Client() if who == "anybody" else browser_of(getattr(cast, who))


def everybody_gets(method: str, route: str, browsers: dict[str, Client]) -> dict[str, str]:
    """To look changes nothing (tests/test_holes_of_peers.py), so that all may look at one place."""
    place = address(route)
    return {
        who: kind_of(each.generic(method, place if method == "GET" else address(route)), method)
        for who, each in browsers.items()
    }


EXPECTED = expectations()
REFUSALS = {"401", "403", "405", "gate", "sign-in"}
each_row = pytest.mark.parametrize(("method", "route"), EXPECTED, ids=[f"{how} /{route}" for how, route in EXPECTED])


@pytest.mark.parametrize("method", ["GET", "POST"])
class TestTheTable:
    def test_has_a_row_for_every_route(self, method: str) -> None:
        assert set(routes()) - {route for how, route in EXPECTED if how == method} == set()

    def test_has_a_route_for_every_row(self, method: str) -> None:
        assert {route for how, route in EXPECTED if how == method} - set(routes()) == set()


def test_a_stranger_reaches_these_few_pages_and_no_other() -> None:
    """The API knows nobody by a session: without a token it answers 401, or that there is nothing."""
    reached = {route for (_, route), gets in EXPECTED.items() if gets["anybody"] not in {"sign-in", "gate", "401"}}
    assert {route for route in reached if not route.startswith("api/v1/")} == PUBLIC


@pytest.mark.any_database
@pytest.mark.no_cover  # three thousand visits; what each page does has tests of its own
@each_row
def test_every_address_gives_each_person_what_the_table_says_with_and_without_the_superuser_and_staff_bits(
    method: str, route: str, cast: Cast
) -> None:
    expected = EXPECTED[method, route]
    let_in = {who: browser(who, cast) for who in PEOPLE if expected[who] not in REFUSALS}
    assert everybody_gets(method, route, let_in) == {who: expected[who] for who in let_in}
    # With them nobody gets more, so without them neither.
    User.objects.update(is_superuser=True, is_staff=True)
    assert everybody_gets(method, route, {who: browser(who, cast) for who in PEOPLE}) == expected


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "deed", ["", "approve/", "reject/", "withdraw/", "break-glass/", "review/", "stop/", "settle/"]
)
def test_a_reference_that_names_nothing_is_told_to_nobody_without_a_role(method: str, deed: str, cast: Cast) -> None:
    assert browser("eve", cast).generic(method, f"/mitigations/MIT-99999/{deed}").status_code == 403
