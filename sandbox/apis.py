"""Which of Kentik's two APIs a path belongs to."""

from enum import StrEnum


class Api(StrEnum):
    V5 = "v5"
    V6 = "v6"


ROOTS = {"/api/v5": Api.V5, "/v202505": Api.V6}


def api_of(target: str) -> Api | None:
    path = target.partition("?")[0]
    return next((api for root, api in ROOTS.items() if path == root or path.startswith(f"{root}/")), None)
