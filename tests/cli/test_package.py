"""What is installed elsewhere: the wheel, without anything of the portal."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from breakwater_cli import __version__
from tests.cli.running import CLI


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", folder, CLI], check=True, capture_output=True)
    [made] = folder.glob("*.whl")
    return made


def test_runs_from_the_wheel_alone_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    says = f"import sys; sys.path.insert(0, {str(wheel)!r}); sys.argv = ['breakwater', *sys.argv[1:]]; "
    says += "from breakwater_cli.main import main; main()"
    command = [sys.executable, "-I", "-c", says]
    version = subprocess.run([*command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    lost = subprocess.run([*command, "me"], cwd=tmp_path, capture_output=True, text=True, env={})

    assert version.stdout == f"breakwater, version {__version__}\n"
    assert lost.returncode == 2
    assert "BREAKWATER_URL" in lost.stderr


def test_names_the_command_and_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        [points] = [name for name in names if name.endswith("entry_points.txt")]
        assert "breakwater=breakwater_cli.main:main" in package.read(points).decode().replace(" ", "")

    assert {name.partition("/")[0] for name in names} == {"breakwater_cli", f"breakwater_cli-{__version__}.dist-info"}


def test_has_the_version_of_the_portal() -> None:
    portal = tomllib.loads((CLI.parent / "pyproject.toml").read_text())

    assert portal["project"]["version"] == __version__
