from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.kentik.messages import Outcome
from mitigations.kentik.reading import is_about_credentials, judge, reason

DOCUMENTED = '{\n  "response": {\n    "result": "OK",\n  }\n}'


@pytest.mark.parametrize(
    "body",
    [
        '{"response":{"result":"OK"}}',
        DOCUMENTED,
        '{"response":{"result":"OK"},}',
        '{"response":{"result":"OK","mitigationID":7,"message":"done"}}',
        ' {"response" : {"result" : "OK"} }\n',
    ],
)
def test_takes_the_exact_ok_as_accepted(body: str) -> None:
    assert judge(200, body) == (Outcome.ACCEPTED, "Kentik accepted it.")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "OK",
        '"OK"',
        "null",
        "[]",
        "{}",
        '{"result":"OK"}',
        '{"response":"OK"}',
        '{"response":{"result":"ok"}}',
        '{"response":{"result":"OK "}}',
        '{"response":{"result":"OK,}"},}',
        '{"response":{"result":["OK"]}}',
        '{"response":{"result":true}}',
        '{"response":{"result":null}}',
        '{"response":{"result":"ERROR"}}',
        '[{"response":{"result":"OK"}}]',
        '{"response":{"result":"OK"',
        '{"response":{"result":"OK"}} {}',
        "<html>OK</html>",
    ],
)
def test_takes_any_other_success_as_unknown(body: str) -> None:
    outcome, sentence = judge(200, body)

    assert outcome is Outcome.UNKNOWN
    assert sentence.startswith("Kentik answered 200 without its OK")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error":"Not allowed"}', "Not allowed"),
        ('{"error":"Unauthorized","reasonCode":0,"errxid":"abc123"}', "Unauthorized (Kentik's trace abc123)"),
        ('{"error":"Unauthorized","errxid":""}', "Unauthorized"),
        ('{"error":"Unauthorized","errxid":7}', "Unauthorized"),
        ('{"code":5,"message":"no such method","details":[]}', "no such method"),
        ('{"response":{"result":"ERROR"}}', "result 'ERROR'"),
        ('{"error":"first","message":"second"}', "first"),
        ('{"error":"with a comma",}', "with a comma"),
        ('{"error":{"deep":"x"}}', '{"error":{"deep":"x"}}'),
        ('{"error":"a\\n  b"}', "a b"),
        ("203.0.113.7/32 is already being mitigated.", "203.0.113.7/32 is already being mitigated."),
        ("<html><h1>Bad Gateway</h1></html>", "Bad Gateway"),
        ("[1, 2]", "[1, 2]"),
        ("17", "17"),
        ("null", "null"),
        ("", ""),
    ],
)
def test_reads_every_known_shape_of_an_error(body: str, said: str) -> None:
    assert reason(body) == said


def test_shortens_a_long_text() -> None:
    assert reason("x" * 301) == "x" * 300 + "…"


def test_says_what_kentik_said_after_the_status() -> None:
    assert judge(409, '{"error":"taken"}')[1] == "Kentik refused it (409): taken."


@pytest.mark.parametrize("said", ["Forbidden.", "Why?", "No!"])
def test_leaves_a_sentence_of_kentik_as_it_is(said: str) -> None:
    assert judge(403, f'{{"error":"{said}"}}')[1].endswith(f": {said}")


def test_ends_the_sentence_where_kentik_said_nothing() -> None:
    assert judge(409, "")[1] == "Kentik refused it (409)."


def test_is_about_credentials_with_401_and_403_only() -> None:
    assert [status for status in range(100, 600) if is_about_credentials(status)] == [401, 403]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["response", "result", "error", "message", "errxid"]) | st.text(), inner, max_size=3
        )
    ),
    max_leaves=8,
).map(json.dumps)
_broken = st.builds(lambda text, cut: text[:cut], _json, st.integers(0, 40))
_markup = st.text(alphabet='{}[]",:<>OK \n\x00\ud800', max_size=60)
bodies = st.text() | _json | _broken | _markup


@given(st.integers(100, 599), bodies)
def test_reads_anything_without_raising_and_accepts_nothing_but_ok(status: int, body: str) -> None:
    outcome, sentence = judge(status, body)

    assert sentence
    if outcome is Outcome.ACCEPTED:
        assert 200 <= status < 300
        assert json.loads(body)["response"]["result"] == "OK"


@given(st.integers(100, 599).filter(lambda status: not 200 <= status < 300))
def test_accepts_an_ok_with_a_status_of_success_only(status: int) -> None:
    assert judge(status, '{"response":{"result":"OK"}}')[0] is not Outcome.ACCEPTED


@pytest.mark.parametrize("body", ["[" * 60_000, '{"a":' * 20_000, "1" * 60_000, '{"n":' + "9" * 6_000 + "}"])
def test_reads_what_is_too_deep_or_too_long_as_text(body: str) -> None:
    assert judge(200, body)[0] is Outcome.UNKNOWN


@pytest.mark.parametrize("body", ['{"error":"a\\ud800"}', '{"message":"\\udfff"}', '{"error":"x","errxid":"\\ud800"}'])
def test_says_it_in_a_sentence_that_can_be_stored(body: str) -> None:
    assert judge(400, body)[1].encode()


def test_reads_the_longest_body_that_is_kept_in_a_moment() -> None:
    begun = time.monotonic()
    judge(502, "<" * 65_536)

    assert time.monotonic() - begun < 0.5
