"""The documents are held to the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mitigations.forms.catalogue_file import read
from mitigations.forms.plan_file import COLUMNS
from mitigations.policies.lifecycle import MOVES
from mitigations.policies.meanings import MEANINGS
from mitigations.policies.plan import Part
from mitigations.views.shortcuts import SHORTCUTS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def lifecycle_table() -> str:
    rows = [f"| `{move.before}` | {move.deed} | `{move.after}` | {move.when} |" for move in MOVES]
    return "\n".join(["| from | deed | to | when |", "| --- | --- | --- | --- |", *rows])


def test_the_architecture_shows_every_move() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    shown = re.search(r"<!-- lifecycle[^>]*-->\n(.*?)\n<!-- /lifecycle -->", text, re.DOTALL)

    assert shown is not None
    assert shown[1] == lifecycle_table()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())
    images = re.findall(r'src="([^"]+)"', document.read_text())

    missing = [link for link in links + images if not (document.parent / link).exists()]
    assert missing == []


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(document.read_text() for document in DOCUMENTS)
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))

    assert {"demo", "test", "check"} <= named <= targets


def threats() -> dict[str, list[str]]:
    """What somebody might do → the tests that are said to show what stands in the way."""
    lines = (ROOT / "docs" / "threat-model.md").read_text().splitlines()
    rows = [line.strip("|").split(" | ") for line in lines if line.startswith("| ")][2:]
    return {f"{who.strip()}: {might}": re.findall(r"`(tests/[^`]+)`", proof) for who, might, _, proof in rows}


def test_the_threat_model_is_read_by_this_test() -> None:
    assert len(threats()) > 50


@pytest.mark.parametrize("threat", threats())
def test_every_threat_names_a_test_that_is_there(threat: str) -> None:
    paths = [ROOT / path for path in threats()[threat]]

    assert paths
    for path in paths:
        files = [path] if path.suffix == ".py" else sorted(path.rglob("test_*.py"))
        assert any("def test_" in file.read_text() for file in files), path


def test_the_example_catalogue_is_right() -> None:
    rows, mistakes = read(ROOT / "docs" / "examples" / "catalogue.csv")

    assert (len(rows), mistakes) == (7, [])


def guardrail_codes() -> set[str]:
    code = (ROOT / "mitigations" / "policies" / "guardrails.py").read_text()
    return set(re.findall(r'(?:_block\(\s*|code=)"([a-z-]+)"', code)) | {"not-canonical"}


def test_every_guardrail_is_explained() -> None:
    assert set(MEANINGS) == guardrail_codes()


@pytest.mark.parametrize("code", sorted(guardrail_codes()))
def test_a_guardrail_is_explained_in_the_documents_as_on_the_page(code: str) -> None:
    (severity,) = re.findall(
        rf"^\| `{code}` \| ([a-z ,]+) \| {re.escape(MEANINGS[code].means)} \| {re.escape(MEANINGS[code].remedy)} \|$",
        (ROOT / "docs" / "guardrails.md").read_text(),
        re.MULTILINE,
    )

    assert severity in {"block", "review", "block or review", "review, or block"}


@pytest.mark.parametrize(("part", "name"), [(Part.SPACE, "address-space.csv"), (Part.PROTECTED, "protected.csv")])
def test_the_example_plan_has_the_shape_that_is_read(part: Part, name: str) -> None:
    header = (ROOT / "docs" / "examples" / name).read_text().splitlines()[0]

    assert tuple(header.split(",")) == COLUMNS[part]


def test_every_shortcut_is_documented() -> None:
    rows = re.findall(r"^\| ((?:`.` ?)+) \| (.*) \|$", (ROOT / "docs" / "using.md").read_text(), re.MULTILINE)

    assert rows == [(" ".join(f"`{key}`" for key in each.keys), each.words) for each in SHORTCUTS]


def test_make_help_lists_what_the_readme_starts_with() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {"demo", "test", "check", "run", "bench"} <= set(re.findall(r"make ([a-z-]+)", listed))
