"""Shows what waits for somebody's approval, and approves or rejects it: what a bot in a chat does for each person.

    BREAKWATER=https://breakwater.example.net BREAKWATER_TOKEN=bwk_… python3 chat.py waits
    … python3 chat.py approve MIT-42 3f1c09b2a7d84e56 "Agreed."
    … python3 chat.py reject MIT-42 "The scrubber has it already."

The token needs the scope `decide` and belongs to the person who presses the button: with one token for a whole room,
the room would be one approver.
"""

import json
import os
import sys
import urllib.error
import urllib.request

BASE = os.environ["BREAKWATER"].rstrip("/") + "/api/v1"
TOKEN = os.environ["BREAKWATER_TOKEN"]


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['title']}: {problem['detail']}")


def card(waiting):
    """What somebody must read before they press. `shown` stands for it: the button sends it back."""
    one = waiting["mitigation"]
    lines = [f"{one['reference']}  {one['target']}  {one['pairing']['effect']}, {one['minutes'] or 'no'} min"]
    lines += [f"  {one['requested_by']}: {one['reason']}", f"  {one['rule']}"]
    lines += [f"  {finding['severity']}: {finding['sentence']}" for finding in waiting["findings"]]
    return "\n".join([*lines, f"  shown: {waiting['shown']}"])


def main(verb, *words):
    if verb == "waits":
        print("\n".join(map(card, call("GET", "/approvals")["items"])) or "Nothing waits for you.")
        return
    reference, *rest = words
    if verb == "approve":
        shown, note = rest
        made = call("POST", f"/mitigations/{reference}/approve", {"shown": shown, "note": note})
    else:
        made = call("POST", f"/mitigations/{reference}/reject", {"note": rest[0]})
    print(f"{reference} is {made['status']}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
