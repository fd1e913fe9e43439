"""What keeps the command from AWS is said, one line a check."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.exit_codes import ExitCode
from baler.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARN = "arn:aws:iam::111122223333:role/operator"


class Aws:
    """moto, but for answers that a test puts in place of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, Callable[[], Any]] = {}
        self.answer_identity()
        call = cast("Any", BaseClient)._make_api_call

        def answering(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            return self.answers[operation]() if operation in self.answers else call(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", answering)

    def answer_identity(self, seconds: float = 0) -> None:
        """Let STS say who it is, by a clock that is some seconds ahead of ours."""
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        metadata = {"HTTPHeaders": {"date": date}}
        self.answers["GetCallerIdentity"] = lambda: {
            "Arn": ARN,
            "Account": "111122223333",
            "ResponseMetadata": metadata,
        }

    def refuse(self, operation: str, code: str) -> None:
        def refused() -> Any:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

        self.answers[operation] = refused

    def say(self, **outputs: Any) -> None:
        boto3.client("ssm").put_parameter(Name="/baler/prod", Type="String", Value=json.dumps(outputs))


@pytest.fixture
def aws(aws_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:  # noqa: ARG001 - where boto3 finds moto
    with mock_aws():
        yield Aws(monkeypatch)


def doctor(**environment: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the exit code, and verdict and text by check; of two about the same thing the last."""
    result = CliRunner().invoke(app, ["doctor", "--json"], env=environment)
    found = [json.loads(line) for line in result.stdout.splitlines()]
    return result.exit_code, {each["check"]: (each["verdict"], each["text"]) for each in found}


def test_all_that_is_well_is_shown_with_who_says_so(aws: Aws) -> None:
    boto3.client("s3").create_bucket(Bucket="landing", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    aws.say(filesLandingBucket="landing", region="eu-west-2")
    code, found = doctor(BALER_STACK="prod")
    assert code == ExitCode.OK
    assert {verdict for verdict, _ in found.values()} == {"ok"}
    assert found["credentials"][1] == f"{ARN}, account 111122223333 (env)"
    assert found["region"][1] == "eu-west-2 (AWS_DEFAULT_REGION)"
    assert found["stack"][1] == "prod: files"
    assert found["filesLandingBucket"] == ("ok", "landing")


def test_without_a_region_nothing_else_is_asked(aws: Aws) -> None:
    code, found = doctor(AWS_DEFAULT_REGION="", AWS_CONFIG_FILE="/nowhere")
    assert code == ExitCode.NEEDS_ATTENTION
    assert set(found) == {"versions", "region"}
    assert found["region"][0] == "wrong"
    assert aws.answers


@pytest.mark.parametrize(
    ("seconds", "verdict", "word"), [(400, "wrong", "late"), (-400, "wrong", "early"), (30, "ok", "")]
)
def test_a_clock_that_aws_would_refuse_is_said_with_how_far_it_is(
    aws: Aws, seconds: int, verdict: str, word: str
) -> None:
    aws.answer_identity(seconds)
    code, found = doctor()
    assert (code, found["clock"][0]) == (ExitCode.OK if verdict == "ok" else ExitCode.NEEDS_ATTENTION, verdict)
    assert word in found["clock"][1]


def test_credentials_that_have_expired_are_said(aws: Aws) -> None:
    aws.refuse("GetCallerIdentity", "ExpiredToken")
    code, found = doctor()
    assert code == ExitCode.NEEDS_ATTENTION
    assert found["credentials"][1].startswith("The credentials have expired")


def test_an_endpoint_that_does_not_answer_is_said_with_its_variable(aws: Aws) -> None:
    def silent() -> Any:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    aws.answers["GetCallerIdentity"] = silent
    code, found = doctor(AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert code == ExitCode.NEEDS_ATTENTION
    assert "http://127.0.0.1:1 (AWS_ENDPOINT_URL) does not answer" in found["endpoint"][1]


def test_a_stack_that_is_not_there_is_wrong_and_one_that_may_not_be_asked_is_not(aws: Aws) -> None:
    code, found = doctor(BALER_STACK="prdo")
    assert (code, found["stack"][0]) == (ExitCode.NEEDS_ATTENTION, "wrong")
    aws.refuse("GetParameter", "AccessDeniedException")
    code, found = doctor(BALER_STACK="prod")
    assert (code, found["stack"][0]) == (ExitCode.UNKNOWN, "unknown")


def test_what_is_gone_is_wrong_and_what_may_not_be_asked_for_names_the_action(aws: Aws) -> None:
    aws.refuse("DescribeTable", "AccessDeniedException")
    aws.say(filesLandingBucket="gone", filesClaimTable="claims")
    code, found = doctor(BALER_STACK="prod")
    assert code == ExitCode.NEEDS_ATTENTION
    assert found["filesLandingBucket"] == ("wrong", "There is no such bucket: gone")
    assert found["filesClaimTable"] == ("unknown", "your role may not dynamodb:DescribeTable on claims.")


def test_a_variable_is_asked_for_in_place_of_what_the_stack_says(aws: Aws) -> None:
    aws.say(filesDistributionBucket="of-the-stack")
    assert (
        "of-the-variable"
        in doctor(BALER_STACK="prod", BALER_MAILBOX="of-the-variable")[1]["filesDistributionBucket"][1]
    )


def test_a_stack_of_another_version_is_said_and_need_not_be_wrong(aws: Aws) -> None:
    aws.say(version="99.0.0")
    code, found = doctor(BALER_STACK="prod")
    assert code == ExitCode.UNKNOWN
    assert "deployed by Baler 99.0.0" in found["versions"][1]
