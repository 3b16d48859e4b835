"""Files that have left the portal, walked along without its database."""

from __future__ import annotations

import gzip
import re
import zipfile
from pathlib import Path

import pytest

from accounts.authority import COMMAND_LINE
from audit import exported, keys
from audit.chain import Head
from audit.exported import BadExport, verify_file
from audit.models import Format
from audit.notes import Statement, statement
from audit.selectors import Filter
from audit.signing import new_key, verified
from audit.trails import Verdict
from audit.walking import Kind
from mitigations.selectors.exporting import Events, ExchangeFilter, Exchanges
from mitigations.services import events
from mitigations.services.auditing import proving
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast, acting
from tests.services.auditing.exports import repacked, taken
from tests.services.auditing.forging import FORGERIES, forged


@pytest.fixture
def package(cast: Cast, settings) -> zipfile.ZipFile:
    """Six events, the fourth of which is signed."""
    settings.AUDIT_SIGNING_KEY = new_key("portal")
    make_exchange()
    for _ in range(4):
        make_event(events.WITHDRAWN, make_mitigation())
    proving.checkpoint(by=COMMAND_LINE, at=NOW)
    make_event(events.WITHDRAWN, make_mitigation())
    return taken(by=acting(cast.ana))


@pytest.fixture
def export(package: zipfile.ZipFile, tmp_path: Path) -> Path:
    return repacked(package, tmp_path / "export.zip")


def check(path: Path, *kept: Statement) -> Verdict:
    return verify_file(path, kept=kept, keys=keys.believed())


def test_finds_nothing_in_what_is_as_it_was_written(export: Path) -> None:
    verdict = check(export)
    assert verdict.flaw is None
    assert (verdict.start, verdict.walked, verdict.checkpoints) == (0, 6, 1)
    assert verdict.sentence == "Events 1 to 6 are as they were written."


@pytest.mark.parametrize("what", FORGERIES)
def test_finds(what: str, package: zipfile.ZipFile, tmp_path: Path) -> None:
    change, sentence = FORGERIES[what]
    flaw = check(forged(package, tmp_path / "forged.zip", change)).flaw
    assert flaw is not None
    assert re.search(sentence, flaw.sentence), flaw.sentence


def test_finds_data_that_are_not_those_of_the_manifest(package: zipfile.ZipFile, tmp_path: Path) -> None:
    cut = b"".join(package.read("events.ndjson").splitlines(keepends=True)[:-1])
    flaw = check(repacked(package, tmp_path / "cut.zip", events__ndjson=cut)).flaw
    assert flaw is not None
    assert flaw.sentence == "events.ndjson is not the file that the manifest was written for."


def test_finds_a_checkpoint_that_nobody_signed(package: zipfile.ZipFile, tmp_path: Path) -> None:
    note = package.read("checkpoint.txt").replace(b"\nat 2026", b"\nat 2025")
    flaw = check(repacked(package, tmp_path / "forged.zip", checkpoint__txt=note)).flaw
    assert flaw is not None
    assert flaw.kind == Kind.CHECKPOINT


def test_asks_a_checkpoint_that_was_kept_elsewhere(package: zipfile.ZipFile, tmp_path: Path) -> None:
    kept = statement(verified(package.read("checkpoint.txt").decode(), keys.believed())[0])
    without = repacked(package, tmp_path / "without.zip", checkpoint__txt=None)
    other = Statement(head=Head(number=4, hash="1" * 64), at=NOW)
    assert check(without, kept).flaw is None
    flaw = check(without, other).flaw
    assert flaw is not None
    assert flaw.number == 4


def test_walks_along_the_exchanges_alone(package: zipfile.ZipFile, cast: Cast, tmp_path: Path) -> None:
    path = repacked(taken(Exchanges(ExchangeFilter()), by=acting(cast.ana)), tmp_path / "exchanges.zip")
    verdict = check(path)
    assert (verdict.flaw, verdict.sentence) == (None, "Exchanges 1 to 1 are as they were written.")


@pytest.mark.parametrize("name", ["events.ndjson", "events.ndjson.gz"])
def test_walks_along_a_plain_file_of_lines(name: str, package: zipfile.ZipFile, tmp_path: Path) -> None:
    path, data = tmp_path / name, package.read("events.ndjson")
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert check(path).sentence == "Events 1 to 6 are as they were written."
    assert [row.number for row in exported.rows(path, "events")] == list(range(1, 7))
    assert list(exported.rows(path, "exchanges")) == []


def test_takes_the_first_record_of_a_plain_file_for_granted(package: zipfile.ZipFile, tmp_path: Path) -> None:
    path, lines = tmp_path / "events.ndjson", package.read("events.ndjson").splitlines(keepends=True)
    path.write_bytes(b"".join(lines[2:]))
    assert check(path).sentence == "Events 4 to 6 are as they were written."
    path.write_bytes(b"".join([lines[2], *lines[4:]]))
    flaw = check(path).flaw
    assert flaw is not None
    assert (flaw.kind, flaw.number) == (Kind.MISSING, 4)


def test_a_file_that_breaks_off_is_no_chain(package: zipfile.ZipFile, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(gzip.compress(package.read("events.ndjson"))[:-20])
    with pytest.raises(BadExport, match="cannot be read"):
        check(path)


@pytest.mark.parametrize(
    "data", [b"", b"x\n", b'{"log":"events"}\n', b'{"log":1,"number":1,"hash":"","body":"","detail":null}\n']
)
def test_what_is_no_file_of_lines_is_said_to_be_none(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(data)
    with pytest.raises(BadExport):
        verify_file(path)


def test_a_selection_or_a_table_is_no_chain(package: zipfile.ZipFile, cast: Cast, tmp_path: Path) -> None:
    ana = acting(cast.ana)
    selection = repacked(taken(Events(Filter(actor_name="worker")), by=ana), tmp_path / "some.zip")
    table = repacked(taken(by=ana, format=Format.CSV), tmp_path / "table.zip")
    for path, sentence in ((selection, "a selection"), (table, "a table")):
        with pytest.raises(BadExport, match=sentence):
            check(path)


def test_a_zip_of_something_else_is_no_export(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("x", "x")
    with pytest.raises(BadExport, match="no export"):
        verify_file(path)
