"""`baler deploy` from its start to its exit code, with moto in the place of AWS."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Stopping

if TYPE_CHECKING:
    from conftest import Site

FUNCTION = "baler-prod-files-aggregator"
ALARM = "baler-prod-files-function-errors"
ALARMED = {"errorInformation": {"code": "ALARM_ACTIVE", "message": "One or more alarms have been activated"}}


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


def shift(site: Site) -> None:
    """Let the next deployment succeed by a canary."""
    site.steps += [
        lambda: site.share("1", v2=0.1),
        lambda: None,
        lambda: site.share("2"),
        lambda: site.end("Succeeded"),
    ]


def take_back(site: Site) -> None:
    """Let the next deployment be taken back by another one that CodeDeploy starts."""

    def alarmed() -> None:
        site.end("Failed", **ALARMED)

    def way_back() -> None:
        (failed,) = site.deployments()
        back = site.start(creator="codeDeployRollback", status="InProgress")
        site.told[failed] |= {"rollbackInfo": {"rollbackDeploymentId": back}}

    def restored() -> None:
        site.share("1")
        for deployment_id in site.deployments():
            site.told[deployment_id]["status"] = site.told[deployment_id]["status"].replace("InProgress", "Succeeded")

    site.steps += [lambda: site.share("1", v2=0.1), alarmed, way_back, restored]


def test_the_newest_version_is_shifted_to_and_each_step_told(site: Site) -> None:
    site.publish()
    shift(site)
    code, events = site.events()
    assert code == ExitCode.OK
    assert [event["event"] for event in events] == ["begun", "shift", "shifted"]
    begun, canary, shifted = events
    assert (begun["version"], begun["target"]) == ("1", "2")
    assert (canary["version"], canary["percent"]) == ("2", 10)
    assert (shifted["version"], shifted["deployment_id"]) == ("2", begun["deployment_id"])


def test_codedeploy_is_told_which_version_to_replace_by_which(site: Site) -> None:
    site.publish()
    shift(site)
    site.run()
    started = site.started()
    specification = started["revision"]["appSpecContent"]
    assert json.loads(specification["content"]) == {
        "version": 0.0,
        "Resources": [
            {
                FUNCTION: {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {"Name": FUNCTION, "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"},
                }
            }
        ],
    }
    assert specification["sha256"] == sha256(specification["content"].encode()).hexdigest()
    assert started["description"] == "baler deploy: version 1 to 2"


def test_the_newest_is_the_one_with_the_highest_number(site: Site) -> None:
    site.publish(10)
    shift(site)
    _, events = site.events()
    assert events[0]["target"] == "11"


def test_people_read_what_happens(site: Site) -> None:
    site.publish()
    shift(site)
    lines = site.run().stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["begun", "shift", "shifted"]
    assert lines[1] == "shift    version 2 gets 10% of the batches"


def test_a_version_that_was_taken_back_is_told_with_the_reason_once_the_old_one_is_back(site: Site) -> None:
    site.publish()
    take_back(site)
    code, events = site.events()
    assert code == ExitCode.NEEDS_ATTENTION
    back = events[-1]
    assert (back["event"], back["version"], back["split"]) == ("back", "1", False)
    assert back["reason"] == "One or more alarms have been activated (ALARM_ACTIVE)"
    assert site.steps == []


def test_a_deployment_that_fails_before_it_shifts_anything_has_nothing_to_take_back(site: Site) -> None:
    site.publish()
    site.steps += [lambda: site.end("Failed", errorInformation={"code": "IAM_ROLE_PERMISSIONS", "message": "no role"})]
    result = site.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "version 1 gets every batch: no role (IAM_ROLE_PERMISSIONS). See docs/runbooks/rolled-back.md" in (
        " ".join(result.stdout.split())
    )


def test_a_way_back_that_never_comes_is_told(site: Site) -> None:
    site.publish()
    site.steps += [lambda: site.share("1", v2=0.1), lambda: site.end("Failed", **ALARMED), *[lambda: None] * 24]
    result = site.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "version 1 gets NOT yet every batch" in " ".join(result.stdout.split())


def test_the_newest_version_needs_no_deployment(site: Site) -> None:
    code, events = site.events()
    assert (code, [event["event"] for event in events]) == (ExitCode.OK, ["nothing"])
    assert site.deployments() == []


def test_a_stack_that_is_rolled_out_at_once_has_nothing_to_do(site: Site) -> None:
    site.publish()
    site.failing["GetDeploymentGroup"] = refusal("ApplicationDoesNotExistException", "GetDeploymentGroup")
    result = site.run()
    assert result.exit_code == ExitCode.OK
    assert "rolled out at once (baler:rollout), by pulumi up alone" in " ".join(result.stdout.split())
    assert site.deployments() == []


def test_it_does_not_start_while_an_alarm_is_on_that_would_take_it_back(site: Site) -> None:
    site.publish()
    site.cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="a test")
    result = site.run()
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert f"Not started. {ALARM}: on" in result.stderr
    assert "--despite-alarms" in result.stderr
    assert site.deployments() == []


def test_the_repair_of_what_an_alarm_is_about_is_shifted_despite_it(site: Site) -> None:
    site.publish()
    site.cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="a test")
    shift(site)
    assert site.run("--despite-alarms").exit_code == ExitCode.OK
    assert site.started()["overrideAlarmConfiguration"] == {"enabled": False}


def test_alarms_are_heeded_unless_told_otherwise(site: Site) -> None:
    site.publish()
    shift(site)
    site.run()
    assert not site.started().get("overrideAlarmConfiguration")


def test_a_deployment_that_is_under_way_is_followed_and_no_second_one_started(site: Site) -> None:
    site.publish()
    running = site.start()
    shift(site)
    code, events = site.events()
    assert code == ExitCode.OK
    assert (events[0]["event"], events[0]["deployment_id"], events[0]["target"]) == ("begun", running, None)
    assert site.deployments() == [running]


def test_following_one_that_takes_another_back_is_no_success(site: Site) -> None:
    site.publish()
    site.start(creator="codeDeployRollback")
    site.steps += [lambda: site.end("Succeeded")]
    code, events = site.events()
    assert code == ExitCode.NEEDS_ATTENTION
    assert (events[-1]["event"], events[-1]["reason"]) == ("back", "it rolled another one back")


def test_a_start_that_got_no_answer_but_took_effect_is_followed(site: Site) -> None:
    site.publish()
    site.failing["CreateDeployment"] = ReadTimeoutError(endpoint_url="https://codedeploy")
    shift(site)
    code, events = site.events()
    assert code == ExitCode.OK
    assert site.deployments() == [events[0]["deployment_id"]]
    assert site.calls.count("CreateDeployment") == 1
    assert site.attempts["CreateDeployment"] == 1, "botocore would start a second one by itself"
    assert site.attempts["GetDeployment"] > 1


def test_somebody_faster_is_followed(site: Site) -> None:
    site.publish()
    site.failing["CreateDeployment"] = refusal("DeploymentLimitExceededException", "CreateDeployment")
    shift(site)
    assert site.run().exit_code == ExitCode.OK


@pytest.mark.parametrize("operation", ["GetAlias", "GetDeploymentGroup", "ListDeployments", "DescribeAlarms"])
def test_what_aws_refuses_before_the_start_starts_nothing(site: Site, operation: str) -> None:
    site.publish()
    site.failing[operation] = refusal("AccessDeniedException", operation)
    result = site.run()
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "Not started. " in result.stderr
    assert operation in result.stderr
    assert site.deployments() == []


def test_a_program_reads_why_it_was_not_started(site: Site) -> None:
    site.failing["GetAlias"] = refusal("ResourceNotFoundException", "GetAlias")
    code, events = site.events()
    assert (code, events[-1]["event"]) == (ExitCode.CANNOT_PROCEED, "error")


def test_aws_that_does_not_answer_any_more_leaves_it_running_and_says_so(site: Site) -> None:
    site.publish()
    site.failing["GetDeployment"] = ReadTimeoutError(endpoint_url="https://codedeploy")
    code, events = site.events()
    assert (code, [event["event"] for event in events]) == (ExitCode.UNFINISHED, ["begun", "left", "error"])


def test_ctrl_c_leaves_it_running_and_says_how_to_look_and_how_to_stop_it(site: Site) -> None:
    def ctrl_c() -> None:
        raise Stopping

    site.publish()
    site.steps += [ctrl_c]
    result = site.run()
    (running,) = site.deployments()
    assert result.exit_code == ExitCode.STOPPED
    said = " ".join(result.stdout.split())
    assert "run baler deploy again" in said
    assert f"aws deploy stop-deployment --deployment-id {running} --auto-rollback-enabled" in said
    assert site.started()["status"] == "Created"
