"""What a stack says, as a shell, a service and a program read it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

SAID: dict[str, Any] = {
    "region": "eu-west-2",
    "filesDistributionBucket": "mailbox",
    "filesLandingBucket": "landing",
    "filesConsumerRoleArn": "arn:aws:iam::111122223333:role/consumer",
    "filesConsumerS3Url": "https://bucket.vpce-1.s3.eu-west-2.vpce.amazonaws.com",
    "filesExternalPartyRoleArn": "arn:aws:iam::111122223333:role/external",
    "filesLandingRetentionDays": 7,
    "filesIngestQueueUrl": "https://sqs.example/1/it's",
}


@pytest.fixture(autouse=True)
def prod(aws_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - where boto3 finds moto
    monkeypatch.setenv("BALER_STACK", "prod")
    with mock_aws():
        boto3.client("ssm").put_parameter(Name="/baler/prod", Type="String", Value=json.dumps(SAID))
        yield


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["env", *arguments])


def test_a_shell_that_evaluates_it_has_the_stack_and_every_variable() -> None:
    script = f'{run().stdout}\nprintf "%s\\n" "$BALER_STACK" "$AWS_REGION" "$BALER_MAILBOX" "$BALER_INGEST_QUEUE_URL"'
    done = subprocess.run(["sh", "-euc", script], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["prod", "eu-west-2", "mailbox", "https://sqs.example/1/it's"]


def test_one_output_is_printed_alone() -> None:
    assert run("filesLandingBucket").stdout == "landing\n"


def test_an_output_that_is_not_there_is_refused_with_those_that_are() -> None:
    result = run("filesLandingBuckets")
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "no output filesLandingBuckets" in result.stderr
    assert "filesLandingBucket," in result.stderr


def test_the_consumer_gets_its_mailbox_and_its_private_ways_in_and_no_stack_that_it_might_ask() -> None:
    lines = run("--for", "consumer", "--plain").stdout.splitlines()
    assert lines[0].startswith("# Of stack prod")
    assert SAID["filesConsumerRoleArn"] in lines[0]
    assert dict(line.split("=", 1) for line in lines[1:]) == {
        "AWS_REGION": "eu-west-2",
        "BALER_MAILBOX": "mailbox",
        "BALER_LANDING_RETENTION_DAYS": "7",
        "AWS_ENDPOINT_URL_S3": SAID["filesConsumerS3Url"],
    }


def test_the_external_party_gets_the_bucket_that_it_may_put_into() -> None:
    lines = run("--for", "external-party").stdout.splitlines()
    assert lines[1:] == ["export AWS_REGION=eu-west-2", "export BALER_LANDING_BUCKET=landing"]


def test_a_party_that_the_stack_does_not_have_is_refused() -> None:
    result = run("--for", "producer")
    assert (result.exit_code, result.stderr) == (ExitCode.CANNOT_PROCEED, "Stack 'prod' has no producer.\n")


def test_a_program_reads_all_of_it() -> None:
    assert json.loads(run("--json").stdout) == SAID


def test_one_question_at_a_time() -> None:
    assert run("filesLandingBucket", "--json").exit_code == ExitCode.USAGE
