"""What a JWT authorizer demands of a token.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    JsonObject = dict[str, Any]

# Only algorithms of RSA are supported.
_HASHES = {"RS256": SHA256, "RS384": SHA384, "RS512": SHA512}
_PARTS = 3


class UnauthorizedError(Exception):
    """A token that is not good enough: 401. The message says why."""


class ForbiddenError(Exception):
    """A good token without a scope that the route asks for: 403."""


class IssuerError(Exception):
    """The issuer does not give its keys."""


@dataclass(frozen=True)
class Demands:
    """What an authorizer and a route ask for.

    Attributes:
        issuer: URL.
        audiences: of which the token has one.
        scopes: of which the token has one; empty for a route that asks for none.
    """

    issuer: str
    audiences: Sequence[str]
    scopes: Sequence[str] = ()


def verify(value: str | None, demands: Demands, keys: Callable[[str], Sequence[JsonObject]], now: float) -> JsonObject:
    """Return what the event says of a token that is good: `{"claims": ..., "scopes": ...}`.

    Args:
        value: of the identity source, with `Bearer` before it or not.
        demands: what the token must meet.
        keys: returns an issuer's JSON web keys.
        now: seconds since the epoch.

    Raises:
        UnauthorizedError: it is missing, malformed, not the issuer's, of another audience, or not of this time.
        ForbiddenError: it has none of the scopes.
        IssuerError: the issuer does not answer.
    """
    header, claims, signed, signature = _parsed(value)
    if claims.get("iss") != demands.issuer:
        raise UnauthorizedError("the issuer is another")
    _verify_signature(header, signed, signature, keys(demands.issuer))
    _verify_claims(claims, demands, now)
    scopes = str(claims.get("scope") or claims.get("scp") or "").split()
    if demands.scopes and not set(scopes) & set(demands.scopes):
        raise ForbiddenError("none of the route's scopes")
    return {
        "claims": {name: _text(claim) for name, claim in claims.items()},
        "scopes": [scope for scope in scopes if scope in demands.scopes] or None,
    }


def _parsed(value: str | None) -> tuple[JsonObject, JsonObject, bytes, bytes]:
    token = (value or "").strip()
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise UnauthorizedError("no token")
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        signature = _decoded(parts[2])
    except (ValueError, RecursionError) as error:
        raise UnauthorizedError("malformed token") from error
    if not (isinstance(header, dict) and isinstance(claims, dict)):
        raise UnauthorizedError("malformed token")
    return header, claims, ".".join(parts[:2]).encode(), signature


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def _verify_signature(header: JsonObject, signed: bytes, signature: bytes, keys: Sequence[JsonObject]) -> None:
    algorithm = _HASHES.get(str(header.get("alg")))
    if algorithm is None:
        raise UnauthorizedError("an algorithm that is not supported")
    key = next((key for key in keys if key.get("kid") == header.get("kid") and key.get("kty") == "RSA"), None)
    if key is None:
        raise UnauthorizedError("the issuer has no such key")
    numbers = RSAPublicNumbers(*(int.from_bytes(_decoded(key[part])) for part in ("e", "n")))
    try:
        numbers.public_key().verify(signature, signed, PKCS1v15(), algorithm())
    except InvalidSignature as error:
        raise UnauthorizedError("the signature is wrong") from error


def _verify_claims(claims: Mapping[str, Any], demands: Demands, now: float) -> None:
    # `client_id` counts only where there is no `aud`.
    audience = claims.get("aud") or claims.get("client_id")
    of_token = audience if isinstance(audience, list) else [audience]
    if not set(map(str, of_token)) & set(demands.audiences):
        raise UnauthorizedError("the audience is another")
    if not _is_number(claims.get("exp")) or claims["exp"] <= now:
        raise UnauthorizedError("the token has expired")
    for name in ("nbf", "iat"):
        if name in claims and not (_is_number(claims[name]) and claims[name] <= now):
            raise UnauthorizedError(f"{name} lies ahead")


def _is_number(claim: Any) -> bool:
    return isinstance(claim, (int, float)) and not isinstance(claim, bool)


def _text(claim: Any) -> str:
    """Return a claim as the event has it: texts only, lists in brackets, parted by blanks."""
    if isinstance(claim, list):
        return f"[{' '.join(map(_text, claim))}]"
    return claim if isinstance(claim, str) else json.dumps(claim)
