from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.usefixtures("kept_signals")

TOKEN = "canary-7f3a9c51"
TROUBLE = {
    "no e-mail": ({"KENTIK_API_EMAIL": ""}, "KENTIK_API_EMAIL is not set."),
    "no token": ({"KENTIK_API_TOKEN": ""}, "KENTIK_API_TOKEN is not set."),
    "a token with a line end": ({"KENTIK_API_TOKEN": f"{TOKEN}\n"}, "The Kentik API token is empty, or has spaces"),
    "http to a foreign host": ({"KENTIK_BASE_URL": "http://api.kentik.com"}, "Credentials go over https only"),
    "http to another machine": ({"KENTIK_BASE_URL": "http://127.0.0.1.example.net"}, "Credentials go over https only"),
    "credentials in the address": ({"KENTIK_BASE_URL": f"https://robot:{TOKEN}@api.kentik.com"}, "address"),
    "no address": ({"KENTIK_BASE_URL": "fish"}, "is not the address of a server"),
    "a path": ({"KENTIK_BASE_URL": "https://api.kentik.com/api/v5"}, "is not the address of a server"),
    "no such region": ({"KENTIK_BASE_URL": "", "KENTIK_REGION": "mars"}, "There is no Kentik region 'mars'"),
    "no such spelling": ({"KENTIK_SPELLING": "loud"}, "KENTIK_SPELLING is 'loud'; it can be"),
    "a lease shorter than the call": (
        {"WORKER_LEASE_SECONDS": 44.0, "KENTIK_CALL_SECONDS": 45.0},
        "The lease must be longer than the longest call",
    ),
    "a lease as long as the call": (
        {"WORKER_LEASE_SECONDS": 45.0, "KENTIK_CALL_SECONDS": 45.0},
        "The lease must be longer than the longest call",
    ),
    "no time to connect": ({"KENTIK_CONNECT_SECONDS": 0.0}, "0 seconds is no time"),
}


@pytest.fixture(params=TROUBLE.values(), ids=TROUBLE)
def trouble(request: pytest.FixtureRequest, settings) -> str:
    changes, sentence = request.param
    for name, value in changes.items():
        setattr(settings, name, value)
    return sentence


class TestAWorkerThatCannotSend:
    def test_does_not_start_and_says_why(self, trouble: str) -> None:
        with pytest.raises(CommandError) as caught:
            call_command("worker")
        assert trouble in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1

    def test_never_prints_the_token(self, trouble: str, capfd: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(CommandError) as caught:
            call_command("worker")
        out, err = capfd.readouterr()
        assert TOKEN not in str(caught.value) + out + err
