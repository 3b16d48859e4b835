"""Which errors each kind of operation may answer with, for the schema."""

from __future__ import annotations

from pydantic import BaseModel

from mitigations.api.shapes.plain import Problem

_ALWAYS = frozenset({400, 401, 403, 422, 429, 503})
_OF_ONE = _ALWAYS | {404}
_OF_A_DEED = _OF_ONE | {409, 411, 413, 415}

Responses = dict[int | frozenset[int], type[BaseModel]]


def read(shape: type[BaseModel]) -> Responses:
    return {200: shape, _ALWAYS: Problem}


def one(shape: type[BaseModel]) -> Responses:
    return {200: shape, _OF_ONE: Problem}


def deed(shape: type[BaseModel], *statuses: int) -> Responses:
    return {**dict.fromkeys(statuses, shape), _OF_A_DEED: Problem}
