from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.making import NOW


@pytest.fixture(autouse=True)
def _static_files_as_they_are(settings) -> None:
    """Pages need no `collectstatic` before the tests."""
    settings.STATIC_ROOT = None
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is NOW, and stays so until the test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
