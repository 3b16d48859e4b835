"""The script that goes along with exports: it knows nothing of the portal, and finds whatever was done to one."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from accounts.authority import COMMAND_LINE, Actor
from audit.models import Format
from audit.selectors import Filter
from audit.signing import new_key
from mitigations.selectors.exporting import Events, ExchangeFilter, Exchanges, Mitigations
from mitigations.selectors.filtering import Filter as Wanted
from mitigations.services import events
from mitigations.services.auditing import proving, redacting
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast, acting
from tests.services.auditing.exports import repacked, taken
from tests.services.auditing.forging import FORGERIES, forged, rewrite

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_export.py"


def verify(path: Path, *arguments: str, without_cryptography: bool = False) -> tuple[int, str]:
    """Away from the portal: with nothing of it on the path."""
    block = "import sys; sys.modules['cryptography'] = None; " if without_cryptography else "import sys; "
    code = f"{block}sys.argv = {['verify.py', str(path), *arguments]!r}; import runpy; runpy.run_path({str(SCRIPT)!r})"
    ended = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", code], cwd=path.parent, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture
def ana(cast: Cast, settings) -> Actor:
    settings.AUDIT_SIGNING_KEY = new_key("portal")
    return acting(cast.ana)


@pytest.fixture
def package(ana: Actor) -> zipfile.ZipFile:
    """Six events, the fourth of which is signed."""
    for _ in range(4):
        make_event(events.WITHDRAWN, make_mitigation())
    proving.checkpoint(by=COMMAND_LINE, at=NOW)
    make_event(events.WITHDRAWN, make_mitigation())
    return taken(by=ana)


@pytest.fixture
def export(package: zipfile.ZipFile, tmp_path: Path) -> Path:
    return repacked(package, tmp_path / "export.zip")


def test_finds_nothing_in_what_is_as_it_was_written(export: Path) -> None:
    code, said = verify(export)
    assert (code, said) == (0, "6 events follow each other.\nOK: as it was written.\n")


def test_lies_in_the_export_itself(package: zipfile.ZipFile) -> None:
    assert package.read("verify.py") == SCRIPT.read_bytes()


@pytest.mark.parametrize("what", FORGERIES)
def test_finds(what: str, package: zipfile.ZipFile, tmp_path: Path) -> None:
    change, sentence = FORGERIES[what]
    code, said = verify(forged(package, tmp_path / "forged.zip", change))
    assert code == 1
    assert said.startswith("FLAW: ")
    assert re.search(sentence, said), said


def test_finds_data_that_are_not_those_of_the_manifest(package: zipfile.ZipFile, tmp_path: Path) -> None:
    cut = b"".join(package.read("events.ndjson").splitlines(keepends=True)[:-1])
    code, said = verify(repacked(package, tmp_path / "cut.zip", events__ndjson=cut))
    assert (code, "is not the file that the manifest was written for" in said) == (1, True)


def test_finds_a_checkpoint_that_nobody_signed(package: zipfile.ZipFile, tmp_path: Path) -> None:
    note = package.read("checkpoint.txt").replace(b"\nat 2026", b"\nat 2025")
    code, said = verify(repacked(package, tmp_path / "forged.zip", checkpoint__txt=note))
    assert (code, "None of the keys has signed the checkpoint of event 4" in said) == (1, True)


def test_finds_a_log_that_was_rewritten_whole_by_a_checkpoint_kept_elsewhere(
    package: zipfile.ZipFile, tmp_path: Path
) -> None:
    kept, keys = tmp_path / "kept.txt", tmp_path / "keys.txt"
    kept.write_bytes(package.read("checkpoint.txt"))
    keys.write_bytes(package.read("keys.txt"))
    other = forged(
        package, tmp_path / "other.zip", lambda lines: rewrite(lines, 0, subject="MIT-0"), checkpoint__txt=None
    )
    assert verify(other)[0] == 0
    code, said = verify(other, "--checkpoint", str(kept), "--keys", str(keys))
    assert (code, "states another event 4" in said) == (1, True)


def test_says_when_it_cannot_check_a_signature(export: Path) -> None:
    code, said = verify(export, without_cryptography=True)
    assert code == 0
    assert "was not checked" in said


def test_accepts_what_is_redacted_and_announced(ana: Actor, cast: Cast, tmp_path: Path) -> None:
    for log in ("events", "exchanges"):
        make_event(events.WITHDRAWN, make_mitigation())
        make_exchange()
        redaction = redacting.ask(log=log, number=1, reason="A name.", by=ana, at=NOW)
        redacting.carry_out(id=redaction.pk, by=acting(cast.max), at=NOW)
    assert verify(repacked(taken(by=ana), tmp_path / "events.zip"))[0] == 0
    exchanges = repacked(taken(Exchanges(ExchangeFilter()), by=ana), tmp_path / "exchanges.zip")
    code, said = verify(exchanges)
    assert code == 0
    assert "exchanges 1 is redacted; event 6, which is not in this file, announced it." in said


@pytest.mark.parametrize(
    ("source", "format"),
    [
        (Events(Filter(actor_name="worker")), Format.NDJSON),
        (Events(Filter()), Format.CSV),
        (Mitigations(Wanted()), Format.NDJSON),
    ],
)
def test_checks_of_a_selection_or_a_table_what_can_be(
    source: Events | Mitigations, format: Format, export: Path, ana: Actor, tmp_path: Path
) -> None:
    code, said = verify(repacked(taken(source, by=ana, format=format), tmp_path / "some.zip"))
    assert (code, said.endswith("OK: as it was exported.\n")) == (0, True)


def test_says_so_of_what_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("x")
    code, said = verify(tmp_path / "x.zip")
    assert (code, said.startswith("FLAW: This is no export")) == (1, True)
