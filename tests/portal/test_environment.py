from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.portal.processes import ROOT, python, setting

LOAD = "import portal.settings"
_GIVEN = re.compile(r"""\benv\.\w+\(\s*"([A-Z_]+)"|\bsecret\(\s*env,\s*"([A-Z_]+)\"""")


def settings_that_are_read() -> set[str]:
    text = "".join((ROOT / "portal" / name).read_text() for name in ("settings.py", "environment.py"))
    return {name for pair in _GIVEN.findall(text) for name in pair if name}


def last_line(said: str) -> str:
    return said.strip().splitlines()[-1]


class TestASecret:
    def test_that_is_missing_is_one_clear_sentence(self) -> None:
        ended = python(LOAD, SECRET_KEY="")
        assert ended.returncode != 0
        assert "SECRET_KEY is not set. Any long random text, e.g. from `openssl rand -base64 48`." in ended.stderr
        assert "See .env.example and docs/settings.md." in last_line(ended.stderr)

    @pytest.mark.parametrize("command", ["check", "migrate", "worker"])
    def test_that_is_missing_is_told_by_each_command_without_a_traceback(self, command: str) -> None:
        code = f"import manage, sys; sys.argv = ['manage.py', '{command}']; manage.main()"
        ended = python(code, SECRET_KEY="")
        assert ended.returncode != 0
        assert "SECRET_KEY is not set." in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_may_be_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "key"
        path.write_text("y" * 60)
        assert setting("SECRET_KEY", SECRET_KEY="", SECRET_KEY_FILE=str(path)) == repr("y" * 60)

    def test_in_a_file_ends_before_its_line_end(self, tmp_path: Path) -> None:
        """Editors and most tools end a file with one; Kentik's token would be no header any more."""
        path = tmp_path / "token"
        path.write_text("canary-7f3a9c51\n")
        assert setting("KENTIK_API_TOKEN", KENTIK_API_TOKEN_FILE=str(path)) == "'canary-7f3a9c51'"

    @pytest.mark.parametrize(
        ("name", "content", "read", "value"),
        [
            ("SECRET_KEY_FALLBACKS", "canary-a,canary-b", "SECRET_KEY_FALLBACKS", ["canary-a", "canary-b"]),
            ("DATABASE_URL", "postgres://u:canary@db/b", "DATABASES['default']['PASSWORD']", "canary"),
            ("EMAIL_URL", "smtp://robot:canary@mail.example.net", "EMAIL_HOST_PASSWORD", "canary"),
            ("KENTIK_API_EMAIL", "canary@example.net", "KENTIK_API_EMAIL", "canary@example.net"),
            ("AUDIT_SIGNING_KEY", "canary", "AUDIT_SIGNING_KEY", "canary"),
            ("AUDIT_STREAM_WEBHOOK", "https://h/canary", "AUDIT_STREAM_WEBHOOK", "https://h/canary"),
            ("AUDIT_STREAM_WEBHOOK_SECRET", "canary", "AUDIT_STREAM_WEBHOOK_SECRET", "canary"),
            ("AUDIT_CHECKPOINT_WEBHOOK", "https://h/canary", "AUDIT_CHECKPOINT_WEBHOOK", "https://h/canary"),
        ],
    )
    def test_whichever_it_is_may_be_a_file(
        self, name: str, content: str, read: str, value: object, tmp_path: Path
    ) -> None:
        path = tmp_path / "secret"
        path.write_text(f"{content}\n")
        assert setting(read, **{f"{name}_FILE": str(path)}) == repr(value)

    def test_in_a_file_that_is_not_there_is_told_with_its_name(self) -> None:
        ended = python(LOAD, SECRET_KEY="", SECRET_KEY_FILE="/nowhere/key")
        assert ended.returncode != 0
        assert "/nowhere/key" in last_line(ended.stderr)


