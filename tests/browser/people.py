"""Doing things in the portal without a browser: how a test gets to the page that it is about."""

from __future__ import annotations

import re
import time
from urllib.parse import urljoin

import requests

from tests.browser.stack import PASSWORD, Stack


class Person:
    """Somebody who is signed in, over plain HTTP."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack = stack
        self.session = requests.Session()
        self.post("/account/login/", username=name, password=PASSWORD)
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
        pairing = re.search(r'<strong id="pairing-(\d+)">Edge RTBH · Drop everything<', self.get(path))
        assert pairing is not None
        fields = {"pairing": pairing[1], "reason": "The shop is down.", "ask": "1", **typed}
        reference = re.search(r"MIT-\d+", self.post(path, **fields).url)
        assert reference is not None, f"{typed} was not asked for"
        return reference[0]

    def add_channel(self, name: str, address: str) -> str:
        """The number of a new channel that gets everything."""
        kinds = ["waiting", "decided", "failed", "unknown", "ending", "glass"]
        page = self.post("/policy/channels/new/", name=name, address=address, kinds=kinds).text
        number = re.search(rf'/policy/channels/(\d+)/">{name}<', page)
        assert number is not None, f"{name} was not added"
        return number[1]

    def add_source(self, name: str, **typed: str) -> None:
        """One of dana's, that starts from a preset of the demo."""
        page = self.get("/sources/new/")
        owner = re.search(r'<option value="(\d+)">dana<', page)
        preset = re.search(r'<option value="(\d+)">Shop host under UDP flood', page)
        assert owner is not None
        assert preset is not None
        answer = self.post("/sources/new/", name=name, owner=owner[1], preset=preset[1], **typed)
        assert "is saved" in answer.text

    def secret_of(self, number: str) -> str:
        """Of a source that is theirs, taken anew."""
        secret = re.search(r"bwh_[\w-]+", self.post(f"/sources/{number}/secret/").text)
        assert secret is not None
        return secret[0]

    def tell(self, source: str, secret: str, said: dict[str, object]) -> None:
        """Send an alert, as the detector does that has this secret."""
        address = f"{self.stack.url}/api/v1/alerts/{source}"
        requests.post(address, json=said, headers={"Authorization": f"Bearer {secret}"}, timeout=30)

    def invite(self, username: str, **typed: str | list[str]) -> str:
        """Whoever is invited, by their name."""
        answer = self.post("/people/invite/", username=username, **typed)
        assert f"{username} is invited" in answer.text or f"/people/{username}/" in answer.url
        return username

    def press(self, reference: str, deed: str, **typed: str) -> None:
        self.post(f"/mitigations/{reference}/{deed}/", **typed)

    def add_rule(self, **typed: str) -> None:
        """At the end of the draft of the rules."""
        fields = {"approvals": "2", "waits": "60", **typed}
        answer = self.post("/policy/rules/draft/new/", revision=self._revision(), **fields)
        assert "#rule-" in answer.history[0].headers["Location"]

    def publish_rules(self) -> None:
        self.post("/policy/rules/publish/", revision=self._revision(), note="As agreed on Monday.")

    def throw_the_draft_away(self) -> None:
        """Where there is one that differs from the rules in force."""
        if "Throw the draft away" in self.get("/policy/rules/draft/"):
            token = self._token("/policy/rules/draft/")
            data = {"revision": self._revision(), "csrfmiddlewaretoken": token}
            self.session.post(f"{self.stack.url}/policy/rules/draft/start-over/", data=data, timeout=30)

    def wait_for(self, reference: str, status: str) -> None:
        self.until(f"/mitigations/{reference}/", f"now-{status}")

    def until(self, path: str, words: str) -> None:
        """Look at a page until these words stand on it."""
        deadline = time.monotonic() + 60
        while words not in self.get(path):
            assert time.monotonic() < deadline, f"{path} never says {words}"
            time.sleep(0.05)

    def number(self, path: str, pattern: str) -> str:
        """What a pattern finds first on a page."""
        found = re.search(pattern, self.get(path))
        assert found is not None, f"{path} has nothing like {pattern}"
        return found[1]

    def get(self, path: str) -> str:
        return self.session.get(self.stack.url + path, timeout=30).text

    def _revision(self) -> str:
        revision = re.search(r'name="revision" value="(\d+)"', self.get("/policy/rules/draft/"))
        assert revision is not None
        return revision[1]

    def _token(self, path: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path))
        assert token is not None, f"{path} has no form"
        return token[1]

    def post(self, path: str, to: str = "", /, **typed: str | list[str]) -> requests.Response:
        """Send the form of a page, to the page itself or to another address beside it."""
        data = {**typed, "csrfmiddlewaretoken": self._token(path)}
        return self.session.post(urljoin(self.stack.url + path, to), data=data, timeout=30)
