"""All clients of a function are made in one place: where they send to and as whom is said once."""

from __future__ import annotations

import re
import time
from contextlib import closing, suppress

import pytest
from harness.scripted_server import answer, scripted_server

from baler.aws.attempts import ATTEMPTS, attempt
from baler.store_errors import Unavailable
from runtime.files.aws.clients import Clients


@pytest.mark.requirement("MINIO-CLIENTS-03")
def test_endpoint_region_and_credentials_are_the_same_for_every_client(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(answer(b"{}")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "a-session")
        with closing(Clients.connect("landing", "archive", "mailbox")) as clients:
            for name in ("landing", "archive", "mailbox"):
                _ = getattr(clients, name).head_object(Bucket=name, Key="k")
            _ = clients.claims.get_item(TableName="claims", Key={"pk": {"S": "k"}}, ConsistentRead=True)
            _ = clients.sqs.send_message_batch(QueueUrl=f"{server.url}/q", Entries=[])
        heads = [head for head, _ in server.requests]
    assert [re.findall(r"Credential=(\w+)/\d{8}/([\w-]+)/(\w+)/", head) for head in heads] == [
        [("AKIDEXAMPLE", "eu-west-2", "s3")],
        [("AKIDEXAMPLE", "eu-west-2", "s3")],
        [("AKIDEXAMPLE", "eu-west-2", "s3")],
        [("AKIDEXAMPLE", "eu-west-2", "dynamodb")],
        [("AKIDEXAMPLE", "eu-west-2", "sqs")],
    ]
    assert all("x-amz-security-token: a-session" in head for head in heads)


@pytest.mark.requirement("MINIO-CLIENTS-01")
def test_every_client_is_asked_as_often_by_the_one_policy_of_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = answer(b"", "503 Slow Down")
    with scripted_server(busy) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        with closing(Clients.connect("landing", "archive", "mailbox")) as clients, suppress(Unavailable):
            call = "head a file"
            _ = attempt(call, lambda: clients.landing.head_object(Bucket="landing", Key="k"), time.time() + 20)
        assert len(server.requests) == ATTEMPTS
