"""What an archive covers may be deleted from the exchanges too."""

from django.db import migrations

from audit.triggers import append_only

_FIXED = (
    *("number", "mitigation_id", "attempt", "purpose", "method", "status", "response_cut", "started_at"),
    *("duration_ms", "outcome", "credentials_refused", "body", "hash"),
)


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0013_what_reports_count_by"), ("audit", "0012_archive")]
    operations = [*append_only("mitigations_exchange", fixed=_FIXED, log="exchanges")]
