"""`baler redeliver`: what was set aside waits for the courier again, and is lost at no moment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from baler.cli.exit_codes import ExitCode
from baler.cli.shutdown import Shutdown, Stopping
from baler.commands.redeliver.quarantine import Quarantine
from baler.commands.redeliver.service import Redelivery
from baler.files.bundle.ids import bundle_key, new_bundle_id, quarantine_key

if TYPE_CHECKING:
    from conftest import QuarantineSite

MAILBOX = "mailbox"


def told(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


@pytest.mark.requirement("PUSH-E2E-03")
def test_a_bundle_is_back_under_its_key_with_its_bytes_and_all_its_metadata_but_the_refusal(
    site: QuarantineSite,
) -> None:
    bundle_id = site.set_aside(1, replay="r-1", body=b"these bytes")
    expected = site.metadata(quarantine_key(bundle_id))
    del expected["refusal"]

    code, events = site.run("--all")

    assert code == ExitCode.OK
    assert site.stored() == {bundle_key(bundle_id)}
    assert site.body(bundle_key(bundle_id)) == b"these bytes"
    assert site.metadata(bundle_key(bundle_id)) == expected
    assert [event["event"] for event in events] == ["started", "back", "stopped"]
    (back,) = told(events, "back")
    assert (back["refusal"], back["replay_id"], back["already_there"]) == ("422", "r-1", False)


def test_only_what_is_named_goes_back(site: QuarantineSite) -> None:
    first, second = site.set_aside(1), site.set_aside(2)

    assert site.run(second)[0] == ExitCode.OK

    assert site.stored() == {quarantine_key(first), bundle_key(second)}


def test_a_dry_run_says_what_why_and_since_when_and_changes_nothing(site: QuarantineSite) -> None:
    ids = [site.set_aside(1, refusal="422"), site.set_aside(2, refusal="413")]
    before = site.stored()

    code, events = site.run("--all", "--dry-run")

    assert (code, site.stored()) == (ExitCode.OK, before)
    assert [(event["bundle_id"], event["refusal"]) for event in told(events, "would")] == [
        (ids[0], "422"),
        (ids[1], "413"),
    ]
    assert all(event["set_aside_at"] for event in told(events, "would"))
    assert f"{ids[1]}  8 bytes, refused: 413, set aside 20" in site.text("--all", "--dry-run").output


def test_another_delivery_that_waits_is_never_replaced(site: QuarantineSite) -> None:
    bundle_id = site.set_aside(1)
    site.mail(bundle_id, replay="r-7", body=b"replayed")

    for arguments in (("--all",), ("--all", "--dry-run")):
        code, _ = site.run(*arguments)
        assert code == ExitCode.UNFINISHED
    assert site.body(bundle_key(bundle_id)) == b"replayed"
    assert quarantine_key(bundle_id) in site.stored()


def test_what_is_put_there_in_the_last_moment_is_not_replaced_either(site: QuarantineSite) -> None:
    bundle_id = site.set_aside(1)
    site.before["CopyObject"] = lambda: site.mail(bundle_id, replay="r-7", body=b"replayed")

    assert site.run("--all")[0] == ExitCode.UNFINISHED

    assert site.body(bundle_key(bundle_id)) == b"replayed"
    assert quarantine_key(bundle_id) in site.stored()


def test_a_run_that_died_between_copy_and_removal_is_finished_by_the_next(site: QuarantineSite) -> None:
    bundle_id = site.set_aside(1)
    site.mail(bundle_id)

    code, events = site.run("--all")

    assert (code, site.stored()) == (ExitCode.OK, {bundle_key(bundle_id)})
    assert told(events, "back")[0]["already_there"] is True
    assert "CopyObject" not in site.calls


def test_a_second_run_beside_the_first_leaves_each_bundle_once(site: QuarantineSite) -> None:
    ids = [site.set_aside(number) for number in range(3)]
    second: list[ExitCode] = []
    quarantine = Quarantine(site.client, site.client, MAILBOX)
    beside = Redelivery(
        quarantine=quarantine, mailbox=MAILBOX, dry_run=False, shutdown=Shutdown(), report=lambda _: None
    )
    site.before["CopyObject"] = lambda: second.append(beside.run([]))

    assert site.run("--all")[0] == ExitCode.OK

    assert second == [ExitCode.OK]
    assert site.stored() == {bundle_key(bundle_id) for bundle_id in ids}


def test_what_another_run_has_taken_is_no_fault_of_all_but_of_a_name(site: QuarantineSite) -> None:
    bundle_id = site.set_aside(1)

    def gone() -> None:
        site.client.delete_object(Bucket=MAILBOX, Key=quarantine_key(bundle_id))

    site.before["HeadObject"] = gone
    assert site.run("--all")[0] == ExitCode.OK
    code, events = site.run(bundle_id)
    assert (code, told(events, "missing")[0]["bundle_id"]) == (ExitCode.NEEDS_ATTENTION, bundle_id)


def test_a_bundle_that_is_missing_keeps_no_other_back(site: QuarantineSite) -> None:
    absent, there = new_bundle_id(0.0, bytes(8)), site.set_aside(1)

    assert site.run(absent, there)[0] == ExitCode.NEEDS_ATTENTION

    assert site.stored() == {bundle_key(there)}


def test_what_the_courier_set_aside_a_moment_ago_is_left_to_it(site: QuarantineSite) -> None:
    """It copies first and removes then, so the mailbox may still have the bundle, and not for long."""
    bundle_id = site.set_aside(1)
    site.mail(bundle_id)
    site.age = timedelta(seconds=59)

    for arguments in (("--all", "--dry-run"), ("--all",)):
        code, _ = site.run(*arguments)
        assert (code, site.stored()) == (ExitCode.UNFINISHED, {bundle_key(bundle_id), quarantine_key(bundle_id)})


def test_what_is_refused_once_more_before_it_is_removed_stays_set_aside(site: QuarantineSite) -> None:
    bundle_id = site.set_aside(1, refusal="422")

    def once_copied() -> None:
        if "CopyObject" not in site.calls:
            site.before["HeadObject"] = once_copied
            return
        site.set_aside(1, refusal="413")
        site.client.delete_object(Bucket=MAILBOX, Key=bundle_key(bundle_id))

    site.before["HeadObject"] = once_copied
    site.run("--all")

    assert site.stored() == {quarantine_key(bundle_id)}
    assert site.metadata(quarantine_key(bundle_id))["refusal"] == "413"


def test_objects_that_are_no_bundles_are_left_where_they_are(site: QuarantineSite) -> None:
    site.client.put_object(Bucket=MAILBOX, Key="quarantine/notes.txt", Body=b"x")

    code, events = site.run("--all")

    assert (code, events[0]["bundles"], site.stored()) == (ExitCode.OK, 0, {"quarantine/notes.txt"})


def test_more_than_a_page_goes_back(site: QuarantineSite) -> None:
    for number in range(1001):
        site.client.put_object(
            Bucket=MAILBOX, Key=quarantine_key(new_bundle_id(number, number.to_bytes(8, "big"))), Body=b""
        )
    code, events = site.run("--all", "--dry-run")
    assert (code, len(told(events, "would"))) == (ExitCode.OK, 1001)


@pytest.mark.parametrize("arguments", [(), ("--all", "20261120T090102345Z-9f86d081884c7d65"), ("not-an-id",)])
def test_a_wrong_command_line_does_nothing(site: QuarantineSite, arguments: tuple[str, ...]) -> None:
    site.set_aside(1)
    site.calls.clear()
    assert site.text(*arguments).exit_code == ExitCode.USAGE
    assert site.calls == []


@pytest.mark.parametrize(
    ("error", "code", "left"),
    [
        (EndpointConnectionError(endpoint_url="https://s3"), ExitCode.RETRY, 2),
        (ClientError({"Error": {"Code": "SlowDown", "Message": "no"}}, "CopyObject"), ExitCode.RETRY, 2),
        (ClientError({"Error": {"Code": "ConditionalRequestConflict", "Message": "no"}}, "x"), ExitCode.RETRY, 2),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "CopyObject"), ExitCode.CANNOT_PROCEED, 2),
    ],
    ids=["no answer", "throttled", "met another", "refused"],
)
def test_what_s3_does_not_do_leaves_the_bundle_set_aside(
    site: QuarantineSite, error: Exception, code: ExitCode, left: int
) -> None:
    ids = [site.set_aside(number) for number in range(left)]

    def fail() -> None:
        site.before["CopyObject"] = fail
        raise error

    site.before["CopyObject"] = fail
    assert site.run("--all")[0] == code
    assert site.stored() == {quarantine_key(bundle_id) for bundle_id in ids}


def test_a_removal_that_fails_is_made_good_by_the_next_run(site: QuarantineSite) -> None:
    bundle_id = site.set_aside(1)

    def fail() -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    site.before["DeleteObject"] = fail
    assert site.run("--all")[0] == ExitCode.RETRY
    assert site.stored() == {bundle_key(bundle_id), quarantine_key(bundle_id)}
    assert site.calls.count("DeleteObject") == 1
    assert site.run("--all")[0] == ExitCode.OK
    assert site.stored() == {bundle_key(bundle_id)}


def test_a_signal_ends_it_with_what_is_done_done(site: QuarantineSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [site.set_aside(number) for number in range(3)]
    points: list[str] = []

    def second_time(_: Shutdown) -> None:
        points.append("")
        if len(points) == 2:
            raise Stopping

    monkeypatch.setattr(Shutdown, "interruption_point", second_time)
    code, events = site.run("--all")

    assert code == ExitCode.STOPPED
    assert (events[-1]["event"], events[-1]["redelivered"], events[-1]["left"]) == ("stopped", 2, 1)
    monkeypatch.undo()
    for bundle_id in ids:
        assert site.stored() & {bundle_key(bundle_id), quarantine_key(bundle_id)}


def test_another_bucket_of_the_stack_is_refused(site: QuarantineSite) -> None:
    site.client.put_object(Bucket=MAILBOX, Key="manifests/2026/11/20/x.json.gz", Body=b"x")
    result = site.text("--all")
    assert (result.exit_code, "is an archive" in result.stderr) == (ExitCode.CANNOT_PROCEED, True)
