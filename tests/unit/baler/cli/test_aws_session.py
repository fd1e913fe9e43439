"""Which settings of AWS the commands read."""

from __future__ import annotations

from pathlib import Path

import pytest

from baler.cli.aws_session import aws_session

COMMANDS = Path(__file__).parents[4] / "baler"


@pytest.fixture(autouse=True)
def no_region(aws_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - it sets one
    monkeypatch.delenv("AWS_DEFAULT_REGION")


def test_aws_region_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert aws_session().client("sqs").meta.region_name == "eu-west-1"


def test_aws_region_goes_before_what_boto3_reads_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")

    assert aws_session().region_name == "eu-west-1"


def test_without_it_boto3_reads_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")

    assert aws_session().region_name == "eu-west-2"


def test_no_other_module_makes_a_client_or_session_of_its_own() -> None:
    makers = ("boto3.client(", "boto3.resource(", "boto3.Session(", "boto3).client")
    sources = {path.relative_to(COMMANDS): path.read_text(encoding="utf-8") for path in COMMANDS.rglob("*.py")}

    assert [str(path) for path, source in sources.items() if any(made in source for made in makers)] == [
        "cli/aws_session.py"
    ]
