"""The portal's pages as a process of their own on the database of the test, and people's browsers."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from socket import create_server
from typing import Self

import requests

from accounts.models import User
from tests.browser.stack import collect_static, until_ready
from tests.people import browser_of
from tests.processes.running import ROOT, environment


class Web:
    def __init__(self, kentik: str, **settings: str) -> None:
        env = environment(kentik, **settings)
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (it is closed with the process)
        collect_static(env)
        # The socket itself is handed over: a port that was only looked up may be somebody else's by then.
        with create_server(("127.0.0.1", 0)) as listener:
            bind = ["--bind", f"fd://{listener.fileno()}", "--workers", "1", "--threads", "4", "--no-control-socket"]
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "portal.wsgi", *bind],
                cwd=ROOT,
                env=env,
                pass_fds=[listener.fileno()],
                stdout=self._log,
                stderr=subprocess.STDOUT,
            )
        try:
            until_ready(self.url, self._log)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def browser_of(self, user: User) -> Browser:
        return Browser(self.url, user)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()


class Browser:
    """Somebody who is signed in. Whoever meets a broken page presses again, as people do."""

    def __init__(self, url: str, user: User) -> None:
        client = browser_of(user)
        self._url = url
        self._session = requests.Session()
        self._session.cookies.set("sessionid", client.cookies["sessionid"].value)

    def press(self, path: str, **typed: str) -> bool:
        """Fill in the form of a page and send it; whether the portal took it."""
        with suppress(requests.RequestException):
            page = self._session.get(self._url + path, timeout=30)
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
            if token is not None:
                data = {**typed, "csrfmiddlewaretoken": token[1]}
                return self._session.post(self._url + path, data=data, timeout=30, allow_redirects=False).is_redirect
        return False
