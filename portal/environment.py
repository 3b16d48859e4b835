"""Where settings come from: the environment, then the file that ENV_FILE names.

A value in the environment wins over the file. A secret may also be given as a path in NAME_FILE, so that it can be
mounted as a file and never stands in a process list.
"""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from accounts.authority import PEOPLE
from accounts.groups import read as read_groups
from accounts.secrets import are_keys

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
BASE_DIR = Path(__file__).resolve().parent.parent


def read() -> environ.FileAwareEnv:
    """Load the env file, if it is there, and return the reader of settings."""
    name = os.environ.get("ENV_FILE", ".env")
    path = BASE_DIR / name
    if path.is_file():
        environ.Env.read_env(path)
    elif "ENV_FILE" in os.environ:
        raise ImproperlyConfigured(f"ENV_FILE names {name}, and there is no such file in {BASE_DIR}.")
    return _FileAwareEnv()


class _FileAwareEnv(environ.FileAwareEnv):  # type: ignore[misc] # environ has no types
    """A value from NAME_FILE ends before its line end: nearly every tool writes one, and no header may carry it."""

    def get_value(self, *args: Any, **kwargs: Any) -> Any:
        value = super().get_value(*args, **kwargs)
        if isinstance(value, list):
            return [each.strip() if isinstance(each, str) else each for each in value]
        return value.rstrip("\r\n") if isinstance(value, str) else value


def secret(env: environ.FileAwareEnv, name: str, *, how: str) -> str:
    """A value without which the portal must not start; `how` says where to get one."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {how} See .env.example and docs/settings.md.")
    return cast("str", value)


def hosts(env: environ.FileAwareEnv) -> list[str]:
    """The names by which browsers reach the portal. Not every name: addresses are made and origins compared by it."""
    names = cast("list[str]", env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"]))
    if "*" in names:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts of the portal: * is every host there is.")
    return names


def factor_keys(env: environ.FileAwareEnv) -> list[str]:
    """The keys that encrypt second factors, the one in use first; none: second factors cannot be set up."""
    keys = str(env.str("FACTOR_KEYS", default="")).replace(",", " ").split()
    if keys and not are_keys(keys):
        raise ImproperlyConfigured("FACTOR_KEYS holds something that is no key. `manage.py factor_key` makes one.")
    return keys


def issuer(env: environ.FileAwareEnv) -> str:
    """The provider that people sign in by, as it names itself; empty for none. Plain http is for loopback."""
    url = cast("str", env.str("OIDC_ISSUER", default="")).rstrip("/")
    if not url:
        return ""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.netloc or parts.query or parts.fragment:
        raise ImproperlyConfigured("OIDC_ISSUER is no address. It reads like https://login.example.net/realms/team.")
    if not env.str("OIDC_CLIENT_ID", default=""):
        raise ImproperlyConfigured("OIDC_ISSUER is set, and OIDC_CLIENT_ID is not: the provider gives you one.")
    return url


def groups(env: environ.FileAwareEnv) -> list[str]:
    """Pairs of a group at the provider and a role here."""
    pairs = cast("list[str]", env.list("OIDC_GROUPS", default=[]))
    try:
        read_groups(pairs)
    except ValueError as error:
        raise ImproperlyConfigured(f"OIDC_GROUPS cannot be read: {error}") from None
    return pairs


def roles(env: environ.FileAwareEnv) -> list[str]:
    """Those of whoever must have a second factor."""
    names = cast("list[str]", env.list("SECOND_FACTOR_ROLES", default=[]))
    if unknown := set(names) - {role.value for role in PEOPLE}:
        raise ImproperlyConfigured(f"SECOND_FACTOR_ROLES names what is no role: {', '.join(sorted(unknown))}.")
    if names and not factor_keys(env):
        raise ImproperlyConfigured("SECOND_FACTOR_ROLES needs FACTOR_KEYS. `manage.py factor_key` makes one.")
    return names


def mail(env: environ.FileAwareEnv) -> dict[str, Any]:
    """Django's mail settings of EMAIL_URL; none when it is empty, for then mail is off. It may hold a password."""
    url = env.str("EMAIL_URL", default="")
    if not url:
        return {}
    try:
        return dict(environ.Env.email_url_config(url))
    except (ImproperlyConfigured, KeyError, ValueError):
        raise ImproperlyConfigured(
            "EMAIL_URL is no address of a mail server. It reads like smtp+tls://user:password@mail.example.net:587."
        ) from None


def portal_url(env: environ.FileAwareEnv) -> str:
    """Where people reach the portal, without a slash at the end; empty when nobody has said."""
    url = cast("str", env.str("PORTAL_URL", default="")).rstrip("/")
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise ImproperlyConfigured("PORTAL_URL is no address. It reads like https://breakwater.example.net.")
    return url


def networks(env: environ.FileAwareEnv) -> tuple[IPv4Network | IPv6Network, ...]:
    """The internal networks that channels and webhooks may be in."""
    try:
        return tuple(ip_network(text.strip()) for text in env.list("OUTGOING_NETWORKS", default=[]))
    except ValueError as error:
        raise ImproperlyConfigured(f"OUTGOING_NETWORKS: {error}. One reads 10.20.0.0/16, several by commas.") from None


def time_zone(env: environ.FileAwareEnv) -> str:
    """The site's zone, which this machine knows."""
    name = cast("str", env.str("TIME_ZONE", default="UTC"))
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"TIME_ZONE names no time zone that this machine knows: {name}. One reads Europe/Berlin; the system's "
            "package tzdata has them."
        ) from None


def database(env: environ.FileAwareEnv) -> dict[str, Any]:
    """The database of DATABASE_URL, with the options that promise 3 rests on.

    SQLite: IMMEDIATE transactions, or two writers meet "database is locked" and `select_for_update` locks nothing;
    WAL for speed; `synchronous=FULL`, because a claim that a power cut takes back would be sent a second time;
    recursive triggers, or INSERT OR REPLACE would get round those that refuse to delete.
    """
    config = dict(env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'breakwater.sqlite3'}"))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "timeout": 20,
            **config.get("OPTIONS", {}),
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
        }
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
        config["OPTIONS"] = {**config.get("OPTIONS", {}), "connect_timeout": 5}
    return config
