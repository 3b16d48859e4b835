"""The texts stand in `detail` now. From here on only that can go, and nothing else changes."""

from django.db import migrations

from audit.triggers import append_only

_FIXED = (
    *("number", "mitigation_id", "attempt", "purpose", "method", "status", "response_cut", "started_at"),
    *("duration_ms", "outcome", "credentials_refused", "body", "hash"),
)


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0010_tie_the_exchanges")]
    operations = [
        *(
            migrations.RemoveField("exchange", name)
            for name in ("url", "request_headers", "request_body", "response_headers", "response_body", "error")
        ),
        *append_only("mitigations_exchange", fixed=_FIXED),
    ]
