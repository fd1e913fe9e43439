from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from baler.commands.audit import command
from baler.files.story import verdict
from components.files import timing

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

PART = "lambda/function:Function"


@pytest.mark.requirement("PULL-NFR-01", "PULL-NFR-08")
def test_reconciliation_is_invoked_by_its_own_rule_alone_and_ends_before_it_is_invoked_again(prod: "Deployed") -> None:
    assert (
        prod.one("cloudwatch/eventRule:EventRule", "files-reconciliation").inputs["scheduleExpression"]
        == "rate(15 minutes)"
    )
    assert prod.one(PART, "files-reconciliation").inputs["timeout"] < 15 * 60
    target = prod.one("cloudwatch/eventTarget:EventTarget", "files-reconciliation")
    assert target.inputs["arn"] == prod.one(PART, "files-reconciliation").outputs["arn"]
    assert any(urn.endswith("Permission::baler-prod-files-reconciliation") for urn in target.depends_on)
    permission = prod.one("lambda/permission:Permission", "files-reconciliation").inputs
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["sourceArn"].endswith("rule/baler-prod-files-reconciliation")


def test_a_run_that_failed_is_not_tried_again_since_the_next_one_comes(prod: "Deployed") -> None:
    config = prod.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "files-reconciliation").inputs
    assert (config["maximumRetryAttempts"], config["maximumEventAgeInSeconds"]) == (0, 900)


def test_reconciliation_finds_its_environment(prod: "Deployed") -> None:
    assert prod.one(PART, "files-reconciliation").inputs["environment"]["variables"] == {
        "STACK": "prod",
        "LANDING_BUCKET": "baler-prod-files-landing-1a2b3c4",
        "CLAIM_TABLE": "baler-prod-files-claims-1a2b3c4",
        "INGEST_QUEUE_URLS": prod.exports["filesIngestQueueUrl"],
        "CLAIM_LIFETIME_SECONDS": str(15 * 86_400),
        "GRACE_SECONDS": "3600",
        "QUEUE_MAX": "18000",
        "POWERTOOLS_SERVICE_NAME": "reconciliation",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def test_at_the_expected_rate_no_file_older_than_the_grace_waits_in_a_queue_that_takes_more() -> None:
    for rate in (1, 10, 1000):
        oldest = timing.calm_queue_messages(files_per_second=rate) / rate
        assert oldest < timing.RECONCILIATION_GRACE_SECONDS


def test_the_grace_is_longer_than_anything_that_is_normal() -> None:
    assert timing.RECONCILIATION_GRACE_SECONDS > 2 * (timing.DELIVERY_OBJECTIVE_SECONDS + 900)


def test_what_people_run_waits_and_fills_the_queue_as_reconciliation_does() -> None:
    assert verdict.GRACE_SECONDS == timing.RECONCILIATION_GRACE_SECONDS
    assert timing.calm_queue_messages(files_per_second=10) == command._QUEUE_MAX  # pyright: ignore[reportPrivateUsage]


def test_reconciliation_is_built_and_placed_as_the_aggregator_is(deploy: "Deploy", prod: "Deployed") -> None:
    deployed = deploy("dev", settings={"baler:functionArchitecture": "x86_64", "baler:functionPython": "3.12"})
    function = deployed.one(PART, "files-reconciliation").inputs
    assert function["handler"] == "runtime.files.reconciliation.handler.handle"
    assert (function["runtime"], function["architectures"]) == ("python3.12", ["x86_64"])
    assert Path(function["code"].path).is_file()
    assert "vpcConfig" not in function
    assert (
        prod.one(PART, "files-reconciliation").inputs["vpcConfig"]
        == prod.one(PART, "files-aggregator").inputs["vpcConfig"]
    )


def test_its_log_ends_some_day_and_is_there_before_the_function(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:logRetentionDays": 90})
    group = deployed.one("cloudwatch/logGroup:LogGroup", "files-reconciliation").inputs
    function = deployed.one(PART, "files-reconciliation")
    assert group == {"name": f"/aws/lambda/{function.inputs['name']}", "retentionInDays": 90}
    assert function.inputs["loggingConfig"]["logGroup"] == group["name"]
    assert any(urn.endswith("LogGroup::baler-prod-files-reconciliation") for urn in function.depends_on)
    assert any(urn.endswith("RolePolicy::baler-prod-files-reconciliation") for urn in function.depends_on)


def test_names_that_are_given_fit_the_longest_name_of_a_stack(prod: "Deployed") -> None:
    name = prod.one(PART, "files-reconciliation").inputs["name"]
    # 64 is what Lambda and EventBridge take; components/blocks/naming.py allows 36 characters for the stack.
    assert len(name) - len("prod") + 36 <= 64