class TestTheEnvFile:
    def test_gives_what_the_environment_does_not(self, tmp_path: Path) -> None:
        path = tmp_path / "settings"
        path.write_text("KENTIK_REGION=eu\n")
        assert setting("KENTIK_REGION", ENV_FILE=str(path)) == "'eu'"

    def test_gives_way_to_the_environment(self, tmp_path: Path) -> None:
        path = tmp_path / "settings"
        path.write_text("KENTIK_REGION=eu\n")
        assert setting("KENTIK_REGION", ENV_FILE=str(path), KENTIK_REGION="us") == "'us'"

    def test_that_is_named_and_not_there_is_told(self) -> None:
        ended = python(LOAD, ENV_FILE="nowhere.env")
        assert ended.returncode != 0
        assert "ENV_FILE names nowhere.env, and there is no such file" in last_line(ended.stderr)


class TestTheDatabase:
    def test_on_sqlite_is_immediate_and_keeps_what_it_committed(self) -> None:
        options = setting("DATABASES['default']['OPTIONS']", DATABASE_URL="sqlite:///x.sqlite3")
        assert "'transaction_mode': 'IMMEDIATE'" in options
        assert "journal_mode=WAL" in options
        assert "synchronous=FULL" in options

    def test_on_postgresql_does_not_wait_for_ever(self) -> None:
        options = setting("DATABASES['default']['OPTIONS']", DATABASE_URL="postgres://u:p@db/breakwater")
        assert "'connect_timeout': 5" in options

    def test_keeps_the_options_of_its_address(self) -> None:
        url = "postgres://u:p@db/breakwater?sslmode=verify-full"
        assert "'sslmode': 'verify-full'" in setting("DATABASES['default']['OPTIONS']", DATABASE_URL=url)


class TestEverySetting:
    def test_is_found_by_this_test(self) -> None:
        assert {"SECRET_KEY", "DATABASE_URL", "KENTIK_API_TOKEN", "LOG_FORMAT"} <= settings_that_are_read()

    def test_stands_in_the_example(self) -> None:
        lines = (ROOT / ".env.example").read_text().splitlines()
        shown = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line}
        assert settings_that_are_read() - shown == set()

    def test_of_the_example_is_read(self) -> None:
        lines = (ROOT / ".env.example").read_text().splitlines()
        shown = {match[1] for line in lines if (match := re.match(r"#? ?([A-Z_]+)=", line))}
        assert shown - settings_that_are_read() - {"ENV_FILE", "PORT", "SANDBOX_PORT", "DEMO_PASSWORD"} == set()

    def test_stands_in_the_docs(self) -> None:
        text = (ROOT / "docs" / "settings.md").read_text()
        assert {name for name in settings_that_are_read() if not re.search(rf"\b{name}\b", text)} == set()


class TestMail:
    URL = "smtp+tls://robot%40example.net:harbour@mail.example.net"

    def test_is_off_without_an_address(self) -> None:
        assert setting("MAIL_IS_ON") == "False"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MAIL_IS_ON", True),
            ("EMAIL_HOST", "mail.example.net"),
            ("EMAIL_PORT", 587),
            ("EMAIL_HOST_USER", "robot@example.net"),
            ("EMAIL_HOST_PASSWORD", "harbour"),
            ("EMAIL_USE_TLS", True),
        ],
    )
    def test_goes_where_its_address_says(self, name: str, value: object) -> None:
        assert setting(name, EMAIL_URL=self.URL) == repr(value)

    @pytest.mark.parametrize(("url", "port"), [("smtp://h", 25), ("smtp+ssl://h", 465), ("smtp://h:2525", 2525)])
    def test_has_the_port_of_its_kind(self, url: str, port: int) -> None:
        assert setting("EMAIL_PORT", EMAIL_URL=url) == str(port)

    @pytest.mark.parametrize("url", ["fish", "pigeon://canary-7f3a9c51@h", "smtp://h:canary-7f3a9c51"])
    def test_of_an_address_that_is_none_is_one_sentence_without_it(self, url: str) -> None:
        ended = python(LOAD, EMAIL_URL=url)
        assert ended.returncode != 0
        assert "EMAIL_URL is no address of a mail server." in last_line(ended.stderr)
        assert "canary" not in last_line(ended.stderr)


