"""The receiver's secret in Secrets Manager, on moto and over a server that says what the test wrote down."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from harness.scripted_server import Says, answer, scripted_server
from moto import mock_aws

from baler.store_errors import Refused, Unavailable
from runtime.files.aws.secrets import ATTEMPTS, SecretsManagerSecret

if TYPE_CHECKING:
    from collections.abc import Generator

    from mypy_boto3_secretsmanager import SecretsManagerClient

ARN = "arn:aws:secretsmanager:eu-west-2:000000000000:secret:receiver"
CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=0.5)


def client(endpoint: str | None = None) -> SecretsManagerClient:
    return boto3.client(
        "secretsmanager",
        region_name="eu-west-2",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - of nobody
        config=CONFIG,
    )


@pytest.fixture
def made() -> Generator[tuple[SecretsManagerClient, str]]:
    """A secret as the stack makes it: without a value."""
    with mock_aws():
        manager = client()
        yield manager, manager.create_secret(Name="receiver")["ARN"]


def test_a_secret_without_a_value_has_no_version(made: tuple[SecretsManagerClient, str]) -> None:
    store = SecretsManagerSecret(*made)
    assert store.current() is None
    assert store.previous() is None


@pytest.mark.requirement("PUSH-SEC-03")
def test_the_version_in_force_and_the_one_before_have_their_ids_and_times(
    made: tuple[SecretsManagerClient, str],
) -> None:
    manager, arn = made
    store = SecretsManagerSecret(manager, arn)
    first = manager.put_secret_value(SecretId=arn, SecretString="{}")["VersionId"]
    current = store.current()
    assert current is not None
    assert (current.version_id, current.text) == (first, "{}")
    assert abs(current.created_at - time.time()) < 60
    assert store.previous() is None
    second = manager.put_secret_value(SecretId=arn, SecretString="[]")["VersionId"]
    current, previous = store.current(), store.previous()
    assert current is not None
    assert previous is not None
    assert (current.version_id, current.text) == (second, "[]")
    assert (previous.version_id, previous.text) == (first, "{}")


def test_a_binary_value_is_read_too(made: tuple[SecretsManagerClient, str]) -> None:
    manager, arn = made
    manager.put_secret_value(SecretId=arn, SecretBinary=b'{"username": "\xc3\xa9"}')
    current = SecretsManagerSecret(manager, arn).current()
    assert current is not None
    assert json.loads(current.text) == {"username": "é"}


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure", "InvalidRequestException"])
def test_a_refusal_has_the_code_of_aws_and_is_not_repeated(code: str) -> None:
    with scripted_server(answer(json.dumps({"__type": code}).encode(), "400 Bad Request")) as server:
        store = SecretsManagerSecret(client(server.url), ARN)
        with pytest.raises(Refused) as refused:
            store.current()
    assert refused.value.reason == code
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "says", [answer(status="500 Internal Server Error"), Says(hangs_up=True), Says(stalls=True)], ids=str
)
def test_secrets_manager_that_fails_is_asked_twice(says: Says) -> None:
    with scripted_server(says) as server:
        store = SecretsManagerSecret(client(server.url), ARN)
        with pytest.raises(Unavailable):
            store.current()
        assert len(server.requests) == ATTEMPTS


def test_the_right_version_of_the_right_secret_is_asked_for() -> None:
    with scripted_server(answer(b'{"VersionId": "1", "SecretString": "{}", "CreatedDate": 5}')) as server:
        SecretsManagerSecret(client(server.url), ARN).previous()
    assert json.loads(server.requests[0][1]) == {"SecretId": ARN, "VersionStage": "AWSPREVIOUS"}
