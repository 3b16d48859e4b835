"""Measures the product as people run it, each figure beside its baseline from the same run: `make bench`.

The processes are real (gunicorn, worker, sandbox) and so is the database: SQLite, or the PostgreSQL of DATABASE_URL,
where a database of its own is made for the run.
"""

from __future__ import annotations

import django

from bench import chain, exports, judging, latency, lists, log, reports
from bench.report import Report
from bench.stack import scratch_database, stack


def main() -> None:
    with scratch_database() as database, stack(database) as running:
        report = Report(engine=database.engine)
        latency.measure(running, report)
        django.setup()
        unplanned = judging.empty()
        lists.measure(report)
        reports.measure(report)
        judging.measure(report, beside=unplanned)
        chain.measure_appending(report)
        log.measure(report)
        chain.measure_walking(report, events=log.LARGE)
        exports.measure(report, events=log.LARGE)
        report.write()


main()