class TestTheAddressOfThePortal:
    def test_has_no_slash_at_its_end(self) -> None:
        assert setting("PORTAL_URL", PORTAL_URL="https://b.example.net/") == "'https://b.example.net'"

    @pytest.mark.parametrize("url", ["b.example.net", "ftp://b.example.net", "https://", "https://b.example.net/?x=y"])
    def test_that_is_none_is_told(self, url: str) -> None:
        ended = python(LOAD, PORTAL_URL=url)
        assert ended.returncode != 0
        assert "PORTAL_URL is no address." in last_line(ended.stderr)


class TestTheNetworks:
    def test_inside_which_channels_may_be_are_none_unless_they_are_named(self) -> None:
        assert setting("OUTGOING_NETWORKS") == "()"
        named = setting("OUTGOING_NETWORKS", OUTGOING_NETWORKS="10.20.0.0/16, fd00:20::/48")
        assert named == "(IPv4Network('10.20.0.0/16'), IPv6Network('fd00:20::/48'))"

    @pytest.mark.parametrize("text", ["fish", "10.20.0.1/16"])
    def test_that_are_none_are_told(self, text: str) -> None:
        ended = python(LOAD, OUTGOING_NETWORKS=text)
        assert ended.returncode != 0
        assert "OUTGOING_NETWORKS: " in last_line(ended.stderr)


class TestTheTimeZone:
    def test_is_utc_unless_it_is_said(self) -> None:
        assert setting("TIME_ZONE") == "'UTC'"

    def test_is_one_that_the_machine_knows(self) -> None:
        assert setting("TIME_ZONE", TIME_ZONE="Europe/Berlin") == "'Europe/Berlin'"

    @pytest.mark.parametrize("name", ["Europe/Atlantis", "Europe", "CEST", "../etc/passwd"])
    def test_that_is_none_is_told(self, name: str) -> None:
        ended = python(LOAD, TIME_ZONE=name)
        assert ended.returncode != 0
        assert f"TIME_ZONE names no time zone that this machine knows: {name}." in last_line(ended.stderr)


def test_the_version_is_that_of_the_project() -> None:
    """Exports name it."""
    version = setting("VERSION").strip("'")
    assert f'\nversion = "{version}"\n' in (ROOT / "pyproject.toml").read_text()


class TestSigningIn:
    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"FACTOR_KEYS": "short"}, "FACTOR_KEYS holds something that is no key."),
            ({"FACTOR_KEYS": "", "SECOND_FACTOR_ROLES": "approver"}, "SECOND_FACTOR_ROLES needs FACTOR_KEYS."),
            ({"SECOND_FACTOR_ROLES": "boss"}, "SECOND_FACTOR_ROLES names what is no role: boss."),
            ({"OIDC_ISSUER": "http://login.example.net", "OIDC_CLIENT_ID": "x"}, "OIDC_ISSUER is no address."),
            ({"OIDC_ISSUER": "https://login.example.net"}, "OIDC_CLIENT_ID is not"),
            ({"OIDC_GROUPS": "netops=boss"}, "OIDC_GROUPS cannot be read"),
        ],
        ids=str,
    )
    def test_says_in_one_sentence_what_is_wrong(self, given: dict[str, str], sentence: str) -> None:
        ended = python(LOAD, **given)
        assert ended.returncode != 0
        assert sentence in last_line(ended.stderr)

    def test_takes_a_key_from_a_file(self, tmp_path: Path) -> None:
        key = "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI="
        path = tmp_path / "keys"
        path.write_text(f"{key}\n")
        assert setting("FACTOR_KEYS", FACTOR_KEYS="", FACTOR_KEYS_FILE=str(path)) == repr([key])
