from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runtime.files.aggregator.environment import Environment

if TYPE_CHECKING:
    from conftest import Deploy, Deployed


@pytest.mark.requirement("PULL-REQ-02", "PULL-NFR-05", "PULL-NFR-08", "PUSH-INTEG-03", "PUSH-AVAIL-04")
def test_the_queue_feeds_the_alias_in_batches_and_takes_back_what_failed(deploy: "Deploy") -> None:
    deployed = deploy(
        "prod",
        settings={
            "baler:filesBatchSize": 50,
            "baler:filesBatchingWindowSeconds": 4,
            "baler:filesMaximumConcurrency": 3,
        },
    )
    mapping = deployed.one("lambda/eventSourceMapping:EventSourceMapping", "files-aggregator").inputs
    assert mapping == {
        "eventSourceArn": "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-ingest-1a2b3c4",
        "functionName": "arn:aws:lambda:eu-west-2:111122223333:function:baler-prod-files-aggregator:live",
        "batchSize": 50,
        "maximumBatchingWindowInSeconds": 4,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "scalingConfig": {"maximumConcurrency": 3},
    }


def test_the_alias_points_at_the_published_version(prod: "Deployed") -> None:
    assert prod.one("lambda/function:Function", "files-aggregator").inputs["publish"] is True
    alias = prod.one("lambda/alias:Alias", "files-aggregator").inputs
    assert alias == {"name": "live", "functionName": "baler-prod-files-aggregator", "functionVersion": "7"}


@pytest.mark.parametrize("token", ["lambda/function:Function", "lambda/eventSourceMapping:EventSourceMapping"])
def test_nothing_runs_before_its_role_may_do_its_work(prod: "Deployed", token: str) -> None:
    needs = prod.one(token, "files-aggregator").depends_on
    assert any(urn.endswith("aws:iam/rolePolicy:RolePolicy::baler-prod-files-aggregator") for urn in needs)


@pytest.mark.requirement("PULL-NFR-05", "PUSH-AVAIL-03")
def test_concurrency_is_not_reserved(prod: "Deployed") -> None:
    assert "reservedConcurrentExecutions" not in prod.one("lambda/function:Function", "files-aggregator").inputs


def test_the_function_is_sized_and_built_as_the_stack_says(deploy: "Deploy") -> None:
    deployed = deploy(
        "prod",
        settings={
            "baler:filesFunctionMemoryMegabytes": 1024,
            "baler:filesFunctionDiskMegabytes": 2048,
            "baler:functionArchitecture": "x86_64",
            "baler:functionPython": "3.12",
        },
    )
    function = deployed.one("lambda/function:Function", "files-aggregator").inputs
    assert function["handler"] == "runtime.files.aggregator.handler.handle"
    assert (function["runtime"], function["architectures"]) == ("python3.12", ["x86_64"])
    assert (function["memorySize"], function["ephemeralStorage"]) == (1024, {"size": 2048})
    assert Path(function["code"].path).read_bytes() == b"a zip"
    assert function["sourceCodeHash"] == "its hash"
    assert function["role"].endswith("role/baler-prod-files-aggregator-1a2b3c4")


@pytest.mark.requirement("PUSH-COST-02")
def test_the_function_runs_on_arm_by_default(prod: "Deployed") -> None:
    assert prod.one("lambda/function:Function", "files-aggregator").inputs["architectures"] == ["arm64"]


def test_the_log_is_ours_before_lambda_could_make_it_and_ends_some_day(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:logRetentionDays": 90})
    group = deployed.one("cloudwatch/logGroup:LogGroup", "files-aggregator").inputs
    function = deployed.one("lambda/function:Function", "files-aggregator")
    assert group == {"name": f"/aws/lambda/{function.inputs['name']}", "retentionInDays": 90}
    assert function.inputs["loggingConfig"]["logGroup"] == group["name"]
    assert any(urn.endswith("LogGroup::baler-prod-files-aggregator") for urn in function.depends_on)


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_lambda_lets_the_levels_through_that_the_function_logs(deploy: "Deploy", level: str) -> None:
    function = deploy("prod", settings={"baler:logLevel": level}).one("lambda/function:Function", "files-aggregator")
    assert function.inputs["environment"]["variables"]["POWERTOOLS_LOG_LEVEL"] == level
    assert function.inputs["loggingConfig"]["applicationLogLevel"] == level
    assert function.inputs["loggingConfig"]["logFormat"] == "JSON"


@pytest.mark.requirement("PULL-NFR-07")
def test_the_function_is_traced(prod: "Deployed") -> None:
    assert prod.one("lambda/function:Function", "files-aggregator").inputs["tracingConfig"] == {"mode": "Active"}


def test_the_function_finds_its_environment(prod: "Deployed") -> None:
    variables = prod.one("lambda/function:Function", "files-aggregator").inputs["environment"]["variables"]
    memory = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}  # Lambda's own
    assert Environment.read(variables | memory) == Environment(
        stack="prod",
        landing_bucket="baler-prod-files-landing-1a2b3c4",
        archive_bucket="baler-prod-files-archive-1a2b3c4",
        distribution_bucket="baler-prod-files-distribution-1a2b3c4",
        claim_table="baler-prod-files-claims-1a2b3c4",
        ingest_queue_url="https://sqs.eu-west-2.amazonaws.com/111122223333/baler-prod-files-ingest-1a2b3c4",
        dead_letter_queue_url="https://sqs.eu-west-2.amazonaws.com/111122223333/baler-prod-files-dead-letters-1a2b3c4",
        claim_lifetime_seconds=15 * 86_400,
        longest_retry_seconds=847,
        max_file_bytes=100 * 1024 * 1024,
        max_bundle_bytes=128 * 1024 * 1024,
        memory_bytes=512 * 1024 * 1024,
    )
    assert variables["POWERTOOLS_SERVICE_NAME"] == "aggregator"
