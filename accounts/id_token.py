"""Reading the ID token of an OpenID provider: its signature, for whom it is, until when, and what it says.

allauth skips the signature of a token that it fetched itself; here it is checked all the same, by the provider's keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import jwt

# Signatures by a key of the provider's own. None that a shared secret, or nobody, could make.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LEEWAY = timedelta(seconds=60)
Claims = Mapping[str, Any]


class NotTrustedError(Exception):
    """The token, or what came with it, is not what it should be. Its sentence holds nothing of the token."""


def read(token: str, *, keys: Mapping[str, Any], issuer: str, client: str) -> Claims:
    """What a token says that this issuer signed for this client. Raises NotTrusted."""
    try:
        key = _key(jwt.get_unverified_header(token), jwt.PyJWKSet.from_dict(dict(keys)))
        claims = jwt.decode(
            token,
            key,
            algorithms=_ALGORITHMS,
            audience=client,
            issuer=issuer,
            leeway=_LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, StopIteration) as error:
        raise NotTrustedError(f"The ID token is not valid: {type(error).__name__}.") from None
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client:
        raise NotTrustedError("The ID token was made for another client.")
    return cast("Claims", claims)


def together(token: Claims, userinfo: Claims) -> Claims:
    """What the provider says in both places, of one person. The token, which is signed, is believed first."""
    if userinfo and userinfo.get("sub") != token["sub"]:
        raise NotTrustedError("The provider's userinfo is about somebody else.")
    return {**userinfo, **token}


def claim(claims: Claims, path: str) -> Any:
    """What stands at a place like "realm_access.roles"; None where nothing does."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def texts(found: Any) -> frozenset[str]:
    """A list of names, or one name; whatever else it is, none."""
    if isinstance(found, str):
        return frozenset([found])
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()


def proved_at(claims: Claims, *, at: datetime) -> datetime | None:
    """When somebody last showed who they are at the provider, by our clock; None when it does not say."""
    shown, issued = claims.get("auth_time"), claims.get("iat")
    if not isinstance(shown, int | float) or not isinstance(issued, int | float) or isinstance(shown, bool):
        return None
    return at - timedelta(seconds=max(0, issued - shown))


def _key(header: Mapping[str, Any], keys: jwt.PyJWKSet) -> jwt.PyJWK:
    signing = [key for key in keys.keys if key.public_key_use in {None, "sig"}]
    if "kid" not in header and len(signing) == 1:
        return signing[0]
    return next(key for key in signing if key.key_id == header["kid"])
