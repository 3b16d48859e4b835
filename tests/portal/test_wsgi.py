"""What reaches Django from the server in front of it."""

from __future__ import annotations

import importlib
import io
from types import ModuleType
from typing import Any

import pytest
from django.test import RequestFactory

CODECS = ["hex", "zlib", "undefined", "idna", "rot13", "utf-16", "nope"]
KINDS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]


@pytest.fixture
def wsgi(db: None) -> ModuleType:
    """Loaded by the first who asks: all of the middleware is built with it, by the settings of tests."""
    return importlib.import_module("portal.wsgi")


def status(wsgi: ModuleType, content_type: str, body: bytes = b"username=%e4", query: str = "next=%e4") -> int:
    """Of the answer to a stranger who sends this to the door."""
    told: list[str] = []
    environ: dict[str, Any] = {
        **RequestFactory().post("/account/login/").environ,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "QUERY_STRING": query,
        "wsgi.input": io.BytesIO(body),
    }
    for _ in wsgi.application(environ, lambda line, *_: told.append(line)):
        pass
    return int(told[0].split()[0])


@pytest.mark.parametrize("charset", CODECS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_charset_that_is_none_breaks_nothing(kind: str, charset: str, wsgi: ModuleType) -> None:
    """A stranger could break any address by naming one of Python's codecs that read no text."""
    assert status(wsgi, f"{kind}; charset={charset}") == 403


def test_as_many_parameters_as_one_likes_break_nothing_either(wsgi: ModuleType) -> None:
    """Django reads them early where a charset is named, before it can make a page of an error."""
    assert status(wsgi, "text/plain; charset=utf-8", query="a=&" * 1200) == 413


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("", ""),
        ("text/plain", "text/plain"),
        ("application/x-www-form-urlencoded; charset=UTF-8", "application/x-www-form-urlencoded"),
        ("multipart/form-data; charset=utf-8; boundary=a;b", 'multipart/form-data; boundary="a"'),
        ("multipart/form-data; boundary=----x", "multipart/form-data; boundary=----x"),
        ("text/plain; charset=hex", "application/octet-stream"),
        ("text/plain; charset*=nope''x", "application/octet-stream"),
        ("text/plain; boundary*=nope''x", "application/octet-stream"),
    ],
)
def test_what_a_request_says_of_itself_is_told_without_a_charset(named: str, told: str, wsgi: ModuleType) -> None:
    assert wsgi.without_charset(named) == told
