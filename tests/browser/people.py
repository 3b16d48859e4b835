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
        pairing = re.search(r'<option value="(\d+)">Edge RTBH · Drop everything', self._get(path))
        assert pairing is not None
        fields = {"pairing": pairing[1], "reason": "The shop is down.", "ask": "1", **typed}
        reference = re.search(r"MIT-\d+", self._post(path, **fields).url)
        assert reference is not None, f"{typed} was not asked for"
        return reference[0]

    def press(self, reference: str, deed: str, **typed: str) -> None:
        self._post(f"/mitigations/{reference}/{deed}/", **typed)

    def wait_for(self, reference: str, status: str) -> None:
        deadline = time.monotonic() + 15
        while f"now-{status}" not in self._get(f"/mitigations/{reference}/"):
            assert time.monotonic() < deadline, f"{reference} did not become {status}"
            time.sleep(0.05)

    def _get(self, path: str) -> str:
        return self.session.get(self.stack.url + path, timeout=10).text

    def _post(self, path: str, **typed: str) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self._get(path))
        assert token is not None, f"{path} has no form"
        data = {**typed, "csrfmiddlewaretoken": token[1]}
        return self.session.post(self.stack.url + path, data=data, timeout=10)
