"""Which period may be signed, what its sample is, and that sign-offs tile the log whatever is tried in which order."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies import signing
from mitigations.policies.periods import Kind, Period, containing, parse
from mitigations.policies.signing import Signed, next_ones, objections, sample, tiling_flaws

HEAD = "ab" * 32


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def named(text: str) -> Period:
    period = parse(text)
    assert period is not None
    return period


def signed(first: int, last: int, start: str = "2026-11-01", end: str = "2026-12-01") -> Signed:
    return Signed(first=first, last=last, starts_at=day(start), ends_at=day(end))


NOVEMBER = signed(1, 9)
LATER = day("2027-01-15")


@pytest.mark.parametrize(
    ("period", "previous", "unsigned", "at", "code"),
    [
        ("2026-11", None, "2026-11-03", LATER, ""),
        ("2026-W45", None, "2026-11-03", LATER, ""),
        ("2026-11", None, "2026-11-03", day("2026-11-30"), "not-over"),
        ("2026-11", None, "2026-11-03", day("2026-12-01"), ""),
        ("2026-12", None, "2026-11-03", LATER, "not-the-next"),
        ("2026-10", None, "2026-11-03", LATER, "empty"),
        ("2026-11", None, None, LATER, "empty"),
        ("2026-12", NOVEMBER, "2026-12-02", LATER, ""),
        ("2026-12-02", NOVEMBER, "2026-12-02", LATER, ""),
        # Its Monday is in November, which is signed.
        ("2026-W49", NOVEMBER, "2026-12-02", LATER, "signed"),
        ("2026-W50", NOVEMBER, "2026-12-08", LATER, ""),
        ("2026-11", NOVEMBER, "2026-12-02", LATER, "signed"),
        ("2026-11-17", NOVEMBER, "2026-12-02", LATER, "signed"),
        # Nothing happened in between.
        ("2027-01-03", NOVEMBER, "2027-01-03", LATER, ""),
        ("2026-12", NOVEMBER, "2027-01-03", LATER, "empty"),
    ],
)
def test_says_whether_a_period_may_be_signed(
    period: str, previous: Signed | None, unsigned: str | None, at: datetime, code: str
) -> None:
    found = objections(named(period), previous=previous, unsigned_at=day(unsigned) if unsigned else None, at=at)
    assert [each.code for each in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("previous", "unsigned", "names"),
    [
        (None, "2026-11-03", ["2026-11-03", "2026-W45", "2026-11"]),
        (NOVEMBER, "2026-12-02", ["2026-12-02", "2026-12"]),
        (NOVEMBER, "2026-12-08", ["2026-12-08", "2026-W50", "2026-12"]),
        (signed(1, 9, "2026-11-30", "2026-12-07"), "2026-12-07", ["2026-12-07", "2026-W50"]),
        (NOVEMBER, None, []),
    ],
)
def test_offers_the_periods_that_fit_behind_the_last(
    previous: Signed | None, unsigned: str | None, names: list[str]
) -> None:
    found = next_ones(previous=previous, unsigned_at=day(unsigned) if unsigned else None)
    assert [str(each) for each in found] == names


def test_lists_those_that_wait_up_to_now() -> None:
    found = signing.unsigned(named("2026-11"), at=LATER, most=5)
    assert [str(each) for each in found] == ["2026-11", "2026-12"]
    assert len(signing.unsigned(named("2026-11"), at=LATER + timedelta(days=400), most=5)) == 5


# --- Samples ----------------------------------------------------------------------------------------------------------

references = st.sets(st.integers(1, 10**6).map("MIT-{}".format), max_size=80)


@given(references)
def test_draws_all_or_twenty_five_by_the_hash_of_head_and_reference(found: set[str]) -> None:
    drawn = sample(HEAD, found)

    lots = {reference: hashlib.sha256(f"{HEAD}{reference}".encode()).hexdigest() for reference in found}
    assert drawn == sorted(found, key=lots.__getitem__)[:25]


@given(references, st.randoms())
def test_draws_the_same_whatever_the_order(found: set[str], random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert sample(HEAD, shuffled) == sample(HEAD, sorted(found))


def test_draws_others_for_another_head() -> None:
    found = [f"MIT-{number}" for number in range(1, 400)]
    assert sample(HEAD, found) != sample("cd" * 32, found)


# --- Tiling -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "flaws"),
    [
        ([], 0),
        ([signed(1, 4, "2026-11-01", "2026-11-02"), signed(5, 9, "2026-11-02", "2026-11-03")], 0),
        ([signed(2, 4)], 1),
        ([signed(1, 4, "2026-11-01", "2026-11-02"), signed(6, 9, "2026-11-02", "2026-11-03")], 1),
        ([signed(1, 4, "2026-11-01", "2026-11-02"), signed(4, 9, "2026-11-02", "2026-11-03")], 1),
        ([signed(1, 4, "2026-11-01", "2026-11-03"), signed(5, 9, "2026-11-02", "2026-11-03")], 1),
        ([signed(1, 0)], 1),
    ],
)
def test_names_every_gap_and_every_overlap(found: list[Signed], flaws: int) -> None:
    assert len(list(tiling_flaws(found))) == flaws


BEGIN = day("2026-11-01")
gaps = st.lists(st.integers(0, 60 * 24 * 12), min_size=1, max_size=60)
tries = st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 100), st.integers(0, 140)), max_size=60)


@given(gaps, tries)
def test_tiles_the_log_whatever_is_tried_in_whatever_order(
    minutes: list[int], tried: list[tuple[Kind, int, int]]
) -> None:
    """As the service does it: the events of the period from the log, and what the policy says."""
    at, log = BEGIN, []
    for gap in minutes:
        at += timedelta(minutes=gap)
        log.append(at)
    found: list[Signed] = []
    for kind, day_, now in tried:
        _try(containing(kind, BEGIN + timedelta(days=day_)), log, found, at=BEGIN + timedelta(days=now))

    assert list(tiling_flaws(found)) == []
    for each in found:
        assert all(each.starts_at <= log[number - 1] < each.ends_at for number in range(each.first, each.last + 1))


def _try(period: Period, log: list[datetime], found: list[Signed], *, at: datetime) -> None:
    previous = found[-1] if found else None
    rest = log[previous.last :] if previous else log
    if objections(period, previous=previous, unsigned_at=rest[0] if rest else None, at=at):
        return
    within = [number for number, happened in enumerate(log, start=1) if happened in period]
    found.append(Signed(first=within[0], last=within[-1], starts_at=period.start, ends_at=period.end))


@given(gaps, st.lists(st.sampled_from(Kind), min_size=60, max_size=60))
def test_comes_to_the_end_of_the_log_whichever_period_is_signed_next(minutes: list[int], kinds: list[Kind]) -> None:
    at, log = BEGIN, []
    for gap in minutes:
        at += timedelta(minutes=gap)
        log.append(at)
    found: list[Signed] = []
    for kind in kinds:
        previous = found[-1] if found else None
        rest = log[previous.last :] if previous else log
        fitting = next_ones(previous=previous, unsigned_at=rest[0] if rest else None)
        if not fitting:
            break
        chosen = next((each for each in fitting if each.kind is kind), fitting[0])
        _try(chosen, log, found, at=at + timedelta(days=99))

    assert list(tiling_flaws(found)) == []
    assert found[-1].last == len(log)
