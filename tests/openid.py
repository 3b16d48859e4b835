"""An OpenID Connect provider on loopback, over real sockets: discovery, keys, the code flow with PKCE, userinfo.

It is strict about what it is asked, keeps what it saw, and lies on demand.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "breakwater", "canary-of-a-client-secret"
Claims = dict[str, Any]


@dataclass
class Provider:
    """`people`: claims by the name that somebody signs in with there. `who`: who is signed in there, in every browser;
    empty: its page asks. `lie` changes the claims of an ID token before it is signed.
    """

    people: dict[str, Claims] = field(default_factory=dict)
    who: str = ""
    lie: Callable[[Claims], Claims] = lambda claims: claims
    lie_in_userinfo: Callable[[Claims], Claims] = lambda claims: claims
    # Whether it tells when somebody signed in; None: not at all.
    signed_in_ago: float | None = 0
    algorithm: str = "RS256"
    signed_by_another: bool = False
    port: int = 0
    # What it was asked: the authorization requests, and the token requests without their secrets.
    asked: list[dict[str, str]] = field(default_factory=list)
    exchanged: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._key, self._other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def discovery(self) -> Claims:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **{name: f"{self.issuer}/{path}" for name, path in paths.items()},
        }

    def keys(self) -> Claims:
        found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**found, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def begin(self, query: dict[str, str]) -> str:
        """Where an authorization request leads: back with a code, or (empty) to the page that asks who it is."""
        self.asked.append(query)
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        name = query.get("as") or ("" if query.get("prompt") == "login" else self.who)
        return self.grant(query, name) if name else ""

    def grant(self, query: dict[str, str], name: str) -> str:
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**query, "name": name}
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str]) -> Claims | None:
        """Tokens for a code, once, for whoever asked for it and has its secrets; None for anybody else."""
        self.exchanged.append({name: value for name, value in form.items() if name != "client_secret"})
        begun = self._codes.pop(form.get("code", ""), None)
        if begun is None or form.get("client_secret") != SECRET or form.get("redirect_uri") != begun["redirect_uri"]:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != begun["code_challenge"]:
            return None
        token = secrets.token_urlsafe(16)
        self._tokens[token] = begun["name"]
        return {"access_token": token, "token_type": "Bearer", "id_token": self._id_token(begun)}

    def userinfo(self, token: str) -> Claims | None:
        name = self._tokens.get(token)
        return None if name is None else self.lie_in_userinfo({"sub": f"sub-of-{name}", **self.people[name]})

    def _id_token(self, begun: dict[str, str]) -> str:
        now = int(time.time())
        shown = {} if self.signed_in_ago is None else {"auth_time": now - self.signed_in_ago}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": f"sub-of-{begun['name']}",
            "iat": now,
            "exp": now + 300,
            "nonce": begun.get("nonce"),
            **shown,
            **self.people[begun["name"]],
        }
        if self.algorithm == "none":
            return jwt.encode(self.lie(claims), None, algorithm="none")
        if self.algorithm == "HS256":
            # By what everybody knows: a library that takes the token's word for it would believe this.
            return jwt.encode(self.lie(claims), SECRET, algorithm="HS256", headers={"kid": "one"})
        key = self._other if self.signed_by_another else self._key
        return jwt.encode(self.lie(claims), key, algorithm="RS256", headers={"kid": "one"})


_PAGE = """<!DOCTYPE html><title>Provider</title><link rel="icon" href="data:,"><h1>Sign in to the provider</h1>
<form method="get" action="/authorize">{hidden}<label>Who <input name="as"></label><button>Go on</button></form>"""


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                self._json(provider.discovery())
            elif parts.path == "/keys":
                self._json(provider.keys())
            elif parts.path == "/userinfo":
                self._json(provider.userinfo(self.headers.get("Authorization", "").removeprefix("Bearer ")))
            elif parts.path == "/authorize":
                self._authorize(dict(parse_qsl(parts.query)))
            else:
                self._json(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._json(provider.exchange({name: values[0] for name, values in parse_qs(body).items()}))

        def _authorize(self, query: dict[str, str]) -> None:
            where = provider.begin(query)
            if where:
                self.send_response(302)
                self.send_header("Location", where)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            hidden = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in query.items())
            self._send(200, "text/html", _PAGE.format(hidden=hidden))

        def _json(self, found: Claims | None) -> None:
            text = json.dumps({"error": "invalid_request"} if found is None else found)
            self._send(400 if found is None else 200, "application/json", text)

        def _send(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """What it was asked stands in `asked`."""

    return Handler


@contextmanager
def openid_provider(**people: Claims) -> Iterator[Provider]:
    provider = Provider(people=people)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
