import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

FUNCTION = "arn:aws:lambda:eu-west-2:111122223333:function:baler-prod-files-mailbox-monitor"
RULE = "arn:aws:events:eu-west-2:111122223333:rule/baler-prod-files-mailbox-monitor"


@pytest.mark.requirement("PULL-NFR-07")
def test_the_monitor_is_invoked_every_minute_by_its_own_rule_alone(prod: "Deployed") -> None:
    rule = prod.one("cloudwatch/eventRule:EventRule", "files-mailbox-monitor").inputs
    assert rule["scheduleExpression"] == "rate(1 minute)"
    assert prod.one("cloudwatch/eventTarget:EventTarget", "files-mailbox-monitor").inputs == {
        "rule": "baler-prod-files-mailbox-monitor",
        "arn": FUNCTION,
    }
    assert prod.one("lambda/permission:Permission", "files-mailbox-monitor").inputs == {
        "function": "baler-prod-files-mailbox-monitor",
        "action": "lambda:InvokeFunction",
        "principal": "events.amazonaws.com",
        "sourceArn": RULE,
    }


def test_the_rule_has_nothing_to_invoke_before_it_may(prod: "Deployed") -> None:
    needs = prod.one("cloudwatch/eventTarget:EventTarget", "files-mailbox-monitor").depends_on
    assert any(urn.endswith("aws:lambda/permission:Permission::baler-prod-files-mailbox-monitor") for urn in needs)


def test_a_run_ends_before_the_next_one_starts(prod: "Deployed") -> None:
    assert prod.one("lambda/function:Function", "files-mailbox-monitor").inputs["timeout"] < 60


def test_the_monitor_does_not_run_before_its_role_may_do_its_work_and_its_ways_are_open(prod: "Deployed") -> None:
    needs = prod.one("lambda/function:Function", "files-mailbox-monitor").depends_on
    assert any(urn.endswith("aws:iam/rolePolicy:RolePolicy::baler-prod-files-mailbox-monitor") for urn in needs)
    for service in ("s3", "sqs", "lambda"):
        assert any(urn.endswith(f"::baler-prod-function-access-{service}") for urn in needs)


def test_the_monitor_is_built_as_the_aggregator_is(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:functionArchitecture": "x86_64", "baler:functionPython": "3.12"})
    monitor = deployed.one("lambda/function:Function", "files-mailbox-monitor").inputs
    assert monitor["handler"] == "runtime.files.mailbox_monitor.handler.handle"
    assert (monitor["runtime"], monitor["architectures"]) == ("python3.12", ["x86_64"])
    assert Path(monitor["code"].path).read_bytes() == b"a zip"
    assert monitor["sourceCodeHash"] == "its hash"
    assert monitor["role"].endswith("role/baler-prod-files-mailbox-monitor-1a2b3c4")


def test_the_monitor_is_in_the_network_where_the_aggregator_is(deploy: "Deploy", prod: "Deployed") -> None:
    part = "lambda/function:Function"
    assert (
        prod.one(part, "files-mailbox-monitor").inputs["vpcConfig"]
        == prod.one(part, "files-aggregator").inputs["vpcConfig"]
    )
    assert "vpcConfig" not in deploy("dev").one(part, "files-mailbox-monitor").inputs


def test_its_log_ends_some_day_and_has_the_level_that_lets_metrics_through(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings={"baler:logRetentionDays": 90, "baler:logLevel": "DEBUG"})
    group = deployed.one("cloudwatch/logGroup:LogGroup", "files-mailbox-monitor").inputs
    function = deployed.one("lambda/function:Function", "files-mailbox-monitor")
    assert group == {"name": f"/aws/lambda/{function.inputs['name']}", "retentionInDays": 90}
    assert function.inputs["loggingConfig"] == {
        "logFormat": "JSON",
        "logGroup": group["name"],
        "applicationLogLevel": "DEBUG",
    }
    assert any(urn.endswith("LogGroup::baler-prod-files-mailbox-monitor") for urn in function.depends_on)


def test_the_monitor_finds_its_environment(prod: "Deployed") -> None:
    variables = prod.one("lambda/function:Function", "files-mailbox-monitor").inputs["environment"]["variables"]
    variables = dict(variables)
    assert json.loads(variables.pop("INGEST_LANES")) == [
        {
            "prefix": "",
            "queue_url": "https://sqs.eu-west-2.amazonaws.com/111122223333/baler-prod-files-ingest-1a2b3c4",
            "queue_arn": "arn:aws:sqs:eu-west-2:111122223333:baler-prod-files-ingest-1a2b3c4",
            "mapping": "baler-prod-files-aggregator-1a2b3c4",
        }
    ]
    assert variables == {
        "STACK": "prod",
        "DELIVERY": "pull",
        "DISTRIBUTION_BUCKET": "baler-prod-files-distribution-1a2b3c4",
        "LANDING_BUCKET": "baler-prod-files-landing-1a2b3c4",
        "AGGREGATOR_ALIAS_ARN": "arn:aws:lambda:eu-west-2:111122223333:function:baler-prod-files-aggregator:live",
        "POWERTOOLS_SERVICE_NAME": "mailbox-monitor",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
