"""Verifies an export or an archive of a Breakwater's log without it: python verify.py FILE.zip [--checkpoint FILE]

Needs Python 3.11 and nothing else; signatures are checked where the package "cryptography" is installed, by the keys
of --keys, or by those in the zip. FORMAT.md (docs/audit-format.md) says what is checked. Ends with 0 when all is well.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile


def flaw(sentence):
    sys.exit(f"FLAW: {sentence}")


def no_float(text):
    raise ValueError(text)


def canonical(text):
    """The object of a canonical text; None for any other text."""
    try:
        found = json.loads(text, parse_float=no_float, parse_constant=no_float)
        return found if json.dumps(found, sort_keys=True, separators=(",", ":")) == text else None
    except (ValueError, RecursionError):
        return None


def walk(lines, file, marks, gone, announced):
    """Follow the lines of one file; `marks` are hashes that checkpoints state, by number."""
    log, whole = file["log"], file["complete"]
    number, before = (file["after"]["number"], file["after"]["hash"]) if whole else (None, None)
    digest, rows = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        rows += 1
        record = json.loads(line)
        name, body = f"{log} {record['number']}", canonical(record["body"])
        if whole and record["number"] != number + 1:
            flaw(f"{log} {number + 1} is missing, or out of its place.")
        if not body or (body["number"], body.get("log", log)) != (record["number"], log):
            flaw(f"{name} is not written as it would be.")
        follows = number is not None and record["number"] == number + 1
        if follows and hashlib.sha256(f"{before}\n{record['body']}".encode()).hexdigest() != record["hash"]:
            flaw(f"{name} is not tied to the one before it: it, or what it follows, was changed.")
        if record["detail"] is None:
            gone.add((log, record["number"]))
        elif hashlib.sha256(record["detail"].encode()).hexdigest() != body["detail_sha256"]:
            flaw(f"What stands beside {name} is not what was written.")
        if log == "events" and body["deed"] == "audit.redacted" and body["outcome"] == "done":
            announced.add((body["facts"]["log"], body["facts"]["number"]))
        number, before = record["number"], record["hash"]
        if log == "events" and marks.pop(number, before) != before:
            flaw(f"A checkpoint states another event {number}.")
    if digest.hexdigest() != file["sha256"] or rows != file["rows"]:
        flaw(f"{file['file']} is not the file that the manifest was written for.")
    if whole and {"number": number, "hash": before} != file["end"]:
        flaw(f"The {log} do not end where the manifest says.")


def note(marks, text, keys):
    """Take down which hash a checkpoint states for which number."""
    stated, _, signatures = text.rpartition("\n\n")
    _, number, found, *_ = stated.split("\n")
    if not is_signed(f"{stated}\n", signatures, keys):
        flaw(f"None of the keys has signed the checkpoint of event {number}.")
    if marks.setdefault(int(number), found) != found:
        flaw(f"Two checkpoints state different events {number}.")


def is_signed(text, signatures, keys):
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        print("The signature of the checkpoint was not checked: the package “cryptography” is not installed.")
        return True
    for name, _, public in (key.split("+", 2) for key in keys.split()):
        for line in signatures.splitlines():
            signer, signature = line.removeprefix("— ").split(" ")
            try:
                Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:]).verify(
                    base64.b64decode(signature)[4:], text.encode()
                )
            except InvalidSignature:
                continue
            if signer == name:
                return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--checkpoint", action="append", default=[], help="one that was kept elsewhere")
    parser.add_argument("--keys", help="public keys that were got elsewhere, one a line")
    asked = parser.parse_args()
    with zipfile.ZipFile(asked.file) as package:
        names, manifest = package.namelist(), json.loads(package.read("manifest.json"))
        inside = package.read("keys.txt").decode() if "keys.txt" in names else ""
        keys = open(asked.keys, encoding="utf-8").read() if asked.keys else inside
        marks, gone, announced = {}, set(), set()
        for path in asked.checkpoint:
            note(marks, open(path, encoding="utf-8").read(), keys)
        if "checkpoint.txt" in names:
            note(marks, package.read("checkpoint.txt").decode(), keys)
        for file in manifest["files"]:
            with package.open(file["file"]) as lines:
                if manifest["format"] == "ndjson" and file["log"] in {"events", "exchanges"}:
                    walk(lines, file, marks, gone, announced)
                elif hashlib.file_digest(lines, "sha256").hexdigest() != file["sha256"]:
                    flaw(f"{file['file']} is not the file that the manifest was written for.")
    chains = [file for file in manifest["files"] if file["complete"] and manifest["format"] == "ndjson"]
    begins = [file["after"]["number"] for file in chains if file["log"] == "events"]
    if begins and any(number > begins[0] for number in marks):
        flaw(f"A checkpoint states event {max(marks)}, which is not there.")
    elsewhere = {(each["log"], each["number"]) for each in manifest["announced"]}
    if silent := sorted(gone - announced - elsewhere):
        flaw(f"What stood beside {silent[0][0]} {silent[0][1]} is gone, and nobody announced it.")
    for each in manifest["announced"]:
        print(
            f"{each['log']} {each['number']} is redacted; event {each['by']}, which is not in this file, announced it."
        )
    for file in manifest["files"]:
        how = "follow each other" if file in chains else "were checked one by one; they are a selection, or no chain"
        print(f"{file['rows']} {file['log']} {how}.")
    print("OK: as it was written." if chains else "OK: as it was exported.")


try:
    main()
except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
    flaw(f"This is no export as a Breakwater makes it: {error!r}")
