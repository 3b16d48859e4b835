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
        page = self._get("/mitigations/new/")
        pairing = re.search(r'<option value="(\d+)">Edge RTBH · Drop everything', page)
        assert pairing is not None
        fields = {"ip_cidr": target, "pairing": pairing[1], "reason": "The shop is down.", "ask": "1", **typed}
        reference = re.search(r"MIT-\d+", self._post("/mitigations/new/", **fields).url)
        assert reference is not None, f"{target} was not asked for"
        return reference[0]

    def add_channel(self, name: str, address: str) -> str:
        """The number of a new channel that gets everything."""
        kinds = ["waiting", "decided", "failed", "unknown", "ending", "glass"]
        page = self._post("/policy/channels/new/", name=name, address=address, kinds=kinds).text
        number = re.search(rf'/policy/channels/(\d+)/">{name}<', page)
        assert number is not None, f"{name} was not added"
        return number[1]

    def press(self, reference: str, deed: str, **typed: str) -> None:
        self._post(f"/mitigations/{reference}/{deed}/", **typed)

    def wait_for(self, reference: str, status: str) -> None:
        deadline = time.monotonic() + 15
        while f"now-{status}" not in self._get(f"/mitigations/{reference}/"):
            assert time.monotonic() < deadline, f"{reference} did not become {status}"
            time.sleep(0.05)

    def _get(self, path: str) -> str:
        return self.session.get(self.stack.url + path, timeout=10).text

    def _post(self, path: str, **typed: str | list[str]) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self._get(path))
        assert token is not None, f"{path} has no form"
        data = {**typed, "csrfmiddlewaretoken": token[1]}
        return self.session.post(self.stack.url + path, data=data, timeout=10)
