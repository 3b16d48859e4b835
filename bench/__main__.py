"""Measures the product as people run it, each figure beside its baseline from the same run: `make bench`.

The processes are real (gunicorn, worker, sandbox) and so is the database: SQLite, or the PostgreSQL of DATABASE_URL,
where a database of its own is made for the run.
"""

from __future__ import annotations

import django

from bench import api, chain, exports, judging, latency, lists, log, pages, reports
from bench.report import Report
from bench.stack import Stack, scratch_database, stack


def main() -> None:
    with scratch_database() as database, stack(database) as running:
        report = Report(engine=database.engine)
        latency.measure(running, report)
        django.setup()
        unplanned = judging.empty()
        _measure_pages(running, report)
        reports.measure(report)
        judging.measure(report, beside=unplanned)
        chain.measure_appending(report)
        log.measure(report)
        chain.measure_walking(report, events=log.LARGE)
        exports.measure(report, events=log.LARGE)
        report.write()


def _measure_pages(running: Stack, report: Report) -> None:
    """What people look at all day, with a hundred and with a million mitigations."""
    lists.fill(lists.SMALL)
    queries, seen = lists.look(lists.SMALL), pages.look(running)
    lists.fill(lists.LARGE)
    lists.tell(report, small=queries, large=lists.look(lists.LARGE))
    pages.tell(report, small=seen, large=pages.look(running))
    api.measure(running, report, rows=lists.LARGE)


main()
