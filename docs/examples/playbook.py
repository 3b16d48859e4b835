"""Asks for a mitigation from a playbook, waits until it is decided, and ends with what became of it.

    BREAKWATER=https://breakwater.example.net BREAKWATER_TOKEN=bwk_… \
        python3 playbook.py 203.0.113.7 --alert 4711 --pairing 1 --reason "UDP flood on the shop, 8 Gbit/s."

The token needs the scopes `ask` and `read`. Python's own library is all that is needed. Exit code 0: it is in force.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request

BASE = os.environ["BREAKWATER"].rstrip("/") + "/api/v1"
TOKEN = os.environ["BREAKWATER_TOKEN"]
WAITS = {"pending", "approved", "sending"}


def call(method, path, body=None, **headers):
    """The status and the body of an answer; whatever cannot be reached raises."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **headers}
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def is_to_be_repeated(status, answer):
    """Too many calls, no database, or the same call is under way in another process."""
    return status in {429, 503} or any(each["code"] == "call-under-way" for each in answer.get("findings", ()))


def asked(arguments):
    """Ask as often as it takes to hear an answer. The key belongs to the alert: however often it fires, one request."""
    body = {"target": arguments.target, "pairing": arguments.pairing, "reason": arguments.reason}
    body["ticket"] = f"ALERT-{arguments.alert}"
    for pause in (1, 2, 4, 8, None):
        try:
            status, answer = call("POST", "/mitigations", body, **{"Idempotency-Key": f"alert-{arguments.alert}"})
            if not is_to_be_repeated(status, answer):
                return status, answer
        except (OSError, ValueError) as error:  # a proxy's page is no answer of the portal
            print(f"No answer ({error}); the same call again is safe.", file=sys.stderr)
        if pause is not None:
            time.sleep(pause)
    sys.exit("The portal does not answer. Look there before you do anything else.")


def looked(reference):
    """The mitigation as it is now, or None while the portal does not say: that is no news of it."""
    try:
        status, answer = call("GET", f"/mitigations/{reference}")
    except (OSError, ValueError):
        return None
    return answer if status == 200 else None


def main():
    parser = argparse.ArgumentParser(description="Ask for a mitigation, and wait for what becomes of it.")
    parser.add_argument("target")
    parser.add_argument("--alert", required=True)
    parser.add_argument("--pairing", type=int, required=True)
    parser.add_argument("--reason", required=True)
    parser.add_argument("--patience", type=float, default=900, help="seconds")
    parser.add_argument("--every", type=float, default=2, help="seconds between two looks")
    arguments = parser.parse_args()
    status, answer = asked(arguments)
    if status != 201:
        for finding in answer["findings"]:
            print(f"{finding['code']}: {finding['sentence']} {finding['mend']}".strip(), file=sys.stderr)
        sys.exit(f"{answer['title']} ({status})")
    reference = answer["reference"]
    print(f"{reference}: {answer['rule']} May be approved by {', '.join(answer['may_be_approved_by']) or 'nobody'}.")
    end = time.monotonic() + arguments.patience
    while answer["status"] in WAITS and time.monotonic() < end:
        time.sleep(arguments.every)
        answer = looked(reference) or answer
    print(f"{reference} is {answer['status']}. {answer['status_note']}".strip())
    sys.exit(0 if answer["status"] == "active" else 1)


if __name__ == "__main__":
    main()
