"""What goes along with whatever leaves the portal, so that it can be read and verified without it."""

from __future__ import annotations

from django.conf import settings

_DOCS = settings.BASE_DIR / "docs"
VERIFY = (_DOCS / "verify_export.py").read_text(encoding="utf-8")
FORMAT = (_DOCS / "audit-format.md").read_text(encoding="utf-8")
README = """\
This was taken out of a Breakwater, the portal through which DDoS mitigations are asked for, approved and sent.

manifest.json     what this is: who made it and when, by which filter, up to which number, and the SHA-256 of its data
*.ndjson, *.csv   the data
checkpoint.txt    the head of the log, signed, as it was at or before the end of the data
keys.txt          the public keys that the portal believes; compare them with those that you were given elsewhere
verify.py         checks all of it, and needs nothing but Python 3.11 (for signatures also the package "cryptography"):
                  python verify.py THIS.zip [--checkpoint FILE] [--keys FILE]
FORMAT.md         how each line is made and tied to the one before it, to the byte, should you rather check it yourself

A checkpoint or a key in this archive proves little: whoever forged the data may have put it there. One that you kept
from before, or got from somebody else, proves that the log was not rewritten since.
"""
