"""Signing in by an OpenID Connect provider, over real sockets: who gets in, as whom, in which roles."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from accounts import provider as service
from accounts import sessions
from accounts.authority import Role
from accounts.models import Expected, User
from audit import selectors
from audit.models import Event, Item
from audit.refusal import Conflict, Forbidden
from mitigations.services import approvals
from tests.making import NOW, make_mitigation
from tests.openid import CLIENT, SECRET, Provider, openid_provider
from tests.people import Cast, acting
from tests.views.facts import deeds
from tests.views.pages import Page

DOOR, START = "/account/login/", "/account/oidc/"
PASSWORD = "harbour-tide-1234"


@pytest.fixture
def provider(cast: Cast, settings) -> Iterator[Provider]:
    zoe = {"name": "Zoe van Dam", "preferred_username": "zoe", "email": "zoe@example.net", "email_verified": True}
    with openid_provider(zoe={**zoe, "groups": ["netops"]}) as running:
        settings.OIDC_ISSUER, settings.OIDC_NAME = running.issuer, "Keycloak"
        settings.OIDC_GROUPS = ["netops=requester", "netops-lead=approver", "audit=auditor", "watch=viewer"]
        app = {"provider_id": running.issuer, "name": "Keycloak", "client_id": CLIENT, "secret": SECRET}
        options = {"server_url": running.issuer, "oauth_pkce_enabled": True, "scope": ["openid"]}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [{**app, "settings": options}]}}
        running.who = "zoe"
        yield running


def there(client: Client, start: str = START, **query: str) -> str:
    """To the provider and, by whoever is signed in there, back: the address with the code."""
    answer = client.get(start, query)
    assert answer.status_code == 302, answer.content
    back = requests.get(answer.headers["Location"], allow_redirects=False, timeout=5)
    return str(back.headers["Location"])


def sign_in(client: Client | None = None, **query: str) -> Any:
    client = client or Client()
    return client.get(there(client, **query))


def zoe() -> User:
    return User.objects.get(username="zoe")


def roles(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


class TestSomebodyNew:
    def test_gets_an_account_with_the_roles_of_their_groups(self, provider: Provider) -> None:
        client = Client()
        assert sign_in(client).headers["Location"] == "/"
        assert client.get("/mitigations/new/").status_code == 200
        assert (zoe().name, zoe().email, roles(zoe())) == ("Zoe van Dam", "zoe@example.net", {"requester"})
        assert not zoe().has_usable_password()

    def test_leaves_events_that_say_who_vouched(self, provider: Provider) -> None:
        sign_in()
        assert [entry.sentence for entry in selectors.story("zoe")] == [
            "Keycloak gave zoe an account: requester",
            "zoe signed in",
        ]

    def test_without_a_group_that_gives_a_role_gets_none_and_is_told_whom_to_ask(
        self, provider: Provider, settings
    ) -> None:
        settings.OIDC_ASK = "the network team"
        provider.people["zoe"]["groups"] = ["cafeteria"]
        page = Page(sign_in())
        assert (page.status, User.objects.filter(username="zoe").exists()) == (403, False)
        assert "no group of yours gives a role here" in page.alarms[0]
        assert "Ask the network team." in page.main.text

    def test_who_is_refused_fills_no_log(self, provider: Provider) -> None:
        provider.people["zoe"]["groups"] = []
        for _ in range(5):
            sign_in()
        assert [deed[1:] for deed in deeds()] == [("account.enrolled", "refused")]

    def test_gets_none_where_groups_give_no_roles(self, provider: Provider, settings) -> None:
        settings.OIDC_GROUPS = []
        assert sign_in().status_code == 403
        assert not User.objects.filter(username="zoe").exists()

    def test_who_calls_themselves_like_somebody_here_is_somebody_else(self, provider: Provider, cast: Cast) -> None:
        """The name is theirs to choose; so may be an address that nobody has verified."""
        provider.people["zoe"] |= {"preferred_username": "lee", "email": "lee@example.net"}
        User.objects.filter(username="lee").update(email="lee@example.net")
        sign_in()
        new = SocialAccount.objects.get().user
        assert (new.username, new.pk != cast.lee.pk, roles(new)) == ("lee2", True, {"requester"})

    @pytest.mark.parametrize(
        ("wanted", "name"),
        [("Zoë <b>", "zo-b"), ("zoe@example.net", "zoe"), ("../..", "person"), ("x" * 300, "x" * 40), (None, "zoe")],
    )
    def test_gets_a_plain_name(self, wanted: str | None, name: str, provider: Provider) -> None:
        provider.people["zoe"]["preferred_username"] = wanted
        sign_in()
        assert SocialAccount.objects.get().user.username == name


class TestSomebodyKnown:
    def test_is_found_by_their_number_whatever_they_are_called_by_now(self, provider: Provider) -> None:
        sign_in()
        provider.people["zoe"] |= {"preferred_username": "zvdam", "email": "other@example.net"}
        sign_in()
        assert SocialAccount.objects.get().user.username == "zoe"
        assert User.objects.count() == 7

    def test_who_lost_the_group_loses_the_role_with_an_event(self, provider: Provider) -> None:
        provider.people["zoe"]["groups"] = ["netops", "watch"]
        sign_in()
        provider.people["zoe"]["groups"] = ["watch"]
        sign_in()
        assert roles(zoe()) == {"viewer"}
        assert "zoe lost roles by Keycloak: requester" in [entry.sentence for entry in selectors.story("zoe")]

    def test_who_lost_the_right_to_approve_has_each_open_request_told_of_it(self, provider: Provider) -> None:
        provider.people["zoe"]["groups"] = ["netops-lead", "watch"]
        sign_in()
        made = make_mitigation(approvals_needed=2)
        approvals.approve(reference=made.reference, by=acting(zoe()), note="", at=NOW)
        provider.people["zoe"]["groups"] = ["watch"]
        sign_in()
        lost = f"zoe made the approval of {made.reference} by zoe count no longer"
        provider.people["zoe"]["groups"] = ["netops-lead", "watch"]
        sign_in()

        told = [entry.sentence for entry in selectors.story(made.reference)]
        assert told[-2:] == [lost, f"zoe made the approval of {made.reference} by zoe count again"]

    def test_who_came_into_a_group_gets_its_role_with_an_event(self, provider: Provider) -> None:
        sign_in()
        provider.people["zoe"]["groups"] = ["netops-lead"]
        sign_in()
        sentences = [entry.sentence for entry in selectors.story("zoe")]
        assert roles(zoe()) == {"approver"}
        assert sentences[-3:] == [
            "zoe lost roles by Keycloak: requester",
            "zoe got roles from Keycloak: approver",
            "zoe signed in",
        ]

    def test_who_lost_all_groups_has_no_role_left(self, provider: Provider) -> None:
        sign_in()
        del provider.people["zoe"]["groups"]
        client = Client()
        sign_in(client)
        assert (roles(zoe()), client.get("/").status_code) == (set(), 403)

    def test_keeps_no_role_that_was_given_by_hand(self, provider: Provider) -> None:
        from django.contrib.auth.models import Group

        sign_in()
        zoe().groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
        sign_in()
        assert roles(zoe()) == {"requester"}

    def test_keeps_roles_where_groups_give_none(self, provider: Provider, settings) -> None:
        sign_in()
        settings.OIDC_GROUPS = []
        provider.people["zoe"]["groups"] = []
        sign_in()
        assert roles(zoe()) == {"requester"}

    def test_of_groups_that_clash_gets_neither_role(self, provider: Provider) -> None:
        sign_in()
        provider.people["zoe"]["groups"] = ["netops", "audit", "watch"]
        client = Client()
        sign_in(client)
        assert roles(zoe()) == {"viewer"}
        assert "nobody must be together" in Page(client.get("/")).notices[0]
        assert "account.provider-clashed" in [deed for _, deed, _ in deeds()]

    def test_who_was_deactivated_does_not_get_in(self, provider: Provider) -> None:
        sign_in()
        User.objects.filter(username="zoe").update(is_active=False)
        client = Client()
        assert sign_in(client).status_code == 403
        assert client.get("/").status_code == 302

    def test_does_not_sign_in_by_a_password_any_more(self, provider: Provider) -> None:
        sign_in()
        user = zoe()
        user.set_password(PASSWORD)
        user.save()
        assert Client().post(DOOR, {"username": "zoe", "password": PASSWORD}).status_code == 422

    def test_is_not_locked_out_by_guesses_at_their_name(self, provider: Provider, settings) -> None:
        settings.TRIES_PER_ACCOUNT = settings.TRIES_PER_ADDRESS = 2
        sign_in()
        for _ in range(5):
            Client().post(DOOR, {"username": "zoe", "password": "guess"})
        client = Client()
        sign_in(client)
        assert client.get("/").status_code == 200


class TestAnInvitation:
    @pytest.fixture(autouse=True)
    def _lee(self, provider: Provider, cast: Cast) -> None:
        service.expect(user_id=cast.lee.pk, email="Zoe@example.net", by=acting(cast.max), at=NOW)
        provider.people["zoe"]["groups"] = ["netops-lead"]

    def test_gives_an_account_that_is_here_to_whom_the_provider_vouches_for(self, cast: Cast) -> None:
        client = Client()
        sign_in(client)
        assert client.get("/").wsgi_request.user == cast.lee
        assert (SocialAccount.objects.get().user, Expected.objects.exists()) == (cast.lee, False)
        assert Item.objects.filter(kind="people").count() == 2

    def test_of_somebody_deactivated_is_no_way_round_it(self, cast: Cast) -> None:
        User.objects.filter(pk=cast.lee.pk).update(is_active=False)
        assert sign_in().status_code == 403
        assert User.objects.count() == 6

    @pytest.mark.parametrize("verified", [False, None, 0, "false", "no"])
    def test_is_not_for_an_address_that_nobody_verified(self, verified: object, provider: Provider) -> None:
        provider.people["zoe"]["email_verified"] = verified
        sign_in()
        assert SocialAccount.objects.get().user.username == "zoe"
        assert Expected.objects.exists()

    def test_is_accepted_once(self, provider: Provider) -> None:
        sign_in()
        provider.people["eve"] = {**provider.people["zoe"], "preferred_username": "mallory"}
        provider.who = "eve"
        sign_in()
        assert SocialAccount.objects.get(uid="sub-of-eve").user.username == "mallory"

    @pytest.mark.parametrize("who", ["dana", "lee", "ana", "eve"])
    def test_is_an_administrator_s_to_give(self, who: str, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            service.expect(user_id=cast.kim.pk, email="x@example.net", by=acting(getattr(cast, who)), at=NOW)

    def test_of_one_address_is_for_one_account(self, cast: Cast) -> None:
        with pytest.raises(Conflict, match="waits for this address"):
            service.expect(user_id=cast.kim.pk, email="zoe@example.net", by=acting(cast.max), at=NOW)

    def test_of_somebody_linked_is_refused(self, cast: Cast) -> None:
        sign_in()
        with pytest.raises(Conflict, match="by the provider already"):
            service.expect(user_id=cast.lee.pk, email="a@example.net", by=acting(cast.max), at=NOW)


class TestTheFlow:
    def test_uses_pkce_a_state_and_a_nonce(self, provider: Provider) -> None:
        sign_in()
        [asked], [exchanged] = provider.asked, provider.exchanged
        assert len(exchanged["code_verifier"]) >= 43
        assert min(len(asked["state"]), len(asked["nonce"])) >= 16
        assert asked["redirect_uri"] == "http://testserver/account/oidc/callback/"

    def test_takes_nothing_from_the_address_but_where_to_go_on(self, provider: Provider) -> None:
        query = {"auth_params": "prompt=none&acr=x", "scope": "admin", "process": "connect", "action": "rerequest"}
        Client().get(START, query)
        requested = Client().get(START, query).headers["Location"]
        found = parse_qs(urlsplit(requested).query)
        assert set(found) == {
            "client_id", "redirect_uri", "scope", "response_type", "state", "nonce", "code_challenge",
            "code_challenge_method",
        }  # fmt: skip
        assert found["scope"] == ["openid"]

    def test_leads_back_to_where_somebody_wanted_to_go(self, provider: Provider) -> None:
        assert sign_in(next="/mitigations/new/").headers["Location"] == "/mitigations/new/"

    @pytest.mark.parametrize("where", ["https://evil.example.org/", "//evil.example.org/", "/\\evil.example.org"])
    def test_leads_nowhere_else(self, where: str, provider: Provider) -> None:
        assert sign_in(next=where).headers["Location"] == "/"

    def test_keeps_what_was_typed_before_the_session_had_ended(self, provider: Provider, cast: Cast) -> None:
        from accounts import typed

        sign_in()
        client, user = Client(), zoe()
        path = "/mitigations/new/"
        fields = {"ip_cidr": "203.0.113.7/32", "reason": "The shop is down.", typed.MARK: typed.mark_of(user.pk)}
        kept = client.post(path, fields, headers={"referer": f"http://testserver{path}"})
        wanted = parse_qs(urlsplit(kept.headers["Location"]).query)["next"][0]
        page = Page(client.get(sign_in(client, next=wanted).headers["Location"]))
        assert page.typed["ip_cidr"] == "203.0.113.7/32"

    def test_is_offered_at_the_door(self, provider: Provider) -> None:
        page = Page(Client().get(DOOR, {"next": "/approvals/"}))
        assert page.links["Sign in with Keycloak"] == "/account/oidc/?next=%2Fapprovals%2F"

    def test_is_the_only_way_where_local_sign_in_is_off(self, provider: Provider, settings) -> None:
        settings.LOCAL_SIGN_IN, settings.EMERGENCY_ACCOUNTS = False, ["max"]
        assert Page(Client().get(DOOR)).main.all("input", name="username") == []
        assert Page(Client().get(DOOR, {"emergency": "1"})).main.all("input", name="username") != []

    def test_asks_for_a_second_factor_of_ours_where_there_is_one(self, provider: Provider) -> None:
        from accounts import factors

        sign_in()
        factors.add_app(secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", by=acting(zoe()), at=NOW)
        client = Client()
        assert sign_in(client).headers["Location"] == "/account/login/second-step/"
        assert client.get("/").status_code == 302


class TestWhatIsRefused:
    def refused(self, answer: Any, client: Client) -> bool:
        return answer.status_code in {401, 403, 502} and client.get("/").status_code == 302

    def test_is_a_state_that_somebody_made_up(self, provider: Provider) -> None:
        client = Client()
        forged = re.sub(r"state=[^&]+", "state=forged", there(client))
        assert self.refused(client.get(forged), client)

    def test_is_an_answer_to_another_browser(self, provider: Provider) -> None:
        """Or somebody would be signed in as whoever sent them a link."""
        theirs, client = there(Client()), Client()
        assert self.refused(client.get(theirs), client)

    def test_is_an_answer_that_came_before(self, provider: Provider) -> None:
        client = Client()
        back = there(client)
        client.get(back)
        client.post("/account/logout/")
        assert self.refused(client.get(back), client)

    def test_is_a_code_that_the_provider_does_not_know(self, provider: Provider) -> None:
        client = Client()
        forged = re.sub(r"code=[^&]+", "code=forged", there(client))
        assert self.refused(client.get(forged), client)

    @pytest.mark.parametrize("error", ["access_denied", "server_error", "<script>"])
    def test_is_an_error_of_the_provider(self, error: str, provider: Provider) -> None:
        client = Client()
        state = parse_qs(urlsplit(there(client)).query)["state"][0]
        answer = client.get("/account/oidc/callback/", {"error": error, "state": state})
        assert answer.status_code in {302, 401}
        assert client.get("/").status_code == 302

    @pytest.mark.parametrize(
        "lie",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"aud": "another-client"},
            {"aud": [CLIENT, "another"], "azp": "another"},
            {"iss": "https://evil.example.org"},
            {"exp": 1},
            {"exp": None},
            {"iat": None},
            {"sub": None},
        ],
        ids=str,
    )
    def test_is_a_token_that_says_something_wrong(self, lie: dict[str, object], provider: Provider) -> None:
        provider.lie = lambda claims: {name: each for name, each in {**claims, **lie}.items() if each is not None}
        client = Client()
        assert self.refused(sign_in(client), client)
        assert not SocialAccount.objects.exists()

    @pytest.mark.parametrize("algorithm", ["none", "HS256"])
    def test_is_a_token_that_anybody_could_have_signed(self, algorithm: str, provider: Provider) -> None:
        provider.algorithm = algorithm
        client = Client()
        assert self.refused(sign_in(client), client)

    def test_is_a_token_by_another_key(self, provider: Provider) -> None:
        provider.signed_by_another = True
        client = Client()
        assert self.refused(sign_in(client), client)

    def test_is_userinfo_of_somebody_else(self, provider: Provider) -> None:
        provider.lie_in_userinfo = lambda claims: {**claims, "sub": "sub-of-lee"}
        client = Client()
        assert self.refused(sign_in(client), client)

    def test_is_a_provider_by_another_name(self, provider: Provider, settings) -> None:
        settings.OIDC_ISSUER = f"http://localhost:{provider.port}"
        [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        app["provider_id"] = settings.OIDC_ISSUER
        assert Client().get(START).status_code == 502

    def test_is_a_provider_that_is_away_with_a_page_that_says_so(self, provider: Provider, settings) -> None:
        [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        app["settings"]["server_url"] = "http://127.0.0.1:9"
        page = Page(Client().get(START))
        assert (page.status, page.alarms) == (502, ["Keycloak cannot be reached, or does not answer as it should."])

    @pytest.mark.parametrize(
        "header", ["Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Auth-Request-Email", "Authorization"]
    )
    def test_is_a_header_that_says_who_somebody_is(self, header: str, provider: Provider) -> None:
        answer = Client(REMOTE_USER="max").get("/", headers={header: "max"})
        assert answer.headers["Location"].startswith(DOOR)


class TestProvingAnew:
    @pytest.fixture
    def client(self, provider: Provider) -> Client:
        """Of zoe, who approves, and whose proof has grown old."""
        provider.people["zoe"]["groups"] = ["netops-lead"]
        client = Client()
        sign_in(client)
        session = client.session
        sessions.prove(session, at=timezone.now() - timedelta(hours=1))
        session.save()
        return client

    def approve(self, client: Client) -> bool:
        """Whether they get as far as approving, rather than to the page that asks for a proof."""
        answer = client.post(f"/mitigations/{make_mitigation().reference}/approve/", {"note": ""})
        return not answer.headers.get("Location", "").startswith("/account/proof/")

    def prove(self, client: Client, provider: Provider, who: str = "zoe") -> Any:
        asked = client.get("/account/oidc/proof/", {"next": "/approvals/"}).headers["Location"]
        back = requests.get(f"{asked}&as={who}", allow_redirects=False, timeout=5).headers["Location"]
        return client.get(back)

    def test_is_offered_in_place_of_a_password(self, client: Client) -> None:
        page = Page(client.get("/account/proof/?next=/approvals/"))
        assert page.links["Show it to Keycloak"] == "/account/oidc/proof/?next=%2Fapprovals%2F"
        assert page.main.all("input", name="password") == []

    def test_has_the_provider_ask_anew(self, client: Client, provider: Provider) -> None:
        assert not self.approve(client)
        assert self.prove(client, provider).headers["Location"] == "/approvals/"
        assert (provider.asked[-1]["prompt"], provider.asked[-1]["max_age"]) == ("login", "0")
        assert self.approve(client)

    @pytest.mark.parametrize("ago", [None, 600], ids=["does not say", "long ago"])
    def test_counts_only_when_the_provider_says_that_it_did(
        self, ago: float | None, client: Client, provider: Provider
    ) -> None:
        provider.signed_in_ago = ago
        assert self.prove(client, provider).headers["Location"] == "/account/proof/?next=%2Fapprovals%2F"
        assert not self.approve(client)

    def test_counts_only_for_the_same_person(self, client: Client, provider: Provider) -> None:
        provider.people["lee"] = {**provider.people["zoe"], "preferred_username": "lee"}
        self.prove(client, provider, "lee")
        assert not self.approve(client)
        assert client.get("/").wsgi_request.user == zoe()

    def test_signs_nobody_in(self, client: Client, provider: Provider) -> None:
        asked = client.get("/account/oidc/proof/").headers["Location"]
        client.post("/account/logout/")
        back = requests.get(f"{asked}&as=zoe", allow_redirects=False, timeout=5).headers["Location"]
        client.get(back)
        assert client.get("/").status_code == 302

    def test_is_not_needed_right_after_the_provider_has_asked(self, provider: Provider) -> None:
        provider.people["zoe"]["groups"] = ["netops-lead"]
        client = Client()
        sign_in(client)
        assert self.approve(client)

    def test_is_needed_after_a_sign_in_without_being_asked(self, provider: Provider) -> None:
        """They were signed in at the provider since this morning."""
        provider.people["zoe"]["groups"], provider.signed_in_ago = ["netops-lead"], 4 * 3600
        client = Client()
        sign_in(client)
        assert not self.approve(client)


def test_secrets_stand_in_no_row_event_or_log(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client()
    back = there(client)
    code = parse_qs(urlsplit(back).query)["code"][0]
    client.get(back)
    rows = json.dumps([*SocialAccount.objects.values_list("extra_data", flat=True)])
    rows += "".join(f"{event.body}{event.detail}" for event in Event.objects.all()) + json.dumps(dict(client.session))
    seen = [SECRET, provider.exchanged[0]["code_verifier"], *provider._tokens]
    assert not [secret for secret in seen if secret in rows + caplog.text]
    assert code not in rows
