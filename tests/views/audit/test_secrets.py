"""No secret comes into the log, by whatever way the site is used, nor into what is made from it."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client

from accounts.models import User
from audit import sinks
from audit.models import Channel, Event
from audit.sinks import Follower
from mitigations.kentik.client import Client as Kentik
from mitigations.models import Exchange
from mitigations.selectors.exporting import ExchangeFilter, Exchanges
from mitigations.services import kentik_account
from mitigations.services.delivering import MAIL, channel_job, mail_job
from mitigations.services.sending import claim_next, record_call
from sandbox.server import Sandbox
from tests.making import NOW, make_pairing
from tests.people import Cast, acting, browser_of
from tests.receiving import hook, inbox, mail_goes_to
from tests.services.auditing.exports import taken
from tests.views.asking import typed
from tests.views.pages import Page
from tests.views.test_every_url import address, routes

EMAIL, TOKEN = "canary-robot@example.net", "canary-7f3a9c51"
PASSWORD, WRONG = "canary-of-a-password", "canary-of-a-wrong-one"
HOOK, MAIL_PASSWORD, OWN = "canary-5e1f", "canary-of-the-mail-server", "canary-dana@example.net"


class Browser:
    """Somebody who signs in with a password and whose forms carry a token, as in a browser."""

    def __init__(self, name: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.secrets: set[str] = set()
        self.send("/account/login/", username=name, password=WRONG)
        self.send("/account/login/", username=name, password=PASSWORD)

    def send(self, address: str, /, **form: object) -> str:
        return self.press(address, address, **form)

    def press(self, at: str, address: str, /, **form: object) -> str:
        (token, *_) = Page(self.client.get(at)).all("input", name="csrfmiddlewaretoken")
        self.secrets.add(token.attributes["value"])
        answer = self.client.post(address, {**form, "csrfmiddlewaretoken": token.attributes["value"]})
        self.secrets |= {cookie.value for cookie in self.client.cookies.values() if cookie.value}
        return str(answer.headers.get("Location", answer.status_code))


@pytest.fixture
def kentik(sandbox: Sandbox, settings) -> Kentik:
    settings.KENTIK_BASE_URL, settings.KENTIK_API_EMAIL, settings.KENTIK_API_TOKEN = sandbox.url, EMAIL, TOKEN
    return Kentik(kentik_account.account(), now=now)


def send_one(kentik: Kentik) -> None:
    claim = claim_next(lease=timedelta(seconds=90), at=NOW)
    assert claim is not None
    record_call(claim=claim, call=kentik.start(claim.message), at=NOW)


def now() -> datetime:
    return NOW


def tell_everybody() -> None:
    jobs = {each.sink: channel_job(each.pk, now=now) for each in channels()}
    for name, job in {MAIL: mail_job(now=now), **jobs}.items():
        follower = Follower(name=name, job=job, me=uuid.uuid4(), now=now)
        follower.run(until=lambda: False)


def channels() -> list[Channel]:
    return list(Channel.objects.all())


def deeds_done() -> set[str]:
    return set(Event.objects.filter(outcome="done").values_list("deed", flat=True))


def all_that_is_kept() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM audit_words")
        words = [str(found) for (found,) in cursor.fetchall()]
    rows = [*Event.objects.all(), *Exchange.objects.all()]
    return "\n".join([*words, *(f"{row.body}\n{row.detail}" for row in rows)])


def all_that_is_shown(ana: Client) -> str:
    addresses = ["/audit/", *(f"/audit/{event.number}/" for event in Event.objects.all())]
    return "\n".join(ana.get(address).content.decode() for address in addresses)


def everything_is_done(kentik: Kentik, settings) -> set[str]:
    """Signing in, choosing, telling, asking, approving, sending. The cookies and tokens that came of it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one
    User.objects.update(password=make_password(PASSWORD))
    sinks.ensure(MAIL)
    dana, lee, max_ = Browser("dana"), Browser("lee"), Browser("max")
    dana.send("/account/messages/", email=OWN, kinds=["decided"])
    with inbox() as box, mail_goes_to(box.url, settings), hook() as heard:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "robot", MAIL_PASSWORD
        for name, address in {
            "room": heard.address,
            "dead": f"json://127.0.0.1:9/{HOOK}",
            "none": f"x://{HOOK}",
        }.items():
            max_.send("/policy/channels/new/", name=name, address=address, kinds=["decided"])
        for channel in channels():
            max_.send(f"/policy/channels/{channel.pk}/", name=channel.name, address=channel.address, kinds=["decided"])
            max_.press(f"/policy/channels/{channel.pk}/", f"/policy/channels/{channel.pk}/test/")
        where = dana.send("/mitigations/new/", **typed(make_pairing(), ip_cidr="198.51.100.7/32"), ask="1")
        lee.send(f"{where}approve/", note="Yes.")
        send_one(kentik)
        tell_everybody()

    assert {"mitigation.answered", "channel.tested", "account.messages-chosen"} <= deeds_done()
    assert (len(heard.calls), Exchange.objects.count()) == (2, 1)
    assert {"sessionid", "csrftoken"} <= set(dana.client.cookies)
    return dana.secrets | lee.secrets | max_.secrets


def all_that_the_database_holds() -> str:
    """But sessions, whose keys are their cookies: whoever reads them there may write them as well."""
    said = ""
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names()) - {"django_session"}):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            said += f"\n{table}: {cursor.fetchall()}"
    return said


def all_pages(cast: Cast) -> str:
    said = ""
    places = [address(route) for route in sorted(set(routes())) if "logout" not in route]
    for who in ("dana", "lee", "ana", "max"):
        browser = browser_of(getattr(cast, who))
        for place in places:
            answer = browser.get(place)
            said += str(answer.headers) + b"".join(answer).decode(errors="replace")
    return said


def all_exports(cast: Cast) -> str:
    packages = [taken(by=acting(cast.ana)), taken(Exchanges(ExchangeFilter()), by=acting(cast.ana))]
    return "".join(package.read(name).decode(errors="replace") for package in packages for name in package.namelist())


def test_no_secret_stands_in_the_log(cast: Cast, signed_in, kentik: Kentik, settings) -> None:
    cookies = everything_is_done(kentik, settings)
    everything = all_that_is_kept() + all_that_is_shown(signed_in("ana"))
    assert "approved" in everything
    for secret in {EMAIL, TOKEN, PASSWORD, WRONG, HOOK, MAIL_PASSWORD, OWN, "canary", *cookies}:
        assert secret not in everything


def test_no_secret_stands_anywhere_else(
    cast: Cast, kentik: Kentik, sandbox: Sandbox, settings, caplog: pytest.LogCaptureFixture
) -> None:
    """In no table, page, header, export or line of a log at its most talkative, also not when Kentik repeats it."""
    caplog.set_level(logging.DEBUG)
    sandbox.fault("status", status=500, body=f"You are {EMAIL} with {TOKEN}.", headers={"X-Token": TOKEN}, api="v5")
    everything_is_done(kentik, settings)
    places = {
        "the database": all_that_the_database_holds(),
        "pages": all_pages(cast),
        "exports": all_exports(cast),
        "logs": caplog.text,
    }
    assert "You are [redacted] with [redacted]." in places["the database"]
    for secret in (EMAIL, TOKEN, PASSWORD, WRONG, HOOK, MAIL_PASSWORD, settings.SECRET_KEY):
        assert [place for place, said in places.items() if secret in said] == [], secret
