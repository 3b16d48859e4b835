"""What may stand behind the question mark of an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from mitigations.api.shapes.plain import MOST_ID, Text
from mitigations.policies.catalogue import MAX_MINUTES
from mitigations.policies.lifecycle import Status
from mitigations.policies.ordering import Order

_FIRST_YEAR, _LAST_YEAR = 2000, 2999


def _in_utc(at: datetime) -> datetime:
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"It must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Cursor = Annotated[Text, Field(max_length=400, description="Where to go on: `next` of the page before.")]
Id = Annotated[int, Field(ge=1, le=MOST_ID)]


class Query(BaseModel):
    model_config = ConfigDict(frozen=True)


class Nothing(Query):
    """No parameters."""


class Paged(Query):
    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Mitigations(Paged):
    status: list[Status] = Field(default=[])
    target: Annotated[Text, Field(max_length=100)] | None = None
    how: Annotated[
        Literal["inside", "overlapping", "exactly", "covering"], Field(description="What it must be to `target`.")
    ] = "overlapping"
    platform: Id | None = None
    method: Id | None = None
    by: Annotated[Text, Field(max_length=150)] = ""
    ticket: Annotated[Text, Field(max_length=100)] = ""
    approved_by: Annotated[Text, Field(max_length=150)] = ""
    rejected_by: Annotated[Text, Field(max_length=150)] = ""
    since: Annotated[Moment | None, Field(description="Asked for from then on.")] = None
    until: Annotated[Moment | None, Field(description="Asked for before then.")] = None
    live_at: Annotated[Moment | None, Field(description="In force then.")] = None
    glass: Annotated[bool, Field(description="Only those that went out by broken glass.")] = False
    order: Order = Order.NEWEST


class Ranges(Paged):
    inside: Annotated[Text, Field(max_length=100, description="Only those that share an address with it.")] | None = (
        None
    )


class Simulated(Query):
    who: Annotated[Text, Field(max_length=150, description="The username of whoever asks.")]
    target: Annotated[Text, Field(max_length=100)]
    pairing: Id
    minutes: Annotated[int, Field(ge=0, le=MAX_MINUTES)] = 60


class Exchanges(Query):
    after: Annotated[int, Field(ge=0, le=MOST_ID, description="The number of the last exchange that you have.")] = 0
    limit: Annotated[int, Field(ge=1, le=100, description="Each may have 100 KB and more.")] = 50


class Log(Query):
    after: Annotated[int, Field(ge=0, le=MOST_ID, description="The number of the last event that you have.")] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    wait: Annotated[int, Field(ge=0, le=25, description="So many seconds, while there is no newer one.")] = 0
    words: Annotated[Text, Field(max_length=200)] = ""
    person: Annotated[Text, Field(max_length=150)] = ""
    deed: Annotated[Text, Field(max_length=64)] = ""
    subject: Annotated[Text, Field(max_length=300)] = ""
    outcome: Literal["", "done", "refused"] = ""
    review: bool = False
    since: Moment | None = None
    until: Moment | None = None
