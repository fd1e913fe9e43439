"""The store that the suite is pointed at: SeaweedFS on this machine, or any other."""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from harness.scripted_receiver import MemorySecret
from harness.store_front import store_front

from baler.files.bundle.ids import bundle_key
from runtime.files.receivers.credentials import Credentials, SecretVersion
from runtime.files.receivers.s3.receiver import S3Receiver
from runtime.files.receivers.s3.settings import StoreSettings
from sandbox.localstack.ports import LOOPBACK
from sandbox.receivers.store import REGION, Keys, running_store

if TYPE_CHECKING:
    from collections.abc import Generator

    from harness.store_front import StoreFront
    from mypy_boto3_s3 import S3Client

    from baler.files.courier.answer import Answer
    from runtime.files.courier.ports import Parcel

_DEFAULT_BUCKET = "baler-contract"
# Far more than a busy machine takes.
_SEND_SECONDS = 300.0


@dataclass(frozen=True)
class ContractStore:
    """A store to be tried, by bundles under a prefix of their own.

    Attributes:
        settings: as a stack would have them.
        keys: that it knows.
        ca_certificate: PEM of who signed its certificate; "" for the system's.
        boto3: another client of it.
        front: passes on to it, and can be told to misbehave.
    """

    settings: StoreSettings
    keys: Keys
    ca_certificate: str
    boto3: S3Client
    front: StoreFront

    @property
    def fronted(self) -> ContractStore:
        """The same behind its front."""
        settings = replace(self.settings, url=self.front.url, address=LOOPBACK)
        return replace(self, settings=settings, ca_certificate=self.front.authority.pem)

    def secret(self, **instead: str) -> str:
        """Return the text of the receiver's secret."""
        fields = {
            "access_key_id": self.keys.access_key_id,
            "secret_access_key": self.keys.secret_access_key,
            "ca_certificate": self.ca_certificate,
        }
        return json.dumps({name: value for name, value in (fields | instead).items() if value})

    def receiver(self, *, secret: str = "", **settings: Any) -> S3Receiver:
        """Return the courier's side, with settings of a test's own."""
        versions = [SecretVersion("1", secret or self.secret(), 0.0)]
        return S3Receiver.over_tls(replace(self.settings, **settings), Credentials(MemorySecret(versions), 300))

    def send(self, what: Parcel, *, seconds: float = _SEND_SECONDS, secret: str = "", **settings: Any) -> Answer:
        """Send a bundle over connections of its own."""
        receiver = self.receiver(secret=secret, **settings)
        try:
            return receiver.send(what, time.time() + seconds)
        finally:
            receiver.close()

    def key(self, what: Parcel, prefix: str | None = None) -> str:
        return (self.settings.prefix if prefix is None else prefix) + bundle_key(what.delivery.bundle_id)

    def stored(self, what: Parcel, prefix: str | None = None) -> tuple[bytes, dict[str, str]] | None:
        """Return bytes and metadata of what lies there, as another client sees it; None for nothing."""
        try:
            found = self.boto3.get_object(Bucket=self.settings.bucket, Key=self.key(what, prefix))
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
                return None
            raise
        # Some stores send them with capitals, and boto3 leaves them so.
        return found["Body"].read(), {name.lower(): value for name, value in found["Metadata"].items()}


@pytest.fixture(scope="session")
def store() -> Generator[ContractStore]:
    """The store; what the suite put into it is removed, as far as the keys allow that."""
    with ExitStack() as stack:
        url = os.environ.get("S3_ENDPOINT_URL")
        found = stack.enter_context(_given(url) if url else _started())
        yield found
        _remove(found)


@contextmanager
def _started() -> Generator[ContractStore]:
    with running_store() as running:
        url = f"https://{LOOPBACK}:{running.ports['s3']}"
        settings = StoreSettings(running.url, running.address, running.bucket, prefix=_prefix())
        context = ssl.create_default_context(cadata=running.authority.pem)
        with store_front(url, context) as front:
            yield ContractStore(settings, running.keys, running.authority.pem, running.owner(), front)


@contextmanager
def _given(url: str) -> Generator[ContractStore]:
    """Take what the environment names. A store without TLS is tried behind the front."""
    keys = Keys(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    bucket = os.environ.get("S3_BUCKET", _DEFAULT_BUCKET)
    region = os.environ.get("AWS_REGION", REGION)
    authorities = os.environ.get("S3_CA", "")
    host = urlsplit(url).hostname or ""
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        verify=authorities or True,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )
    try:
        _ = client.head_bucket(Bucket=bucket)
    except ClientError:
        _ = client.create_bucket(Bucket=bucket)
    pem = Path(authorities).read_text(encoding="ascii") if authorities else ""
    with store_front(url, ssl.create_default_context(cafile=authorities or None)) as front:
        encrypted = urlsplit(url).scheme == "https"
        address = socket.getaddrinfo(host, None, socket.AF_INET)[0][4][0]
        settings = StoreSettings(url, str(address), bucket, prefix=_prefix(), region=region)
        found = ContractStore(settings, keys, pem, client, front)
        yield found if encrypted else found.fronted


def _prefix() -> str:
    return f"contract-{token_hex(4)}/"


def _remove(store: ContractStore) -> None:
    pages = store.boto3.get_paginator("list_objects_v2").paginate(
        Bucket=store.settings.bucket, Prefix=store.settings.prefix
    )
    for page in pages:
        for each in page.get("Contents", []):
            _ = store.boto3.delete_object(Bucket=store.settings.bucket, Key=each.get("Key", ""))
