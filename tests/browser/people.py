"""Doing things in the portal without a browser: how a test gets to the page that it is about."""

from __future__ import annotations

import re
import time

import requests

from tests.browser.stack import PASSWORD, Stack


class Person:
    """Somebody who is signed in, over plain HTTP."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack = stack
        self.session = requests.Session()
        self._post("/account/login/", username=name, password=PASSWORD)
        assert "sessionid" in self.session.cookies, f"{name} cannot sign in"

    @property
    def cookies(self) -> list[dict[str, str]]:
        """As a browser takes them."""
        return [{"name": each.name, "value": str(each.value), "url": self.stack.url} for each in self.session.cookies]

    def ask(self, target: str, **typed: str) -> str:
        """The reference of a new request on the platform Edge RTBH."""
        return self._ask("/mitigations/new/", ip_cidr=target, **typed)

    def ask_many(self, *targets: str) -> str:
        """The reference of the first of several that are asked for at once."""
        return self._ask("/mitigations/new/many/", targets="\n".join(targets))

    def _ask(self, path: str, **typed: str) -> str:
        pairing = re.search(r'<strong id="pairing-(\d+)">Edge RTBH · Drop everything<', self._get(path))
        assert pairing is not None
        fields = {"pairing": pairing[1], "reason": "The shop is down.", "ask": "1", **typed}
        reference = re.search(r"MIT-\d+", self._post(path, **fields).url)
        assert reference is not None, f"{typed} was not asked for"
        return reference[0]

    def add_channel(self, name: str, address: str) -> str:
        """The number of a new channel that gets everything."""
        kinds = ["waiting", "decided", "failed", "unknown", "ending", "glass"]
        page = self._post("/policy/channels/new/", name=name, address=address, kinds=kinds).text
        number = re.search(rf'/policy/channels/(\d+)/">{name}<', page)
        assert number is not None, f"{name} was not added"
        return number[1]

    def invite(self, username: str, **typed: str | list[str]) -> str:
        """Whoever is invited, by their name."""
        answer = self._post("/people/invite/", username=username, **typed)
        assert f"{username} is invited" in answer.text or f"/people/{username}/" in answer.url
        return username

    def press(self, reference: str, deed: str, **typed: str) -> None:
        self._post(f"/mitigations/{reference}/{deed}/", **typed)

    def add_rule(self, **typed: str) -> None:
        """At the end of the draft of the rules."""
        fields = {"approvals": "2", "waits": "60", **typed}
        answer = self._post("/policy/rules/draft/new/", revision=self._revision(), **fields)
        assert "#rule-" in answer.history[0].headers["Location"]

    def publish_rules(self) -> None:
        self._post("/policy/rules/publish/", revision=self._revision(), note="As agreed on Monday.")

    def throw_the_draft_away(self) -> None:
        """Where there is one that differs from the rules in force."""
        if "Throw the draft away" in self._get("/policy/rules/draft/"):
            token = self._token("/policy/rules/draft/")
            data = {"revision": self._revision(), "csrfmiddlewaretoken": token}
            self.session.post(f"{self.stack.url}/policy/rules/draft/start-over/", data=data, timeout=10)

    def wait_for(self, reference: str, status: str) -> None:
        deadline = time.monotonic() + 15
        while f"now-{status}" not in self._get(f"/mitigations/{reference}/"):
            assert time.monotonic() < deadline, f"{reference} did not become {status}"
            time.sleep(0.05)

    def _get(self, path: str) -> str:
        return self.session.get(self.stack.url + path, timeout=10).text

    def _revision(self) -> str:
        revision = re.search(r'name="revision" value="(\d+)"', self._get("/policy/rules/draft/"))
        assert revision is not None
        return revision[1]

    def _token(self, path: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self._get(path))
        assert token is not None, f"{path} has no form"
        return token[1]

    def _post(self, path: str, **typed: str | list[str]) -> requests.Response:
        data = {**typed, "csrfmiddlewaretoken": self._token(path)}
        return self.session.post(self.stack.url + path, data=data, timeout=10)
