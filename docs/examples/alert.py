"""Sends an alert to Breakwater, signed: as FastNetMon's notify script, or by hand.

    python3 alert.py < alert.json

It reads where to and by which secret from the file that BREAKWATER_ALERT names, by default /etc/breakwater-alert.json:

    {"address": "https://breakwater.example.net/api/v1/alerts/edge-fnm", "secret": "bwh_…"}

Python's own library is all that is needed. Exit code 0: the portal took it, whatever it made of it.
"""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request

# What is long and asks for nothing: samples of the packets, and rules made from them.
LEFT_OUT = ("packet_dump", "packet_dump_detailed", "flow_spec_rules")
TO_BE_REPEATED = {0, 429, 500, 502, 503, 504}
PAUSES = (1, 3, 9)


def signed(address, secret, body):
    """A call is signed anew for each try: a signature is worth something for five minutes."""
    timestamp = str(int(time.time()))
    signature = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Breakwater-Timestamp": timestamp,
        "X-Breakwater-Signature": f"v1={signature}",
    }
    return urllib.request.Request(address, body, headers)


def tried(address, secret, body):
    """The status and the text of the answer; 0 when there is none."""
    try:
        with urllib.request.urlopen(signed(address, secret, body), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, f"The portal cannot be reached: {error}"


def sent(address, secret, body):
    """Again where that may help: however often it is told, an attack is asked for once."""
    status, text = tried(address, secret, body)
    for pause in PAUSES:
        if status not in TO_BE_REPEATED:
            break
        time.sleep(pause)
        status, text = tried(address, secret, body)
    return status, text


def main():
    # All of it, whatever it is: FastNetMon waits until it is read.
    said = json.loads(sys.stdin.read())
    for name in LEFT_OUT:
        said.pop(name, None)
    with open(os.environ.get("BREAKWATER_ALERT", "/etc/breakwater-alert.json")) as file:
        known = json.load(file)
    status, text = sent(known["address"], known["secret"], json.dumps(said).encode())
    print(status, text)
    sys.exit(0 if 200 <= status < 300 else 1)


if __name__ == "__main__":
    main()
