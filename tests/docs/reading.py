"""What stands in a document: its tables that tests compare with the code, and the commands that they run."""

from __future__ import annotations

import re


def table(text: str, name: str) -> list[list[str]]:
    """The cells of the table between the marks of this name, without its head."""
    found = re.search(rf"<!-- {name}:.*?-->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    assert found is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()[2:]]


def commands(text: str) -> list[str]:
    """Each line of each block for a shell."""
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
