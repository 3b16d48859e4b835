"""Follows the audit log, and writes each event as a line of JSON: for a SIEM that reads a file or a pipe.

    BREAKWATER=https://breakwater.example.net BREAKWATER_TOKEN=bwk_… python3 follow_log.py /var/lib/follow/cursor

The token needs the scope `audit`, and an owner who audits. The cursor moves when a line is out, so nothing is left out,
and what was cut off in between comes once more. Each event is tied to the one before it; a break ends the program.
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

BASE = os.environ["BREAKWATER"].rstrip("/") + "/api/v1"
TOKEN = os.environ["BREAKWATER_TOKEN"]


def page(after, wait):
    """The next events. The call stays open until there is one, or until the time is over."""
    query = urllib.parse.urlencode({"after": after, "wait": wait, "limit": 500})
    request = urllib.request.Request(f"{BASE}/events?{query}", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def is_tied(event, before):
    """Whether it follows that hash, as docs/audit-format.md says."""
    return hashlib.sha256(f"{before}\n{event['body']}".encode()).hexdigest() == event["hash"]


def main(place, *once):
    cursor = Path(place)
    number, hash_ = json.loads(cursor.read_text()) if cursor.exists() else (0, "0" * 64)
    while True:
        try:
            found = page(number, 0 if once else 25)
        except urllib.error.HTTPError as error:
            if error.code not in {429, 500, 502, 503}:
                sys.exit(f"The portal refuses: {error.read().decode()}")
            time.sleep(int(error.headers.get("Retry-After", 5)))
            continue
        except OSError:
            time.sleep(5)
            continue
        for event in found["items"]:
            # The first one may lie behind an archive; every other follows the one before it.
            if (number or event["number"] == 1) and (event["number"] != number + 1 or not is_tied(event, hash_)):
                sys.exit(f"Event {event['number']} does not follow event {number}.")
            print(json.dumps(event), flush=True)
            number, hash_ = event["number"], event["hash"]
            cursor.write_text(json.dumps([number, hash_]))
        if not found["items"]:
            if once:
                return
            # One call too many is answered at once, whatever it would have waited for.
            time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
