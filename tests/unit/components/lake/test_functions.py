"""The three functions: what invokes them, what they are told, and what their roles may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from harness.recorded_program import ACCOUNT, LAKE, REGION, record_program

from components.lake import timing
from runtime.lake.api.environment import Environment as ApiEnvironment
from runtime.lake.curation.environment import Environment as CurationEnvironment
from runtime.lake.ingestion.environment import Environment as IngestionEnvironment
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.recorded_program import Deployed

FUNCTIONS = ["ingestion", "curation", "api"]
PRIVATE = {"baler:privateNetwork": True, "baler:onPremisesCidrs": ["192.168.0.0/16"]}
every_function = pytest.mark.parametrize("part", FUNCTIONS)


def environment(deployed: Deployed, part: str) -> dict[str, str]:
    return deployed.one("lambda/function:Function", f"lake-{part}").inputs["environment"]["variables"]


@pytest.mark.requirement("LAKE-SEC-01", "LAKE-OBS-04")
@every_function
def test_a_function_has_a_role_of_its_own_is_traced_and_comes_after_its_policies(prod: Deployed, part: str) -> None:
    function = prod.one("lambda/function:Function", f"lake-{part}")
    assert function.inputs["role"] == f"arn:aws:iam::{ACCOUNT}:role/baler-prod-lake-{part}-1a2b3c4"
    assert function.inputs["handler"] == f"runtime.lake.{part}.handler.handle"
    assert function.inputs["tracingConfig"] == {"mode": "Active"}
    needs = {urn.rpartition("::")[2] for urn in function.depends_on if "Policy::" in urn}
    assert {"baler-prod-lake-raw", f"baler-prod-lake-{part}"} <= needs


@pytest.mark.requirement("LAKE-SEC-03")
@every_function
def test_a_function_is_in_no_private_network_whatever_the_stack_has_for_others(part: str) -> None:
    deployed = record_program("staging", {**LAKE, **PRIVATE})
    assert deployed.one("lambda/function:Function", "files-aggregator").inputs["vpcConfig"]
    assert "vpcConfig" not in deployed.one("lambda/function:Function", f"lake-{part}").inputs
    policies = json.dumps([each.inputs["policy"] for each in deployed.all("ec2/vpcEndpoint:VpcEndpoint")])
    assert "lake" not in policies.lower()


@pytest.mark.requirement("LAKE-OBS-01")
@every_function
def test_a_functions_log_ends_as_this_pipeline_says(prod: Deployed, changed: Deployed, part: str) -> None:
    def days(deployed: Deployed) -> float:
        (found,) = (
            group.inputs["retentionInDays"]
            for group in deployed.all("cloudwatch/logGroup:LogGroup")
            if group.inputs["name"] == f"/aws/lambda/baler-prod-lake-{part}"
        )
        return found

    assert (days(prod), days(changed)) == (7, 14)


@pytest.mark.parametrize(
    ("part", "memory", "timeout"), [("ingestion", 1111, 41), ("curation", 2222, 72), ("api", 3333, 29)]
)
def test_memory_and_time_are_what_the_stack_says(changed: Deployed, part: str, memory: int, timeout: int) -> None:
    function = changed.one("lambda/function:Function", f"lake-{part}").inputs
    assert (function["memorySize"], function["timeout"]) == (memory, timeout)


@pytest.mark.requirement("LAKE-INGEST-01")
def test_the_clock_invokes_the_alias_and_an_event_is_tried_twice_more_until_it_is_stale(
    prod: Deployed, changed: Deployed
) -> None:
    alias = prod.one("lambda/alias:Alias", "lake-ingestion").outputs
    assert prod.one("cloudwatch/eventTarget:EventTarget", "lake-ingestion").inputs["arn"] == alias["arn"]
    assert (
        prod.one("cloudwatch/eventRule:EventRule", "lake-ingestion").inputs["scheduleExpression"] == "rate(5 minutes)"
    )
    assert prod.exports["lakeScheduleRule"] == "baler-prod-lake-ingestion"
    tries = prod.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "lake-ingestion").inputs
    assert tries["qualifier"] == alias["name"] == "live"
    assert tries["maximumRetryAttempts"] == 2
    assert str(int(tries["maximumEventAgeInSeconds"])) == environment(prod, "ingestion")["STALE_SECONDS"] == "300"
    rule = changed.one("cloudwatch/eventRule:EventRule", "lake-ingestion").inputs
    assert rule["scheduleExpression"] == "rate(1 minute)"


@pytest.mark.requirement("LAKE-QUEUE-01", "LAKE-SCALE-01")
def test_the_queue_invokes_the_alias_with_batches_of_which_single_messages_may_fail(
    prod: Deployed, changed: Deployed
) -> None:
    mapping = prod.one("lambda/eventSourceMapping:EventSourceMapping", "lake-curation").inputs
    assert mapping["functionName"] == prod.one("lambda/alias:Alias", "lake-curation").outputs["arn"]
    assert mapping["eventSourceArn"] == prod.one("sqs/queue:Queue", "lake-curation").outputs["arn"]
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["metricsConfig"] == {"metrics": ["EventCount"]}
    assert (mapping["batchSize"], mapping["scalingConfig"]["maximumConcurrency"]) == (10, 10)
    other = changed.one("lambda/eventSourceMapping:EventSourceMapping", "lake-curation").inputs
    assert (other["batchSize"], other["scalingConfig"]["maximumConcurrency"]) == (3, 4)


def test_what_reads_raw_objects_is_there_before_what_puts_them(prod: Deployed) -> None:
    ingestion = prod.one("lambda/function:Function", "lake-ingestion")
    assert prod.one("lambda/eventSourceMapping:EventSourceMapping", "lake-curation").urn in ingestion.depends_on


@every_function
def test_the_alias_is_moved_by_deployments_or_by_updates(prod: Deployed, changed: Deployed, part: str) -> None:
    assert set(prod.one("lambda/alias:Alias", f"lake-{part}").ignored) == {"functionVersion", "routingConfig"}
    assert not changed.one("lambda/alias:Alias", f"lake-{part}").ignored
    applications = {each.inputs["name"] for each in prod.all("codedeploy/application:Application")}
    assert f"baler-prod-lake-{part}" in applications
    assert changed.all("codedeploy/application:Application") == []


@pytest.mark.parametrize(
    ("part", "read"),
    [("ingestion", IngestionEnvironment.read), ("curation", CurationEnvironment.read), ("api", ApiEnvironment.read)],
)
def test_a_function_is_told_what_it_reads(
    changed: Deployed,
    part: str,
    read: Callable[[Mapping[str, str]], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = environment(changed, part)
    # Lambda starts a function where its package is.
    monkeypatch.chdir(tmp_path)
    (tmp_path / told["SOURCES_FILE"]).write_text(
        '[[source]]\nname = "orders"\ntype = "orders"\nurl = "https://api.example.org"\nid = "id"\ndocument = "whole"\n'
        'headers = { Authorization = "token" }'
    )
    assert read(told)
    # Each under its own name: a function that is told the wrong one reads something else, or nothing.
    exports = changed.exports
    names = {
        "RAW_BUCKET": exports["lakeRawBucket"],
        "RECORDS_TABLE": exports["lakeRecordsTable"],
        "COUNTERS_TABLE": exports["lakeCountersTable"],
        "SOURCES_TABLE": exports["lakeSourcesTable"],
        "VERSIONS_TABLE": exports["lakeVersionsTable"],
        "QUEUE_URL": exports["lakeCurationQueueUrl"],
        "DEAD_LETTER_QUEUE_URL": exports["lakeCurationDeadLetterQueueUrl"],
    }
    assert {name: told[name] for name in names if name in told} == {name: names[name] for name in names if name in told}


def test_functions_are_told_how_long_records_stay_and_where_versions_go(prod: Deployed, changed: Deployed) -> None:
    assert environment(prod, "curation")["VERSIONS_TABLE"] == ""
    assert environment(changed, "curation")["VERSIONS_TABLE"] == "baler-prod-lake-versions-1a2b3c4"
    for part in ("curation", "api"):
        assert environment(prod, part)["RETENTION_DAYS"] == "0"
        assert environment(changed, part)["RETENTION_DAYS"] == "400"
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:baler-prod-lake-source-orders-1a2b3c4-6DigIt"
    assert json.loads(environment(changed, "ingestion")["SOURCE_SECRETS"]) == {"orders": secret}


@pytest.mark.requirement("LAKE-SEC-01")
@every_function
def test_no_role_has_a_wildcard_for_a_resource_but_traces(prod: Deployed, part: str) -> None:
    statements = prod.one("iam/rolePolicy:RolePolicy", f"lake-{part}").statements()
    anywhere = {sid for sid, each in statements.items() if "*" in each["Resource"]}
    assert anywhere == {"Trace"}
    actions = {action for each in statements.values() for action in each["Action"]}
    assert not {action for action in actions if "*" in action}
    assert not {"dynamodb:Scan", "dynamodb:DeleteItem", "logs:CreateLogGroup"} & actions


def test_the_lease_that_the_settings_reckon_with_is_ingestions() -> None:
    # The module itself connects to AWS.
    handler = (PROJECT_DIR / "runtime" / "lake" / "ingestion" / "handler.py").read_text()
    assert f"_LEASE_MARGIN_SECONDS: Final = {timing.LEASE_MARGIN_SECONDS:.1f}\n" in handler
