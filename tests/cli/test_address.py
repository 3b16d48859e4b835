from __future__ import annotations

import pytest

from breakwater_cli.address import BadAddress, read

GOOD = {
    "https://breakwater.example.net": "https://breakwater.example.net",
    "https://breakwater.example.net:8443/portal/": "https://breakwater.example.net:8443/portal",
    "http://127.0.0.1:8000": "http://127.0.0.1:8000",
    "http://localhost:80": "http://localhost",
    "http://[::1]:8000/": "http://[::1]:8000",
    "https://breakwater.example.net/a%20b/~x": "https://breakwater.example.net/a%20b/~x",
    "https://pörtal.example": "https://pörtal.example",
}
BAD = (
    *(
        "",
        "breakwater.example.net",
        "http://breakwater.example.net",
        "http://192.0.2.1",
        "http://localhost.example.net",
    ),
    *(
        "ftp://localhost",
        "https://",
        "https://us@breakwater.example.net",
        "https://a.example?x=1",
        "https://a.example#x",
    ),
    *("https://a.example/ü", "https://a.example/a b", "https://a.example/a%2", 'https://a.example/"x"'),
    *("https://a.example/a\tb", "https://a.example\r", "https://a\u3000b.example", "https://a b.example"),
    *("https://a.example:70000", "https://[::1", "http://0.0.0.0"),
)


@pytest.mark.parametrize("text", GOOD)
def test_reads(text: str) -> None:
    assert str(read(text)) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_takes_no(text: str) -> None:
    with pytest.raises(BadAddress):
        read(text)
