from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Put together here, or this file would be found itself.
REAL = {
    "a token of Slack": "xoxb-" + "263594206564-2343594206574-" + "FGqddMF8t08v8N7Oq4i57vs1",
    "a key of AWS": "AKIA" + "ZQ3DRSTUVWXY2345",
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "a password in an address": "postgres://breakwater:" + "Kp93xLq2vT@db/b",
    "a signing key of ours": 'KEY = "PRIVATE+KEY+b+1a2b3c4d+' + 'AQIDc9Xk2mQpLr8TnVwYzBdFgHjKaSeUoRtWqPmNbVcX"',
}


def scan(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "scripts" / "scan-secrets", path], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", REAL)
def test_a_secret_is_found(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text(f"{REAL[kind]}\n")
    ended = scan(path)
    assert ended.returncode != 0
    assert str(path) in ended.stdout


def test_what_only_looks_like_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "example.md"
    path.write_text('smtp://breakwater:password@mail.example.net\n{"hash":"' + "3c28" * 16 + '"}\ncanary-7f3a9c51\n')
    assert (scan(path).returncode, scan(path).stdout) == (0, "")
