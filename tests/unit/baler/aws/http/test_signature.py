"""The signature is botocore's, for every request that can be made."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest import mock
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from baler.aws.http.client import Request
from baler.aws.http.s3 import query_of_listing
from baler.aws.http.signature import Signer

if TYPE_CHECKING:
    from uuid import UUID

NOW = 1_795_165_262.0
HOST = "landing.s3.eu-west-2.amazonaws.com"
ACCESS_KEY = "access"
SECRET_KEY = "secret/+="  # noqa: S105 - an example


EMPTY = hashlib.sha256(b"").hexdigest()
KEYS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=60)
TOKENS = st.none() | st.just("IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVz")


def by_botocore(service: str, request: Request, token: str | None) -> str:
    """Return the header that botocore writes at NOW."""
    auth = {"s3": S3SigV4Auth, "dynamodb": SigV4Auth}[service]
    target = f"{request.path}?{request.query}" if request.query else request.path
    theirs = AWSRequest(request.method, f"https://{HOST}{target}", dict(request.headers), request.body)
    theirs.context["payload_signing_enabled"] = True
    with mock.patch("botocore.auth.get_current_datetime", return_value=datetime.fromtimestamp(NOW, UTC)):
        auth(Credentials(ACCESS_KEY, SECRET_KEY, token), service, "eu-west-2").add_auth(theirs)
    return theirs.headers["Authorization"]


def digest_of(request: Request) -> str:
    assert isinstance(request.body, bytes)
    return hashlib.sha256(request.body).hexdigest()


def ours(service: str, request: Request, token: str | None) -> str:
    signer = Signer(lambda: ReadOnlyCredentials(ACCESS_KEY, SECRET_KEY, token), "eu-west-2", service, lambda: NOW)
    headers = {"host": HOST, **request.headers}
    return signer.sign(request.method, request.path, request.query, headers, digest_of(request))["authorization"]


@given(key=KEYS, version=st.none() | KEYS, etag=st.none() | st.uuids(), token=TOKENS)
def test_every_get_is_signed_as_botocore_signs_it(
    key: str, version: str | None, etag: UUID | None, token: str | None
) -> None:
    query = f"versionId={quote(version, safe='~')}" if version else ""
    headers = {"x-amz-checksum-mode": "ENABLED"} | ({"if-match": f'"{etag}"'} if etag else {})
    request = Request("GetObject", "GET", "/" + quote(key, safe="/~"), query, headers)
    assert ours("s3", request, token) == by_botocore("s3", request, token)


@given(prefix=KEYS, page=KEYS, token=TOKENS)
def test_every_listing_is_signed_as_botocore_signs_it(prefix: str, page: str, token: str | None) -> None:
    request = Request("ListObjectsV2", "GET", "/", query_of_listing(prefix, page), {})
    assert ours("s3", request, token) == by_botocore("s3", request, token)


@given(key=KEYS, etag=st.uuids(), token=TOKENS)
def test_every_conditional_delete_is_signed_as_botocore_signs_it(key: str, etag: UUID, token: str | None) -> None:
    request = Request("DeleteObject", "DELETE", "/" + quote(key, safe="/~"), "", {"if-match": f'"{etag}"'})
    assert ours("s3", request, token) == by_botocore("s3", request, token)


@given(body=st.binary(max_size=200), token=TOKENS)
def test_every_put_of_an_item_is_signed_as_botocore_signs_it(body: bytes, token: str | None) -> None:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem"}
    request = Request("PutItem", "POST", "/", "", headers, body)
    assert ours("dynamodb", request, token) == by_botocore("dynamodb", request, token)


def test_the_signing_key_follows_the_day_and_the_credentials() -> None:
    """It is kept, and must not be kept too long: at midnight, or when a role's credentials are renewed."""
    now, secret = [NOW], ["first"]
    signer = Signer(lambda: ReadOnlyCredentials(ACCESS_KEY, secret[0], None), "eu-west-2", "s3", lambda: now[0])

    def signature() -> str:
        kept = signer.sign("GET", "/k", "", {"host": HOST}, EMPTY)["authorization"]
        fresh = Signer(lambda: ReadOnlyCredentials(ACCESS_KEY, secret[0], None), "eu-west-2", "s3", lambda: now[0])
        assert kept == fresh.sign("GET", "/k", "", {"host": HOST}, EMPTY)["authorization"]
        return kept

    first = signature()
    now[0] += 86_400
    next_day = signature()
    secret[0] = "second"
    assert len({first, next_day, signature()}) == 3
