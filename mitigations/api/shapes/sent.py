"""What callers send."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from mitigations.api.shapes.plain import MOST_ID, Shape, Text
from mitigations.policies.catalogue import MAX_MINUTES
from mitigations.policies.many import MOST


class Sent(Shape):
    """Each value is of the type that the schema says: `false` for minutes would read as 0, and that is without end."""

    model_config = ConfigDict(strict=True)


class Terms(Sent):
    """What is to be done, whatever the target."""

    pairing: Annotated[int, Field(ge=1, le=MOST_ID, description="Its ID in the catalogue.")]
    minutes: Annotated[
        int | None,
        Field(ge=0, le=MAX_MINUTES, description="Until the auto-stop. Left out: the pairing's usual ones. 0: none."),
    ] = None
    comment: Annotated[Text, Field(max_length=200, description="Goes to Kentik with the mitigation.")] = ""
    ticket: Annotated[Text, Field(max_length=100, description="Of your own system.")] = ""


_TARGET = Field(max_length=100, description="An IP address or a prefix.", examples=["203.0.113.7/32"])


class Ask(Terms):
    target: Annotated[Text, _TARGET]
    reason: Annotated[Text, Field(min_length=1, max_length=2000, description="Who decides reads it.")]


class Preview(Terms):
    target: Annotated[Text, _TARGET]


class AskMany(Terms):
    """One request for each target, all on the same terms; all of them or none."""

    targets: Annotated[
        list[Annotated[str, Field(max_length=100, pattern=r"^[0-9A-Fa-f:./]+$")]],
        Field(min_length=1, max_length=MOST, description="IP addresses or prefixes, at most 500."),
    ]
    reason: Annotated[Text, Field(min_length=1, max_length=2000, description="Who decides reads it.")]


class Note(Sent):
    note: Annotated[Text, Field(max_length=2000, description="Kept for the record.")] = ""


class Reason(Sent):
    note: Annotated[Text, Field(min_length=1, max_length=2000, description="Why.")]


class Approve(Note):
    shown: Annotated[
        Text,
        Field(max_length=64, description="The word of what was read: then what has changed since is a conflict."),
    ] = ""


class Verify(Sent):
    whole: Annotated[bool, Field(description="From the first event; otherwise from the newest checkpoint.")] = False
