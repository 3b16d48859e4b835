"""The pages of people, as administrators use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from accounts.authority import Role
from accounts.models import User
from audit.models import Event
from mitigations.models import Team
from mitigations.policies.lifecycle import Status
from mitigations.selectors import people as reading
from mitigations.services import people as changing
from tests.making import NOW, make_mitigation, make_protected
from tests.people import Cast, acting, make_person
from tests.reviewing import make_asked
from tests.views.facts import deeds
from tests.views.pages import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("max")


def names(page: Page) -> list[str]:
    return [row.all("a")[0].text for row in page.main.all("tr")[1:]]


def seen(client: Client, address: str) -> Page:
    return Page(client.get(address))


# --- The list ---------------------------------------------------------------------------------------------------------


def test_lists_everybody_who_is_here_with_roles_teams_and_last_sign_in(max_: Client, cast: Cast) -> None:
    Team.objects.create(name="Hosting").members.add(cast.dana)
    User.objects.filter(pk=cast.dana.pk).update(last_login=NOW)
    User.objects.filter(pk=cast.kim.pk).update(is_active=False)

    page = seen(max_, "/people/")

    assert names(page) == ["ana", "dana", "eve", "lee", "max"]
    dana = page.main.all("tr")[2]
    said = [cell.text for cell in dana.all("td")]
    assert said == ["dana Dana", "requester, break-glass", "Hosting", "active", "none", "just now"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=da", ["dana"]),
        ("q=REYES", ["dana"]),
        ("q=nobody", []),
        ("role=approver", ["kim", "lee"]),
        ("role=none", ["eve"]),
        ("team={team}", ["dana"]),
        ("team=0&role=approver", ["kim", "lee"]),
        ("state=deactivated", ["old"]),
        ("state=invited", ["new"]),
        ("state=all&q=o", ["old"]),
        ("after=lee", ["max", "new"]),
    ],
)
def test_is_searched_and_filtered(query: str, found: list[str], max_: Client, cast: Cast) -> None:
    team = Team.objects.create(name="Hosting")
    team.members.add(cast.dana)
    User.objects.filter(pk=cast.dana.pk).update(last_name="Reyes")
    User.objects.filter(pk=make_person("old", [Role.VIEWER]).pk).update(is_active=False)
    User.objects.filter(pk=make_person("new", [Role.VIEWER]).pk).update(invited_at=NOW)

    assert names(seen(max_, f"/people/?{query.format(team=team.pk)}")) == found


def test_leads_on_where_there_are_more(max_: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 4)
    page = seen(max_, "/people/?state=all")
    assert names(page) == ["ana", "dana", "eve", "kim"]

    page = seen(max_, f"/people/{page.links['more ›']}")
    assert names(page) == ["lee", "max"]
    assert "more ›" not in page.links


@pytest.mark.parametrize("query", ["role=king", "team=x", "state=gone"])
def test_says_what_makes_no_sense(query: str, max_: Client) -> None:
    page = seen(max_, f"/people/?{query}")
    assert (page.status, len(page.alarms)) == (422, 1)


def test_stands_in_the_menu_of_administrators_alone(signed_in: Callable[[str], Client]) -> None:
    found = [who for who in ("dana", "lee", "ana", "max", "eve") if "/people/" in str(signed_in(who).get("/").content)]
    assert found == ["max"]


# --- One person -------------------------------------------------------------------------------------------------------


def test_shows_what_somebody_may_and_what_waits_for_them(max_: Client, cast: Cast) -> None:
    for target in ("198.51.100.1/32", "198.51.100.2/32"):
        make_mitigation(requested_by=cast.dana, target=target)
    make_mitigation(Status.ENDED, requested_by=cast.dana)
    make_protected("192.0.2.0/24", owner=cast.dana)
    make_asked(cast, acting(cast.ana))

    page = seen(max_, "/people/dana/")

    assert page.heading == "Dana dana"
    assert page.said("strong") == ["requester", "break-glass"]
    assert page.links["3 asked for, and not over"].startswith("/mitigations/?by=dana&status=pending")
    assert "1 question of auditors to answer" in page.main.text
    assert "1 protected prefix to look after" in page.main.text
    assert "to approve" not in page.main.text
    assert "3 to approve, reject or review" in seen(max_, "/people/lee/").main.text


def test_leads_to_what_waits(max_: Client, cast: Cast) -> None:
    made = make_mitigation(requested_by=cast.dana)
    make_mitigation(Status.ENDED, requested_by=cast.dana)

    listed = seen(max_, seen(max_, "/people/dana/").links["1 asked for, and not over"])

    assert made.target in listed.main.text
    assert len(listed.main.all("tbody")[0].all("tr")) == 1


@pytest.mark.parametrize(
    ("bits", "said"),
    [
        ({"is_superuser": True, "is_staff": True}, "a superuser and staff"),
        ({"is_superuser": True}, "a superuser"),
        ({"is_staff": True}, "staff"),
    ],
)
def test_says_that_django_s_flags_give_no_right(bits: dict[str, bool], said: str, max_: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.eve.pk).update(**bits)

    assert seen(max_, "/people/eve/").notices == [
        f"Django calls this account {said}. Here that gives no right at all: roles alone do."
    ]
    assert seen(max_, "/people/lee/").notices == []


def test_leads_to_their_events_whoever_may_read_the_log(max_: Client, cast: Cast) -> None:
    assert "What dana did" not in seen(max_, "/people/dana/").links
    cast.max.groups.add(Group.objects.get(name=Role.AUDITOR))
    assert seen(max_, "/people/dana/").links["What dana did"] == "/audit/?person=dana"


@pytest.mark.parametrize(
    ("values", "buttons"),
    [
        ({}, ["Sign out everywhere …", "Deactivate …"]),
        ({"invited_at": NOW}, ["Invite again …", "Deactivate …"]),
        ({"is_active": False}, ["Reactivate …"]),
    ],
)
def test_offers_what_can_be_done(values: dict[str, Any], buttons: list[str], max_: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.lee.pk).update(**values)

    assert seen(max_, "/people/lee/").buttons == buttons


def test_knows_nobody_of_that_name(max_: Client) -> None:
    assert max_.get("/people/nobody/").status_code == 404
    assert max_.post("/people/nobody/deactivate/").status_code == 404


# --- Changing ---------------------------------------------------------------------------------------------------------


def test_changes_roles_as_they_are_ticked(max_: Client, cast: Cast) -> None:
    page = seen(max_, "/people/lee/roles/")
    assert page.typed["held"] == "approver"

    answer = max_.post("/people/lee/roles/", {"held": ["viewer", "auditor"], "seen": "approver", "note": "Audits now."})

    assert answer.headers["Location"] == "/people/lee/"
    assert acting(cast.lee).roles == {Role.VIEWER, Role.AUDITOR}
    assert deeds("lee") == [("max", "account.roles-changed", "done")]


def test_leaves_what_another_administrator_changed_meanwhile(max_: Client, cast: Cast) -> None:
    """The page showed approver; viewer was given since, and nobody unticked it."""
    cast.lee.groups.add(Group.objects.get(name=Role.VIEWER))

    max_.post("/people/lee/roles/", {"held": ["approver", "requester"], "seen": "approver"})

    assert acting(cast.lee).roles == {Role.VIEWER, Role.APPROVER, Role.REQUESTER}


@pytest.mark.parametrize(
    ("who", "held", "shown", "sentence"),
    [
        ("lee", ["approver", "auditor"], "approver", "An auditor cannot also be approver."),
        ("max", ["administrator", "requester"], "administrator", "Nobody gives themselves a role."),
        ("max", [], "administrator", "Nobody else administers the portal."),
        ("lee", ["approver"], "approver", "Nothing would change"),
        ("lee", ["worker"], "approver", "Select a valid choice"),
    ],
)
def test_says_why_not(who: str, held: list[str], shown: str, sentence: str, max_: Client, cast: Cast) -> None:
    before = acting(getattr(cast, who)).roles

    page = Page(max_.post(f"/people/{who}/roles/", {"held": held, "seen": shown}))

    assert page.status == 422
    assert sentence in page.alarms[0]
    assert acting(getattr(cast, who)).roles == before


def test_leads_elsewhere_whoever_gave_up(max_: Client, cast: Cast) -> None:
    make_person("mia", [Role.ADMINISTRATOR])

    answer = max_.post("/people/max/roles/", {"held": [], "seen": "administrator"})

    assert answer.headers["Location"] == "/"


def test_changes_teams(max_: Client, cast: Cast) -> None:
    one, two = (Team.objects.create(name=name) for name in ("Hosting", "Transit"))
    cast.lee.teams.add(one)

    max_.post("/people/lee/teams/", {"held": [str(two.pk)], "seen": str(one.pk)})

    assert list(cast.lee.teams.all()) == [two]
    assert deeds("lee") == [("max", "account.teams-changed", "done")]


def test_asks_before_it_deactivates_and_says_who_should_take_over(max_: Client, cast: Cast) -> None:
    make_mitigation(requested_by=cast.dana)

    page = seen(max_, "/people/dana/deactivate/")
    assert "1 asked for, and not over" in page.links
    assert User.objects.get(pk=cast.dana.pk).is_active

    answer = max_.post("/people/dana/deactivate/", {"note": "Has left."})
    assert Page(max_.get(answer.headers["Location"])).notices[0] == "dana is deactivated, and signed out everywhere."
    assert not User.objects.get(pk=cast.dana.pk).is_active
    assert Event.objects.latest("number").details["note"] == "Has left."


def test_reactivates_and_signs_out(max_: Client, cast: Cast) -> None:
    max_.post("/people/dana/deactivate/")
    max_.post("/people/dana/reactivate/")
    max_.post("/people/dana/sign-out/")

    assert User.objects.get(pk=cast.dana.pk).is_active
    done = ["account.deactivated", "account.reactivated", "account.sessions-ended"]
    assert deeds("dana") == [("max", deed, "done") for deed in done]


def test_tells_on_the_request_why_an_approval_is_missing(signed_in: Callable[[str], Client], cast: Cast) -> None:
    made = make_mitigation(requested_by=cast.dana, approvals_needed=2)
    signed_in("lee").post(f"/mitigations/{made.reference}/approve/")
    dana = signed_in("dana")
    address = f"/mitigations/{made.reference}/"
    mark = seen(dana, address).main.all("div", hx_trigger="look")[0].attributes["hx-get"]
    assert "counts no longer" not in seen(dana, address).main.text

    signed_in("max").post("/people/lee/deactivate/")

    page = seen(dana, address)
    assert "The approval of lee counts no longer: the account is deactivated." in page.main.text
    assert "counts no longer the account is deactivated" in page.main.all("blockquote")[0].text
    assert "Waits for 2 more approvals of 2" in page.main.text
    assert dana.get(mark, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


# --- Inviting ---------------------------------------------------------------------------------------------------------

AMY = {"username": "amy", "full_name": "Amy  Winter", "roles": ["approver"]}


def test_shows_the_link_once_where_no_mail_goes(max_: Client, cast: Cast) -> None:
    page = Page(max_.post("/people/invite/", {**AMY, "email": "amy@example.net"}))

    amy = User.objects.get(username="amy")
    assert (page.status, amy.name, amy.roles) == (200, "Amy Winter", {Role.APPROVER})
    [link] = page.said("code")
    assert link.startswith("http://testserver/account/invitation/")
    assert link not in str(max_.get("/people/amy/").content)
    assert link.rsplit("/", 2)[1] not in f"{[each.body for each in Event.objects.all()]}"


def test_shows_no_link_where_mail_goes(max_: Client, cast: Cast, settings: Any) -> None:
    settings.MAIL_IS_ON, settings.PORTAL_URL = True, "https://breakwater.example.net"

    answer = max_.post("/people/invite/", {**AMY, "email": "amy@example.net"})

    assert answer.headers["Location"] == "/people/amy/"
    page = seen(max_, "/people/amy/")
    assert page.notices[0] == "amy is invited: the link goes to amy@example.net."
    assert "/account/invitation/" not in str(max_.get("/people/amy/").content)


def test_shows_it_where_mail_is_on_and_there_is_no_address(max_: Client, cast: Cast, settings: Any) -> None:
    settings.MAIL_IS_ON, settings.PORTAL_URL = True, "https://breakwater.example.net"

    [link] = Page(max_.post("/people/invite/", AMY)).said("code")

    assert link.startswith("https://breakwater.example.net/account/invitation/")


def test_keeps_what_was_typed_where_the_name_is_taken(max_: Client, cast: Cast) -> None:
    page = Page(max_.post("/people/invite/", {**AMY, "username": "dana"}))

    assert page.status == 422
    assert page.alarms == ["This did not go through Name to sign in with : There is an account named dana already."]
    assert (page.typed["full_name"], page.typed["roles"]) == ("Amy  Winter", "approver")


def test_invites_again_with_another_link(
    max_: Client, cast: Cast, settings: Any, clock: time_machine.Traveller
) -> None:
    [first] = Page(max_.post("/people/invite/", AMY)).said("code")
    clock.shift(60)

    [second] = Page(max_.post("/people/amy/invite/", {"email": ""})).said("code")

    assert [Client().get(link).status_code for link in (first, second)] == [410, 302]


def test_says_that_there_is_nobody_to_invite_again(max_: Client, cast: Cast) -> None:
    page = Page(max_.post("/people/dana/invite/", {"email": ""}))

    assert page.status == 409
    assert "dana has come already" in page.alarms[0]


def test_goes_by_mail_only_where_it_can(settings: Any) -> None:
    for is_on, url, email in ((False, "https://x", "a@b.c"), (True, "", "a@b.c"), (True, "https://x", "")):
        settings.MAIL_IS_ON, settings.PORTAL_URL = is_on, url
        assert not changing.goes_by_mail(email)
