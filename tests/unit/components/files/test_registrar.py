"""The registrar as it is deployed, and the policy of what it keeps."""

from typing import TYPE_CHECKING

import pytest

from baler.files.register.registrar import SETTLE_SECONDS
from components.files import timing

if TYPE_CHECKING:
    from conftest import Deployed

PART = "lambda/function:Function"


def test_the_registrar_is_invoked_by_its_own_rule_alone_and_ends_before_it_is_invoked_again(prod: "Deployed") -> None:
    rule = prod.one("cloudwatch/eventRule:EventRule", "files-registrar").inputs
    assert rule["scheduleExpression"] == "rate(15 minutes)"
    assert prod.one(PART, "files-registrar").inputs["timeout"] < 15 * 60
    target = prod.one("cloudwatch/eventTarget:EventTarget", "files-registrar")
    assert target.inputs["arn"] == prod.one(PART, "files-registrar").outputs["arn"]
    config = prod.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "files-registrar").inputs
    assert (config["maximumRetryAttempts"], config["maximumEventAgeInSeconds"]) == (0, 900)


def test_it_finds_its_environment(prod: "Deployed") -> None:
    assert prod.one(PART, "files-registrar").inputs["environment"]["variables"] == {
        "STACK": "prod",
        "ARCHIVE_BUCKET": "baler-prod-files-archive-1a2b3c4",
        "POWERTOOLS_SERVICE_NAME": "registrar",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def test_an_hour_is_registered_when_no_attempt_that_began_in_it_can_still_run(prod: "Deployed") -> None:
    longest = max(each.inputs["timeout"] for each in prod.all(PART) if each.name.endswith("files-aggregator"))
    # And Lambda runs nothing for longer than 15 minutes, whatever the setting.
    assert max(longest, 900) < SETTLE_SECONDS


def test_the_alarm_waits_for_more_than_an_hour_a_settlement_and_a_run_that_failed() -> None:
    assert timing.REGISTER_OBJECTIVE_SECONDS > timing.SECONDS_PER_HOUR + SETTLE_SECONDS + 2 * 900


@pytest.mark.requirement("PULL-NFR-06")
def test_nothing_of_the_register_moves_to_deep_archive_where_nobody_could_read_it(prod: "Deployed") -> None:
    rules = prod.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "files-archive").inputs["rules"]
    moved = [rule["filter"].get("and", rule["filter"])["prefix"] for rule in rules if rule.get("transitions")]
    assert moved == ["bundles/"]
