"""What all shapes of the API are made of. Times are RFC 3339 in UTC, prefixes canonical text."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mitigations.policies.guardrails import Severity

# More than any database gives.
MOST_ID = 2**62
Count = Annotated[int, Field(ge=0, le=MOST_ID)]
Number = Annotated[int, Field(ge=1, le=MOST_ID)]
Reference = Annotated[str, Field(pattern=r"^MIT-[1-9][0-9]{0,17}$", examples=["MIT-42"])]


def _storable(text: str) -> str:
    """No text that a database could not keep."""
    if "\x00" in text:
        raise ValueError("It holds a null character")
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_storable)]


class Shape(BaseModel):
    """What is not named is refused: a field that is misspelled would otherwise be passed over in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(Shape):
    """What stands against it, or wants a look. `mend` says how it can be put right, `pointer` where it stands."""

    code: str
    sentence: str
    severity: Severity | None = None
    mend: str = ""
    collides: str | None = None
    pointer: str | None = None


class Problem(Shape):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    findings: list[Finding]
