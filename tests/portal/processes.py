"""Python processes with settings of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = {"SECRET_KEY": "x" * 60, "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings"}


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it in the portal's folder with these settings and no others. One that is empty is not set at all."""
    with tempfile.NamedTemporaryFile() as empty:
        given = {name: value for name, value in {**SETTINGS, "ENV_FILE": empty.name, **environment}.items() if value}
        return subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60
        )


def setting(name: str, **environment: str) -> str:
    """The value of one setting."""
    ended = python(f"from portal import settings; print(repr(settings.{name}))", **environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()
