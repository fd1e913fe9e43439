"""Stores behind an address, for the courier's adapters and its handler."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from moto.server import ThreadedMotoServer

from baler.files.aws.courier_table import KEY
from runtime.files.aws.clients import CourierClients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def aws(moto_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A mailbox and a courier's table, both empty."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_server)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="mailbox")
        boto3.client("dynamodb").create_table(
            TableName="courier",
            KeySchema=[{"AttributeName": KEY, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": KEY, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield


@pytest.fixture
def clients(aws: None) -> Iterator[CourierClients]:  # noqa: ARG001 - where they work
    with closing(CourierClients.connect("mailbox")) as made:
        yield made


@pytest.fixture
def s3(aws: None) -> S3Client:  # noqa: ARG001 - where it works
    return boto3.client("s3")
