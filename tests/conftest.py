from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, SimpleTestCase
from hypothesis import is_hypothesis_test

from mitigations.selectors import ordered
from sandbox.server import Sandbox
from tests.databases import execute_sql_flush
from tests.people import Cast, browser_of, make_cast
from tests.scheduling import TwoBrowsers
from tests.shared import FOLDER, Template, template

# Examples take as long as a busy machine lets them: slowness is measured in the benchmark. Fewer than usual, for they
# are a third of the time; HYPOTHESIS_EXAMPLES=1000 looks longer.
_EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "20"))
hypothesis.settings.register_profile("patient", deadline=None, max_examples=_EXAMPLES)
hypothesis.settings.load_profile("patient")

HERE = Path(__file__).parent
# Tests without a database count tries as well; what several processes count is tested where it is about that.
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# What these start as a process reaches a database that pytest-django knows nothing of.
WITH_PROCESSES = ("browser", "commands", "portal", "processes")
# Pages come out the same on any database, but for those whose queries each one plans and sorts in its own way.
OF_PAGES = ("portal", "views")
PLANNED_BY_EACH = (
    "test_listing",
    "test_queries",
    "test_reports",
    "test_searching",
    "test_saved",
    "test_targets",
    "test_health",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TwoBrowsers:
    return TwoBrowsers(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_of_a_page(item):
            item.add_marker(pytest.mark.any_database)
        if uses_a_database(item) and not item.get_closest_marker("any_database"):
            item.add_marker(pytest.mark.database)
        if is_hypothesis_test(getattr(item, "obj", None)):
            # Lines that are hit at random prove little, and counting them would be a third of the time.
            item.add_marker(pytest.mark.no_cover)


def is_of_a_page(item: pytest.Item) -> bool:
    return item.path.relative_to(HERE).parts[0] in OF_PAGES and item.path.stem not in PLANNED_BY_EACH


def uses_a_database(item: pytest.Item) -> bool:
    """To any other test pytest-django refuses one, so that which database there is means nothing to it."""
    named = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    is_django_case = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    return bool(
        named
        or is_django_case
        or item.get_closest_marker("django_db")
        or item.path.relative_to(HERE).parts[0] in WITH_PROCESSES
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file rather than in memory: threads and real worker processes share it with the test."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("db") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, migrated: Template | None) -> bool:
    """Whether there is one already, as another worker of this run has migrated it."""
    return migrated is not None and migrated.take(connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, migrated: Template | None) -> None:
    if migrated is not None:
        with django_db_blocker.unblock():
            migrated.give(connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(scope="session")
def migrated(_shared_by_the_run: None) -> Template | None:
    return template("migrated") if connection.vendor == "sqlite" else None


@pytest.fixture(autouse=True, scope="session")
def _shared_by_the_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The workers of xdist have a folder each, in one that is theirs."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ[FOLDER] = str(tmp_path_factory.getbasetemp().parent)


@pytest.fixture(autouse=True, scope="session")
def _flush_lifts_triggers() -> Iterator[None]:
    original = connection.ops.execute_sql_flush
    connection.ops.execute_sql_flush = execute_sql_flush(original)
    yield
    connection.ops.execute_sql_flush = original


@pytest.fixture(autouse=True, scope="session")
def _every_number_is_near() -> Iterator[None]:
    """PostgreSQL takes no number back with its row, so they are high late in a run: where lists are looked through in
    two parts, the tests before would decide how many queries one takes.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordered, "_NEAR", 10**9)
        yield


@pytest.fixture(autouse=True)
def _static_files_as_they_are(settings: Any) -> None:
    """Pages need no `collectstatic` before the tests."""
    settings.STATIC_ROOT = None
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def signed_in(cast: Cast):
    """`signed_in("dana")` is a browser in which dana has signed in."""

    def sign_in(name: str) -> Client:
        return browser_of(getattr(cast, name))

    return sign_in


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0) as running:
        yield running


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, and a certificate is needed")
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = (folder / name for name in ("key.pem", "cert.pem", "both.pem"))
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        [openssl, "req", "-x509", *made, *names, "-keyout", key, "-out", cert], check=True, capture_output=True
    )
    both.write_bytes(cert.read_bytes() + key.read_bytes())
    return both


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
