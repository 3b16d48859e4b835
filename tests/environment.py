"""The settings of the test run. Loaded by `-p tests.environment` before Django reads any."""

import os

os.environ.update(
    {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "HTTPS_ONLY": "False",
        "LOG_FORMAT": "plain",
        "FACTOR_KEYS": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMTI=",
        "TIME_ZONE": "UTC",
        # The other ends of the tests are on this machine.
        "OUTGOING_NETWORKS": "127.0.0.0/8",
        "KENTIK_BASE_URL": "http://127.0.0.1:9",
        "KENTIK_API_EMAIL": "robot@example.net",
        "KENTIK_API_TOKEN": "canary-7f3a9c51",
    }
)
os.environ.pop("ENV_FILE", None)
