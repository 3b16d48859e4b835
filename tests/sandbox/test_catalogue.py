import json
from pathlib import Path

import pytest

from sandbox import catalogue
from sandbox.catalogue import CatalogueError
from sandbox.server import Sandbox
from tests.sandbox.calls import mitigate

RTBH = {"id": "1", "name": "Lab", "type": "RTBH", "methods": ["2"]}
DROP = {"id": "2", "name": "Drop", "type": "RTBH"}


def written(folder: Path, *, platforms: list[object], methods: list[object]) -> Path:
    path = folder / "catalogue.json"
    path.write_text(json.dumps({"platforms": platforms, "methods": methods}))
    return path


def test_ships_the_pairs_of_the_demo() -> None:
    platforms = catalogue.load().platforms.values()

    pairs = {(platform.kind.value, platform.id): sorted(platform.method_ids) for platform in platforms}
    assert pairs == {
        ("RTBH", "257"): ["775", "776"],
        ("FLOWSPEC", "258"): ["781", "782"],
        ("A10", "259"): ["791"],
        ("RADWARE", "260"): ["795"],
        ("CFMT", "261"): ["799"],
    }


def test_is_replaced_by_a_file(tmp_path: Path) -> None:
    with Sandbox(catalogue=written(tmp_path, platforms=[RTBH], methods=[DROP])) as sandbox:
        assert mitigate(sandbox.url, platformID="1", methodId="2").status_code == 200


@pytest.mark.parametrize(
    ("platforms", "methods", "sentence"),
    [
        ([RTBH], [], "Platform 1 is linked to method 2, which is not listed."),
        ([RTBH], [{**DROP, "type": "A10"}], "Platform 1 and its method 2 are not of the same type."),
        ([{"id": "1"}], [], "The catalogue catalogue.json cannot be used"),
        ([{**RTBH, "type": "TOASTER"}], [DROP], "The catalogue catalogue.json cannot be used"),
    ],
)
def test_refuses_a_file_that_makes_no_sense(
    tmp_path: Path, platforms: list[object], methods: list[object], sentence: str
) -> None:
    with pytest.raises(CatalogueError, match=sentence):
        catalogue.load(written(tmp_path, platforms=platforms, methods=methods))
