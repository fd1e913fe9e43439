"""What `baler status` shows and how it ends, with moto in the place of AWS."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.env.parties import variables
from baler.files.bundle.fence import body_of_fence
from baler.files.path_fault import GAUGE, Fault

if TYPE_CHECKING:
    from conftest import Stack


def reported(stack: Stack) -> dict[str, Any]:
    (line,) = stack.run("--json").stdout.splitlines()
    return json.loads(line)


def test_a_stack_without_trouble_is_healthy_and_all_of_it_is_on_the_screen(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.ingest, MessageBody="a file")
    stack.measure_queue(4)
    stack.measure("MailboxObjects", 3)
    stack.measure("MailboxBytes", 2_500_000)
    stack.measure("MailboxOldestAge", 40)
    bundle_id = stack.archive(30)
    result = stack.run()
    assert result.exit_code == ExitCode.OK, result.output
    shown = {line[:14].strip(): line[14:].strip() for line in result.stdout.splitlines()}
    assert result.stdout.startswith("prod: healthy")
    assert shown["Ingest queue"] == "1 waiting, 0 in flight, oldest 4 s"
    assert shown["Dead letters"] == "0"
    assert shown["Mailbox"].startswith("3 bundles, 2.5 MB, oldest 40 s  at ")
    assert shown["Last bundle"].endswith(f"s ago, 100 files, 8 bytes  {bundle_id}")
    assert shown["Last hour"].startswith("no data")
    assert shown["Alarms"] == "0 of 1 on"


def test_a_program_reads_the_same(stack: Stack) -> None:
    stack.measure("MailboxObjects", 3)
    bundle_id = stack.archive(30)
    found = reported(stack)
    assert (found["health"], found["reasons"], found["unanswered"]) == ("healthy", [], {})
    assert (found["stack"], found["dead_letters"]) == ("prod", 0)
    assert found["queue"] == {"waiting": 0, "in_flight": 0}
    assert found["measured"]["mailbox_objects"]["value"] == 3
    assert found["measured"]["mailbox_age"] is None
    assert (found["last_bundle"]["bundle_id"], found["last_bundle"]["files"]) == (bundle_id, 100)
    assert found["latency"] == {"files": 0, "p50": None, "p95": None, "p99_9": None}
    assert [(alarm["name"], alarm["state"]) for alarm in found["alarms"]] == [("files-queue-age", "OK")]


def delivery_of(stack: Stack) -> str | None:
    lines = stack.run().stdout.splitlines()
    return next((line[14:].strip() for line in lines if line.startswith("Delivery")), None)


def test_a_stack_whose_consumer_pulls_has_no_line_about_a_courier(stack: Stack) -> None:
    stack.measure("MailboxObjects", 3)
    assert delivery_of(stack) is None
    assert reported(stack)["measured"]["breaker_open"] is None


def test_a_pushed_delivery_that_works_says_so_in_one_line(stack: Stack) -> None:
    stack.measure("MailboxObjects", 2)
    stack.measure("MailboxOldestAge", 7)
    stack.measure("BreakerOpen", 0)
    stack.measure("Quarantined", 0)
    shown = delivery_of(stack)
    assert shown is not None
    assert shown.startswith("breaker closed, oldest undelivered 7 s, 0 set aside  at ")
    assert stack.run().exit_code == ExitCode.OK


@pytest.mark.parametrize(
    ("cause", "means"),
    [
        ("unreachable", "it does not answer, or cannot work"),
        ("refuses-everything", "it refuses every bundle"),
        ("credentials", "it refuses our credentials, or they cannot be used"),
    ],
)
def test_an_open_breaker_is_unhealthy_with_its_cause_and_since_when(stack: Stack, cause: str, means: str) -> None:
    stack.measure("MailboxObjects", 40)
    stack.measure("MailboxOldestAge", 900)
    stack.measure_breaker(cause, 840)
    stack.measure("Quarantined", 3)
    shown = delivery_of(stack)
    assert shown is not None
    since = r"\(since 20\d\d-\d\d-\d\d \d\d:\d\d\)"
    waiting = "oldest undelivered 15 min, 3 set aside  at "
    assert re.match(rf"breaker OPEN for 14 min {since}, {cause}, {waiting}", shown)
    result = stack.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert f"! the receiver has taken no bundles for 14 min: {means}" in result.stdout
    assert (
        "! 3 bundles were refused by the receiver and set aside: see `baler redeliver --all --dry-run`" in result.stdout
    )
    found = reported(stack)["measured"]
    assert (found["breaker_open"]["value"], found["open_seconds"][cause]["value"]) == (1, 840)
    assert found["quarantined"]["value"] == 3


def test_a_courier_that_is_silent_is_told_from_a_consumer_that_pulls(stack: Stack) -> None:
    stack.measure("Quarantined", 1)
    shown = delivery_of(stack)
    assert shown is not None
    assert shown.startswith("no data: the courier is silent, 1 set aside  at ")


def test_a_dead_letter_is_unhealthy_also_while_somebody_reads_it(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody="poison")
    assert stack.run().exit_code == ExitCode.NEEDS_ATTENTION
    stack.sqs.receive_message(QueueUrl=stack.dead)
    result = stack.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "! 1 dead letter: see `baler dead-letters list`" in result.stdout


def test_an_alarm_that_is_on_is_unhealthy_and_says_what_it_means(stack: Stack) -> None:
    stack.alarm("files-mailbox-age", "ALARM")
    result = stack.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "! the alarm files-mailbox-age is on" in result.stdout
    assert "1 of 2 on" in result.stdout
    assert "What baler-prod-files-mailbox-age means. Runbook: docs/runbooks/backlog.md" in result.stdout


def test_an_alarm_without_data_is_named_and_not_yet_wrong(stack: Stack) -> None:
    stack.alarm("traffic-unusual", "INSUFFICIENT_DATA")
    result = stack.run()
    assert result.exit_code == ExitCode.OK
    assert "without data: traffic-unusual" in result.stdout


def test_alarms_of_a_stack_whose_name_begins_alike_are_not_ours(stack: Stack) -> None:
    stack.alarm("function-errors", "ALARM", stack="prod-eu")
    stack.alarm("function-errors", "ALARM", stack="prod-alarms")
    result = stack.run()
    assert result.exit_code == ExitCode.OK
    assert "0 of 1 on" in result.stdout


def test_metrics_of_another_stack_are_not_ours(stack: Stack) -> None:
    stack.measure("MailboxObjects", 9, stack="dev")
    assert reported(stack)["measured"]["mailbox_objects"] is None


def test_a_mailbox_that_nobody_looked_into_is_no_empty_one(stack: Stack) -> None:
    assert "Mailbox       no data" in stack.run().stdout


def test_a_file_that_waits_too_long_is_unhealthy(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.ingest, MessageBody="a file")
    stack.measure_queue(181)
    result = stack.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "! a file has waited for 181 s to be bundled, more than 180 s" in result.stdout


def test_a_file_that_fails_again_and_again_is_unhealthy_though_sqs_shows_a_young_queue(stack: Stack) -> None:
    stack.measure_queue(4)
    stack.measure("OldestLeftAge", 181)
    result = stack.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert "! a file that failed again stays in the queue after 181 s, more than 180 s" in result.stdout


@pytest.mark.requirement("PULL-NFR-07")
@pytest.mark.parametrize("fault", Fault)
def test_whatever_the_monitor_finds_wrong_with_the_path_is_unhealthy_and_named(stack: Stack, fault: Fault) -> None:
    stack.measure_fault(GAUGE[fault], fault)
    result = stack.run()
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert f"({fault})" in result.stdout
    assert list(reported(stack)["measured"]["faults"]) == [fault]


def test_an_empty_queue_has_no_oldest_message_whatever_was_minutes_ago(stack: Stack) -> None:
    stack.measure_queue(500)
    result = stack.run()
    assert result.exit_code == ExitCode.OK
    assert "oldest" not in result.stdout


def test_the_last_bundle_is_the_newest_and_no_fence(stack: Stack) -> None:
    stack.archive(7200)
    newest = stack.archive(3700)
    stack.archive(20, body_of_fence())
    assert reported(stack)["last_bundle"]["bundle_id"] == newest
    assert "1 h ago" in stack.run().stdout


def test_a_day_without_bundles_is_said(stack: Stack) -> None:
    stack.archive(2 * 86_400)
    result = stack.run()
    assert "Last bundle   none in the last 24 hours" in result.stdout
    assert result.exit_code == ExitCode.OK


@pytest.mark.parametrize(
    ("operation", "code", "part"),
    [
        ("DescribeAlarms", "AccessDenied", "alarms"),
        ("GetMetricData", "AccessDeniedException", "measured"),
        ("GetQueueAttributes", "AWS.SimpleQueueService.AccessDenied", "queue"),
    ],
)
def test_what_is_not_allowed_is_said_and_hides_nothing_else(stack: Stack, operation: str, code: str, part: str) -> None:
    stack.archive(30)
    stack.refuse(operation, code)
    result = stack.run()
    assert result.exit_code == ExitCode.UNKNOWN
    assert f"not allowed: your role may not {operation}" in result.stdout
    assert "prod: UNKNOWN: nothing wrong was seen, but not everything could be asked" in result.stdout
    assert "s ago, 100 files" in result.stdout
    found = reported(stack)
    assert (found["health"], found[part]) == ("unknown", None)
    assert found["unanswered"][part] == f"not allowed: your role may not {operation}"


def test_without_credentials_it_is_unknown_and_says_so(stack: Stack) -> None:
    stack.refuse_all("UnrecognizedClientException")
    result = stack.run()
    assert result.exit_code == ExitCode.UNKNOWN
    assert result.stdout.startswith("prod: UNKNOWN: nothing could be asked")
    assert "nothing wrong" not in result.stdout


def test_aws_region_is_enough(stack: Stack) -> None:
    assert stack.run(AWS_DEFAULT_REGION="", AWS_REGION="eu-west-2").exit_code == ExitCode.OK


def test_what_is_wrong_is_certain_whatever_cannot_be_asked(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody="poison")
    stack.refuse("DescribeAlarms")
    assert stack.run().exit_code == ExitCode.NEEDS_ATTENTION


def test_the_archive_refuses_by_itself(stack: Stack) -> None:
    stack.refuse("ListObjectsV2")
    result = stack.run()
    assert result.exit_code == ExitCode.UNKNOWN
    assert "Access is denied: could not list the archive 'archive'" in result.stdout
    assert "0 of 1 on" in result.stdout


def test_a_stack_of_which_there_are_no_alarms_is_not_healthy_but_mistyped(stack: Stack) -> None:
    result = stack.run("--stack", "production")
    assert result.exit_code == ExitCode.UNKNOWN
    assert "there are no alarms of a stack 'production' in this region: check --stack" in result.stdout


NOTHING_GIVEN = dict.fromkeys(("BALER_INGEST_QUEUE_URL", "BALER_DEAD_LETTER_QUEUE_URL", "BALER_ARCHIVE"), "")


def test_a_stack_that_is_named_says_what_its_pipelines_are(stack: Stack) -> None:
    stack.say(filesIngestQueueUrl=stack.ingest, filesDeadLetterQueueUrl=stack.dead, filesArchiveBucket="archive")
    from_stack, given = (json.loads(stack.run("--json", **names).stdout) for names in (NOTHING_GIVEN, {}))
    assert {**from_stack, "at": ""} == {**given, "at": ""}


@pytest.mark.parametrize("told", [True, False], ids=["by variables", "by the stack"])
def test_all_lanes_of_a_stack_are_its_queue(stack: Stack, *, told: bool) -> None:
    second = stack.sqs.create_queue(QueueName="ingest-2")["QueueUrl"]
    says = {
        "filesIngestQueueUrl": stack.ingest,
        "filesIngestQueueUrls": f"{stack.ingest} {second}",
        "filesDeadLetterQueueUrl": stack.dead,
        "filesArchiveBucket": "archive",
    }
    if not told:
        stack.say(**says)
    for url in (stack.ingest, second, second):
        stack.sqs.send_message(QueueUrl=url, MessageBody="a file")
    stack.sqs.receive_message(QueueUrl=second)
    stack.measure_queue(4)
    stack.measure_queue(40, "ingest-2")
    found = json.loads(stack.run("--json", **(variables("prod", says, None) if told else NOTHING_GIVEN)).stdout)
    assert found["queue"] == {"waiting": 2, "in_flight": 1}
    assert found["measured"]["queue_age"]["value"] == 40


def test_a_queue_that_is_not_the_stacks_is_alone(stack: Stack) -> None:
    other = stack.sqs.create_queue(QueueName="other")["QueueUrl"]
    stack.sqs.send_message(QueueUrl=stack.ingest, MessageBody="a file")
    names = {"BALER_INGEST_QUEUE_URL": other, "BALER_INGEST_QUEUE_URLS": f"{stack.ingest} {stack.dead}"}
    assert json.loads(stack.run("--json", **names).stdout)["queue"]["waiting"] == 0


def test_a_name_that_is_not_given_is_the_stacks(stack: Stack) -> None:
    stack.say(filesArchiveBucket="archive")
    assert stack.run(BALER_ARCHIVE="").exit_code == stack.run().exit_code


def test_a_name_that_nobody_says_is_asked_for(stack: Stack) -> None:
    stack.say(region="eu-west-2")
    result = stack.run(BALER_ARCHIVE="")
    assert result.exit_code == ExitCode.USAGE
    assert "--archive" in result.stderr


def test_a_stack_that_says_nothing_is_named_with_what_to_check(stack: Stack) -> None:
    result = stack.run(**NOTHING_GIVEN)
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert "There is no stack 'prod' in eu-west-2: it has no parameter /baler/prod." in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_DEFAULT_REGION", ""), ("AWS_PROFILE", "nobody"), ("AWS_ENDPOINT_URL", "no-url")]
)
def test_settings_of_aws_that_cannot_be_used_are_said_in_a_sentence(stack: Stack, variable: str, value: str) -> None:
    result = stack.run(**{variable: value})
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert result.stderr.count("check AWS_PROFILE (or the keys of AWS), AWS_REGION and AWS_ENDPOINT_URL.") == 1
    assert ".:" not in result.stderr
    assert result.stdout == ""


def test_a_terminal_that_is_watched_shows_the_newest_look_in_colours(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(_shutdown: Shutdown, _seconds: float) -> None:
        raise Stopping

    monkeypatch.setattr(Shutdown, "wait", wait)
    result = stack.run("--watch", FORCE_COLOR="1", TERM="xterm")
    assert result.exit_code == ExitCode.OK
    assert "\x1b[32mhealthy" in result.stdout


def test_watching_looks_again_until_it_is_stopped_and_that_is_no_failure(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def wait(_shutdown: Shutdown, seconds: float) -> None:
        waits.append(seconds)
        stack.sqs.send_message(QueueUrl=stack.dead, MessageBody="poison")
        if len(waits) == 2:
            raise Stopping

    monkeypatch.setattr(Shutdown, "wait", wait)
    result = stack.run("--watch", "--every", "30", "--json")
    assert result.exit_code == ExitCode.OK
    assert [json.loads(line)["dead_letters"] for line in result.stdout.splitlines()] == [0, 1]
    assert waits == [30, 30]
