"""baler_http_api.tokens: what a JWT authorizer demands, by API Gateway's developer guide."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from baler_http_api.issuers import Issuers
from baler_http_api.tokens import Demands, ForbiddenError, IssuerError, UnauthorizedError, verify
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

ISSUER = "https://issuer.test"
NOW = 1_000_000
KEY = generate_private_key(65537, 2048)
CLAIMS = {"iss": ISSUER, "aud": "lake", "exp": NOW + 60, "iat": NOW - 60, "scope": "read", "groups": ["a", "b"]}


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(header: dict[str, Any] | None = None, **claims: Any) -> str:
    body = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    parts = [{"alg": "RS256", "kid": "k", **(header or {})}, body]
    signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{base64url(KEY.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def keys(_issuer: str) -> list[dict[str, Any]]:
    numbers = KEY.public_key().public_numbers()
    n, e = (base64url(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e))
    return [{"kty": "EC", "kid": "k"}, {"kty": "RSA", "kid": "k", "n": n, "e": e}]


def verified(value: str | None, *, scopes: tuple[str, ...] = ()) -> dict[str, Any]:
    return verify(value, Demands(ISSUER, ["lake", "other"], scopes), keys, NOW)


def test_a_good_tokens_claims_are_texts() -> None:
    found = verified(f"Bearer {token()}")
    assert found["claims"] == {
        "iss": ISSUER,
        "aud": "lake",
        "exp": str(NOW + 60),
        "iat": str(NOW - 60),
        "scope": "read",
        "groups": "[a b]",
    }
    assert found["scopes"] is None


@pytest.mark.parametrize(
    "value",
    [
        token(),
        f"bearer {token()}",
        token(aud=["x", "other"]),
        token(aud=None, client_id="lake"),
        token(iat=None),
        token(nbf=NOW),
    ],
)
def test_a_token_that_meets_the_demands_is_good(value: str) -> None:
    assert verified(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer",
        "Basic YTpi",
        "a.b",
        "a.b.c",
        "W10.W10.W10",
        token()[:-6] + "AAAAAA",
        token(header={"alg": "none"}),
        token(header={"alg": "HS256"}),
        token(header={"kid": "other"}),
        token(header={"kid": None}),
        token(iss="https://other.test"),
        token(aud="foreign"),
        token(aud="foreign", client_id="lake"),
        token(aud=None),
        token(exp=NOW),
        token(exp=None),
        token(exp="tomorrow"),
        token(nbf=NOW + 1),
        token(iat=NOW + 1),
    ],
)
def test_any_other_token_is_unauthorized(value: str | None) -> None:
    with pytest.raises(UnauthorizedError):
        verified(value)


def test_a_route_with_scopes_wants_one_of_them() -> None:
    assert verified(token(scope="read write"), scopes=("write", "admin"))["scopes"] == ["write"]
    assert verified(token(scope=None, scp="admin"), scopes=("admin",))["scopes"] == ["admin"]
    with pytest.raises(ForbiddenError):
        verified(token(), scopes=("write",))


def test_an_issuer_is_asked_over_https_alone_unless_it_is_on_this_machine() -> None:
    with pytest.raises(IssuerError, match="is not https"):
        Issuers(lambda: 0.0).keys("http://issuer.test")
