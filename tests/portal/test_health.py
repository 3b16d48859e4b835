from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tests.portal.processes import python
from tests.views.facts import deeds

ASK = """
import django; django.setup()
from django.test import Client
for path in ("/livez", "/readyz"):
    answer = Client().get(path)
    print(answer.status_code, answer.content.decode())
"""


class TestLivez:
    def test_answers_without_a_database(self) -> None:
        answer = Client().get("/livez")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    @pytest.mark.parametrize("path", ["/livez", "/readyz"])
    def test_is_never_cached(self, path: str, db: None) -> None:
        assert "no-store" in Client().get(path).headers["Cache-Control"]

    def test_is_not_sent_to_https(self, settings, db: None) -> None:
        settings.SECURE_SSL_REDIRECT = True
        assert [Client().get(path).status_code for path in ("/livez", "/readyz")] == [200, 200]


class TestReadyz:
    def test_is_ready_with_the_database_and_every_migration(self, db: None) -> None:
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_is_not_ready_while_a_migration_is_missing(self, db: None) -> None:
        MigrationRecorder.Migration.objects.filter(app="mitigations").last().delete()
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "unavailable", "reason": "migrations are missing"}

    def test_leaves_no_event(self, db: None) -> None:
        Client().get("/readyz")
        assert deeds() == []


class TestWithoutADatabase:
    @pytest.fixture(params=["postgres", "sqlite"])
    def said(self, request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
        """What a process says whose database is not there: nobody listens on port 1, nor is there such a folder."""
        away = {"postgres": "postgres://u:canary@127.0.0.1:1/away", "sqlite": f"sqlite:///{tmp_path}/away/db.sqlite3"}
        ended = python(ASK, DATABASE_URL=away[request.param], ALLOWED_HOSTS="testserver")
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.splitlines()

    def test_it_lives_and_is_not_ready(self, said: list[str]) -> None:
        live, ready = said
        assert live == '200 {"status": "ok"}'
        assert ready.startswith("503 ")
        assert json.loads(ready.removeprefix("503 ")) == {
            "status": "unavailable",
            "reason": "the database does not answer",
        }
