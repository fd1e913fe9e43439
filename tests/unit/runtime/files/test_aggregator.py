"""The way of a file through one or more invocations: what the design's claim protocol promises."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import pytest
from harness.events import LANDING, s3_event, s3_record

from baler.files.claims.model import BundleRecord, BundleState, Claim
from baler.files.reason import Reason
from baler.store_errors import Refused, Unavailable
from runtime.files.aggregator.file_outcome import FileOutcome, Outcome
from runtime.files.aggregator.phases import Phases

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conftest import Pipeline

    from baler.files.bundle.writer import Bundle
    from baler.files.claims.ports import InArchive
    from runtime.files.aggregator.batch import BatchReport

T = TypeVar("T")


def outcome(report: BatchReport, message: str = "m0") -> tuple[Outcome, Reason | None]:
    found = report.messages[message]
    return found.kind, found.reason


CLAIM = Claim(f"{LANDING}/a@v1", "20261120T090000000Z-0000000000000001", 1_795_165_300.0, 1_797_000_000)
BUNDLED = (Outcome.BUNDLED, None)
DUPLICATE = (Outcome.DUPLICATE, None)
# The two ways to a claim, of which the second is taken where the first fails.
CLAIMING = "table.insert table.claim"


@pytest.mark.requirement("PULL-REQ-02", "PULL-REQ-04", "PULL-REQ-05", "PUSH-PLAN-02", "PUSH-ARCH-01")
def test_a_batch_becomes_one_bundle_in_both_buckets_with_the_same_bytes(pipeline: Pipeline) -> None:
    report = pipeline.handle(pipeline.land("a"), pipeline.land("b"))
    assert outcome(report, "m0") == outcome(report, "m1") == BUNDLED
    ((bundle_id, stored),) = pipeline.archive.bundles.items()
    assert pipeline.mailbox.objects == {bundle_id: stored}
    assert pipeline.table.records[bundle_id].state is BundleState.COMMITTED
    assert pipeline.archived() == ["a", "b"]


def test_the_happy_path_costs_one_table_write_a_file_and_one_a_bundle(pipeline: Pipeline) -> None:
    pipeline.handle(*(pipeline.land(f"k{number}") for number in range(50)))
    calls = Counter(pipeline.faults.made)
    assert calls == {"table.insert": 50, "landing.get": 50, "archive.put": 1, "mailbox.put": 1, "table.record": 1}


def test_claims_of_new_files_are_written_25_with_a_call(pipeline: Pipeline) -> None:
    insert, batches = pipeline.table.insert, list[int]()

    def counted(claims: Sequence[Claim]) -> list[Claim | Unavailable | None]:
        batches.append(len(claims))
        return insert(claims)

    pipeline.table.insert = counted
    pipeline.handle(*(pipeline.land(f"k{number}") for number in range(60)))
    assert batches == [25, 25, 10]


@pytest.mark.requirement("PUSH-UNIT-03")
def test_a_message_seen_again_after_its_file_was_delivered_is_a_duplicate(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.handle(body)
    assert outcome(pipeline.handle(body)) == DUPLICATE
    assert pipeline.archived() == ["a"]


@pytest.mark.requirement("PULL-REQ-02")
def test_the_same_file_twice_in_one_batch_is_bundled_once_and_settles_both_messages(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    report = pipeline.handle(body, body)
    assert outcome(report, "m0") == outcome(report, "m1") == BUNDLED
    assert pipeline.archived() == ["a"]


def test_a_message_with_many_records_is_done_when_all_its_files_are(pipeline: Pipeline) -> None:
    pipeline.land("a")
    both = s3_event(s3_record("a"), s3_record("gone"))
    assert outcome(pipeline.handle(both)) == (Outcome.REJECTED, Reason.OBJECT_MISSING)
    pipeline.land("gone")
    assert outcome(pipeline.handle(both)) == BUNDLED
    assert pipeline.archived() == ["a", "gone"]


def test_the_good_files_of_a_message_with_a_bad_record_are_bundled_and_it_is_rejected_with_its_reason(
    pipeline: Pipeline,
) -> None:
    for key in ("a", "b"):
        pipeline.land(key)
    bad = {**s3_record("x"), "eventVersion": "3.0"}
    report = pipeline.handle(s3_event(s3_record("a"), bad, s3_record("elsewhere", bucket="other"), s3_record("b")))
    assert outcome(report) == (Outcome.REJECTED, Reason.UNKNOWN_SCHEMA)
    assert pipeline.archived() == ["a", "b"]


def test_a_message_with_a_bad_record_stays_while_a_file_of_it_is_to_be_tried_again(pipeline: Pipeline) -> None:
    pipeline.land("a")
    pipeline.faults.before = {"archive.put"}
    assert outcome(pipeline.handle(s3_event({}, s3_record("a"))))[0] is Outcome.RETRY


def test_two_versions_of_a_key_are_both_bundled(pipeline: Pipeline) -> None:
    pipeline.handle(pipeline.land("a", b"one", "v1"), pipeline.land("a", b"two", "v2"))
    (stored,) = pipeline.archive.bundles.values()
    assert stored.identities == (("a", "v1"), ("a", "v2"))


def test_poison_leaves_the_rest_of_its_batch_alone(pipeline: Pipeline) -> None:
    report = pipeline.handle("not json", pipeline.land("a"))
    assert outcome(report, "m0") == (Outcome.REJECTED, Reason.MALFORMED)
    assert outcome(report, "m1") == BUNDLED


def test_the_report_has_the_age_of_every_message_that_stays_in_the_queue(pipeline: Pipeline) -> None:
    report = pipeline.handle("not json", pipeline.land("a"))
    assert report.left == {"m0": pipeline.now - pipeline.waited}


def test_a_batch_of_nothing_but_poison_makes_no_bundle(pipeline: Pipeline) -> None:
    pipeline.handle("not json", "{}")
    assert pipeline.faults.made == []


def test_a_file_above_the_limit_is_rejected_before_it_is_claimed(pipeline: Pipeline) -> None:
    report = pipeline.handle(pipeline.land("big", b"x" * 1001))
    assert outcome(report) == (Outcome.REJECTED, Reason.TOO_LARGE)
    assert pipeline.faults.made == []


def test_a_batch_of_more_bytes_than_a_bundle_may_have_makes_several(pipeline: Pipeline) -> None:
    report = pipeline.handle(*(pipeline.land(f"k{number}", b"x" * 900) for number in range(5)))
    assert {found.kind for found in report.messages.values()} == {Outcome.BUNDLED}
    assert [len(stored.identities) for stored in pipeline.archive.bundles.values()] == [2, 2, 1]


def test_a_message_of_more_files_than_a_bundle_may_have_makes_several(pipeline: Pipeline) -> None:
    for number in range(2500):
        pipeline.land(f"k{number}", b"")
    message = s3_event(*(s3_record(f"k{number}", size=0) for number in range(2500)))
    assert outcome(pipeline.handle(message)) == BUNDLED
    assert [len(stored.identities) for stored in pipeline.archive.bundles.values()] == [1000, 1000, 500]


@pytest.mark.requirement("PULL-NFR-05")
def test_a_flood_of_records_is_worked_off_message_by_message(pipeline: Pipeline) -> None:
    """In one bundle they would be claimed for longer than the function runs, again and again, and never bundled."""

    class Killed(BaseException):
        pass

    faults = pipeline.faults

    def slow(name: str, effect: Callable[[], T]) -> T:
        pipeline.now += 0.004
        if pipeline.now > deadline:
            raise Killed
        return faults(name, effect)

    pipeline.table.call = pipeline.landing.call = slow
    waiting: list[str] = []
    for message in range(5):
        keys = [f"{message}/{number}" for number in range(1000)]
        pipeline.landing.contents |= {f"{LANDING}/{key}@v1": b"" for key in keys}
        waiting.append(s3_event(*(s3_record(key, size=0) for key in keys)))
    for _ in range(10):
        deadline = pipeline.now + pipeline.timeout
        with suppress(Killed):
            report = pipeline.handle(*waiting)
            waiting = [body for number, body in enumerate(waiting) if not report.messages[f"m{number}"].done]
        after_the_lease(pipeline)
    assert waiting == []
    assert len(pipeline.archived()) == len(set(pipeline.archived())) == 5000


def test_an_empty_file_is_bundled(pipeline: Pipeline) -> None:
    assert outcome(pipeline.handle(pipeline.land("empty", b""))) == BUNDLED


def test_a_missing_object_is_rejected_and_its_claim_given_back(pipeline: Pipeline) -> None:
    report = pipeline.handle(s3_event(s3_record("gone")), pipeline.land("a"))
    assert outcome(report, "m0") == (Outcome.REJECTED, Reason.OBJECT_MISSING)
    assert outcome(report, "m1") == BUNDLED
    assert pipeline.claimed() == ["a"]


def test_a_file_that_cannot_be_fetched_now_is_bundled_by_the_next_attempt_at_once(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.faults.before = {"landing.get"}
    assert outcome(pipeline.handle(body)) == (Outcome.RETRY, Reason.LANDING_UNAVAILABLE)
    pipeline.faults.before = set()
    assert outcome(pipeline.handle(body)) == BUNDLED


# --- the other attempt: alive, dead, or done


def crash(pipeline: Pipeline, body: str, *, before: str = "", after: str = "") -> None:
    """An invocation that dies at a call, before it took effect or after."""

    class Killed(BaseException):
        pass

    faults = pipeline.faults

    def call(name: str, effect: Callable[[], T]) -> T:
        if name == before:
            raise Killed
        answer = faults(name, effect)
        if name == after:
            raise Killed
        return answer

    stores = (pipeline.table, pipeline.archive, pipeline.mailbox, pipeline.landing)
    for store in stores:
        store.call = call
    with pytest.raises(Killed):
        pipeline.handle(body)
    for store in stores:
        store.call = faults
    faults.made.clear()


def after_the_lease(pipeline: Pipeline) -> None:
    pipeline.now += pipeline.timeout + 31


@pytest.mark.requirement("PULL-NFR-01", "PULL-NFR-08")
@pytest.mark.parametrize(
    "point", ["table.insert", "table.claim", "landing.get", "archive.put", "mailbox.put", "table.record"]
)
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_file_is_bundled_exactly_once_wherever_its_attempt_dies(pipeline: Pipeline, point: str, side: str) -> None:
    body = pipeline.land("a")
    pipeline.faults.before = {"table.insert"} if point == "table.claim" else set()
    if side == "before":
        crash(pipeline, body, before=point)
    else:
        crash(pipeline, body, after=point)
    after_the_lease(pipeline)
    assert pipeline.handle(body).messages["m0"].done
    assert pipeline.archived() == ["a"]
    assert pipeline.mailbox.objects == pipeline.archive.bundles


def test_a_file_whose_attempt_may_be_alive_is_left_to_it_until_its_lease_ends(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    crash(pipeline, body, before="archive.put")
    lease_ends = pipeline.now + pipeline.timeout + 30
    assert pipeline.handle(body).messages["m0"] == FileOutcome(Outcome.RETRY, Reason.BUSY, lease_ends)
    assert pipeline.archive.objects == {}


def test_a_dead_attempt_that_had_archived_is_rolled_forward(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    crash(pipeline, body, after="archive.put")
    after_the_lease(pipeline)
    report = pipeline.handle(body)
    assert outcome(report) == DUPLICATE
    assert report.results[0].rolled_forward == 1
    (bundle_id,) = pipeline.mailbox.objects
    assert pipeline.table.records[bundle_id].state is BundleState.COMMITTED


def test_a_dead_attempt_that_had_not_archived_is_fenced_off_and_taken_over(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    crash(pipeline, body, before="archive.put")
    after_the_lease(pipeline)
    report = pipeline.handle(body)
    assert outcome(report) == BUNDLED
    assert report.results[0].taken_over == 1
    fence, bundle = pipeline.archive.objects.values()
    assert fence is None
    assert bundle is not None


def test_an_attempt_that_was_held_for_dead_archives_nothing(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    slow = pipeline.archive.put

    def fenced_meanwhile(bundle: Bundle) -> InArchive:
        pipeline.archive.fence(bundle.bundle_id)
        return slow(bundle)

    pipeline.archive.put = fenced_meanwhile
    assert outcome(pipeline.handle(body)) == (Outcome.RETRY, Reason.FENCED)
    assert pipeline.archive.bundles == {}
    pipeline.archive.put = slow
    after_the_lease(pipeline)
    assert outcome(pipeline.handle(body)) == BUNDLED
    assert pipeline.archived() == ["a"]


def test_a_claim_that_has_expired_counts_as_none(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.handle(body)
    pipeline.now += 9 * 86_400 + 1
    assert outcome(pipeline.handle(body)) == BUNDLED


# --- stores that do not answer


@pytest.mark.requirement("PULL-NFR-08")
def test_a_mailbox_that_fails_is_made_up_for_at_once_when_it_is_back(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.faults.before = {"mailbox.put"}
    assert outcome(pipeline.handle(body)) == (Outcome.RETRY, Reason.MAILBOX_UNAVAILABLE)
    pipeline.faults.before = set()
    assert outcome(pipeline.handle(body)) == DUPLICATE
    assert pipeline.mailbox.objects == pipeline.archive.bundles


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.parametrize("side", ["before", "after"])
def test_an_archive_that_fails_never_makes_two_bundles(pipeline: Pipeline, side: str) -> None:
    body = pipeline.land("a")
    setattr(pipeline.faults, side, {"archive.put"})
    pipeline.handle(body)
    setattr(pipeline.faults, side, set())
    assert pipeline.handle(body).messages["m0"].done
    assert pipeline.archived() == ["a"]
    assert pipeline.mailbox.objects == pipeline.archive.bundles


def test_an_archive_that_answers_nothing_at_all_keeps_the_claims_until_the_lease_ends(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.faults.after = {"archive.put", "archive.fence"}
    found = pipeline.handle(body).messages["m0"]
    assert (found.kind, found.reason) == (Outcome.RETRY, Reason.ARCHIVE_UNAVAILABLE)
    assert found.not_before == pipeline.now + pipeline.timeout + 30
    pipeline.faults.after = set()
    after_the_lease(pipeline)
    assert outcome(pipeline.handle(body)) == DUPLICATE
    assert pipeline.archived() == ["a"]


@pytest.mark.requirement("PULL-NFR-08")
@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("calls", ["table.insert", CLAIMING, "table.give_back", "table.take_over", "table.bundle"])
def test_a_claim_table_that_fails_loses_nothing_and_doubles_nothing(pipeline: Pipeline, calls: str, side: str) -> None:
    bodies = [pipeline.land("a"), pipeline.land("b"), s3_event(s3_record("gone"))]
    crash(pipeline, bodies[0], before="archive.put")
    after_the_lease(pipeline)
    setattr(pipeline.faults, side, set(calls.split()))
    pipeline.handle(*bodies)
    setattr(pipeline.faults, side, set())
    pipeline.land("gone")
    for _ in range(2):
        after_the_lease(pipeline)
        pipeline.handle(*bodies)
    after_the_lease(pipeline)
    assert all(found.done for found in pipeline.handle(*bodies).messages.values())
    assert pipeline.archived() == ["a", "b", "gone"]


def test_a_bundle_is_not_archived_under_an_id_that_a_file_which_it_leaves_out_may_still_be_claimed_for(
    pipeline: Pipeline,
) -> None:
    """Else the file's next message would find the claim of an archived bundle, and be deleted as a duplicate."""
    gone = s3_event(s3_record("gone"))
    pipeline.faults.before = {"table.give_back"}
    assert outcome(pipeline.handle(pipeline.land("a"), gone)) == BUNDLED
    assert pipeline.table.claims[f"{LANDING}/gone@v1"].bundle_id not in pipeline.archive.objects
    assert pipeline.table.claims[f"{LANDING}/a@v1"].bundle_id in pipeline.archive.bundles
    pipeline.faults.before = set()
    pipeline.land("gone")
    after_the_lease(pipeline)
    assert outcome(pipeline.handle(gone)) == BUNDLED
    assert pipeline.archived() == ["a", "gone"]


def test_a_file_that_an_attempt_leaves_out_while_another_looks_is_no_duplicate(pipeline: Pipeline) -> None:
    """The claim was seen before the file was given back, the bundle after it was archived without the file."""
    body = pipeline.land("a")
    pipeline.table.claim(CLAIM, pipeline.now)
    look = pipeline.table.bundle

    def archived_meanwhile(bundle_id: str) -> BundleRecord | None:
        pipeline.table.give_back(CLAIM)
        pipeline.table.record(BundleRecord(bundle_id, BundleState.COMMITTED, CLAIM.expires_at))
        return look(bundle_id)

    pipeline.table.bundle = archived_meanwhile
    assert outcome(pipeline.handle(body)) == (Outcome.RETRY, Reason.BUSY)
    pipeline.table.bundle = look
    assert outcome(pipeline.handle(body)) == BUNDLED


def test_a_request_that_arrives_after_its_claim_was_given_back_changes_nothing(pipeline: Pipeline) -> None:
    """Its client had given it up for lost and sent it again; the bundle was archived without the file since."""
    body = pipeline.land("a")
    pipeline.table.claim(CLAIM, pipeline.now)
    pipeline.table.give_back(CLAIM)
    pipeline.table.claim(CLAIM, pipeline.now)
    pipeline.table.take_over(CLAIM, replace(CLAIM, bundle_id="20261120T080000000Z-0000000000000002"))
    pipeline.table.record(BundleRecord(CLAIM.bundle_id, BundleState.COMMITTED, CLAIM.expires_at))
    report = pipeline.handle(body)
    assert outcome(report) == BUNDLED
    assert report.results[0].taken_over == 0


def test_a_duplicate_whose_claim_cannot_be_read_again_stays_in_the_queue(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.handle(body)
    pipeline.faults.before = {"table.read_claim"}
    assert outcome(pipeline.handle(body)) == (Outcome.RETRY, Reason.CLAIMS_UNAVAILABLE)


def test_a_claim_that_another_took_over_is_not_given_back_by_an_archive_put_that_fails(pipeline: Pipeline) -> None:
    """The fence that the old owner finds is the other's, and so are the files."""
    body = pipeline.land("a")

    def taken_over_meanwhile(bundle: Bundle) -> InArchive:
        pipeline.archive.fence(bundle.bundle_id)
        [old] = pipeline.table.claims.values()
        pipeline.table.take_over(CLAIM, old)
        raise Unavailable("archive.put")

    pipeline.archive.put = taken_over_meanwhile
    assert outcome(pipeline.handle(body)) == (Outcome.RETRY, Reason.ARCHIVE_UNAVAILABLE)
    assert pipeline.table.claims[CLAIM.identity] == CLAIM


def test_a_delivered_bundle_that_could_not_be_noted_is_still_done(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.faults.before = {"table.record"}
    report = pipeline.handle(body)
    assert outcome(report) == BUNDLED
    assert report.results[0].uncommitted


# --- failures that are one file's, and no others'


@pytest.mark.requirement("PULL-NFR-08")
def test_a_refused_claim_leaves_its_file_out_and_nothing_else(pipeline: Pipeline) -> None:
    bodies = [pipeline.land(f"k{number}") for number in range(100)]
    insert = pipeline.table.insert_one

    def throttled(claim: Claim, now: float = 0.0) -> Claim | None:
        del now
        if claim.identity == f"{LANDING}/k7@v1":
            raise Refused("claim", "ThrottlingException")
        return insert(claim)

    pipeline.table.insert_one = pipeline.table.claim = throttled
    report = pipeline.handle(*bodies)
    assert report.messages.pop("m7") == FileOutcome(Outcome.RETRY, Reason.CLAIMS_UNAVAILABLE)
    assert {found.kind for found in report.messages.values()} == {Outcome.BUNDLED}
    assert Counter(pipeline.faults.made)["table.insert"] == 99
    assert "table.give_back" not in pipeline.faults.made
    pipeline.table.insert_one = insert
    assert outcome(pipeline.handle(bodies[7])) == BUNDLED


@pytest.mark.parametrize("side", ["refused", "before", "after"])
@pytest.mark.parametrize("call", ["table.bundle", "archive.fence", "mailbox.copy", "table.read_claim"])
def test_what_became_of_one_dead_attempt_cannot_be_found_out_and_other_files_are_bundled(
    pipeline: Pipeline, call: str, side: str
) -> None:
    """A bundle in Glacier, a role that may not copy: 403 for as long as nobody repairs it."""
    body = pipeline.land("a")
    crash(pipeline, body, **{"before" if call == "archive.fence" else "after": "archive.put"})
    after_the_lease(pipeline)
    setattr(pipeline.faults, side, {call})
    report = pipeline.handle(body, pipeline.land("b"))
    assert outcome(report, "m1") == BUNDLED
    setattr(pipeline.faults, side, set())
    after_the_lease(pipeline)
    assert pipeline.handle(body).messages["m0"].done
    assert pipeline.archived() == ["a", "b"]
    assert pipeline.mailbox.objects == pipeline.archive.bundles


@pytest.mark.parametrize(
    "calls", [CLAIMING, "landing.get", "table.give_back", "archive.put", "mailbox.put", "table.record"]
)
def test_a_store_that_refuses_everything_keeps_no_claim_and_makes_nobody_wait(pipeline: Pipeline, calls: str) -> None:
    bodies = [pipeline.land("a"), s3_event(s3_record("gone"))]
    pipeline.faults.refused = set(calls.split())
    report = pipeline.handle(*bodies)
    assert report.messages["m0"].not_before == 0
    assert report.errors == []
    assert list(pipeline.archive.objects.values()).count(None) == 0, "nothing is fenced that cannot be there"
    pipeline.faults.refused = set()
    assert report.messages["m0"].done or pipeline.handle(bodies[0]).messages["m0"].done
    assert pipeline.archived() == ["a"]


@pytest.mark.parametrize("side", ["refused", "before", "after"])
def test_a_take_over_that_fails_leaves_its_file_out_and_nothing_else(pipeline: Pipeline, side: str) -> None:
    body = pipeline.land("a")
    crash(pipeline, body, before="archive.put")
    after_the_lease(pipeline)
    take_over = pipeline.table.take_over

    def failing(claim: Claim, old: Claim) -> bool:
        if claim.identity != CLAIM.identity:
            return take_over(claim, old)
        if side == "after":
            take_over(claim, old)
        raise (Refused if side == "refused" else Unavailable)("take_over")

    pipeline.table.take_over = failing
    report = pipeline.handle(body, pipeline.land("b"))
    assert outcome(report, "m0") == (Outcome.RETRY, Reason.CLAIMS_UNAVAILABLE)
    assert outcome(report, "m1") == BUNDLED
    pipeline.table.take_over = take_over
    after_the_lease(pipeline)
    assert outcome(pipeline.handle(body)) == BUNDLED
    assert pipeline.archived() == ["a", "b"]


@pytest.mark.parametrize("applied", [True, False])
def test_an_attempt_that_can_move_its_claims_nowhere_gives_them_back_and_makes_nobody_wait(
    pipeline: Pipeline, *, applied: bool
) -> None:
    bodies = [pipeline.land("a"), pipeline.land("b")]
    insert, claim = pipeline.table.insert_one, pipeline.table.claim
    hang(pipeline, pipeline.table, "insert_one", "a")
    hang(pipeline, pipeline.table, "claim", "a")
    setattr(pipeline.faults, "after" if applied else "before", {"table.take_over"})
    report = pipeline.handle(*bodies)
    assert report.messages["m0"].not_before > pipeline.now
    assert report.messages["m1"] == FileOutcome(Outcome.RETRY, Reason.CLAIMS_UNAVAILABLE)
    assert pipeline.archive.objects == {}
    pipeline.table.insert_one, pipeline.table.claim = insert, claim
    pipeline.faults.before = pipeline.faults.after = set()
    assert outcome(pipeline.handle(bodies[1])) == BUNDLED


@pytest.mark.parametrize(
    ("call", "failing"),
    [
        ("table.insert", ""),
        ("table.claim", "table.insert"),
        ("landing.get", ""),
        ("table.give_back", ""),
        ("archive.put", ""),
        ("archive.fence", "archive.put"),
        ("mailbox.put", ""),
        ("table.record", ""),
    ],
)
@pytest.mark.parametrize("side", ["before", "after"])
def test_an_error_that_nobody_expects_is_reported_and_keeps_no_claim_that_no_bundle_honours(
    pipeline: Pipeline, call: str, failing: str, side: str
) -> None:
    """Some calls are made only after another that is `failing`."""
    bodies = [pipeline.land("a"), pipeline.land("b"), s3_event(s3_record("gone"))]
    pipeline.faults.before = {failing}
    faults = pipeline.faults

    def broken(name: str, effect: Callable[[], T]) -> T:
        if name == call and side == "before":
            raise RuntimeError(name)
        answer = faults(name, effect)
        if name == call:
            raise RuntimeError(name)
        return answer

    stores = (pipeline.table, pipeline.archive, pipeline.mailbox, pipeline.landing)
    for store in stores:
        store.call = broken
    report = pipeline.handle(*bodies)
    assert [str(error) for error in report.errors] != []
    for store in stores:
        store.call = faults
    pipeline.faults.before = set()
    for _ in range(2):
        after_the_lease(pipeline)
        pipeline.handle(*bodies)
    assert pipeline.archived() == ["a", "b"]
    assert pipeline.mailbox.objects == pipeline.archive.bundles


def test_an_error_that_comes_with_one_file_is_found_and_the_other_99_are_bundled(pipeline: Pipeline) -> None:
    bodies = [pipeline.land(f"k{number}") for number in range(100)]
    insert = pipeline.table.insert_one

    def broken(claim: Claim) -> Claim | None:
        if claim.identity == f"{LANDING}/k7@v1":
            raise RuntimeError("k7")
        return insert(claim)

    pipeline.table.insert_one = broken
    report = pipeline.handle(*bodies)
    assert report.messages.pop("m7") == FileOutcome(Outcome.RETRY, Reason.INTERNAL_ERROR)
    assert {found.kind for found in report.messages.values()} == {Outcome.BUNDLED}
    assert {str(error) for error in report.errors} == {"k7"}
    assert len(pipeline.archived()) == 99


def test_an_error_that_comes_with_every_file_is_not_looked_for_in_each(pipeline: Pipeline) -> None:
    bodies = [pipeline.land(f"k{number}") for number in range(100)]
    pipeline.archive.put = pipeline.table.insert = broken  # pyright: ignore[reportAttributeAccessIssue]  # whatever it is called with
    report = pipeline.handle(*bodies)
    assert {found.reason for found in report.messages.values()} == {Reason.INTERNAL_ERROR}
    assert len(report.errors) == 3


def broken(*_: object) -> NoReturn:
    raise RuntimeError("broken")


# --- time


@pytest.mark.requirement("MINIO-ARCHIVE-02")
def test_without_time_to_finish_nothing_is_claimed(pipeline: Pipeline) -> None:
    body = pipeline.land("a")
    pipeline.timeout = 4.9
    assert outcome(pipeline.handle(body)) == (Outcome.RETRY, Reason.OUT_OF_TIME)
    assert pipeline.faults.made == []


def slow(pipeline: Pipeline, seconds: float) -> None:
    """Let each fetch take some seconds."""
    inner = pipeline.landing.call

    def call(name: str, effect: Callable[[], T]) -> T:
        pipeline.now += seconds
        return inner(name, effect)

    pipeline.landing.call = call


@pytest.mark.requirement("MINIO-ARCHIVE-02")
def test_when_time_runs_short_the_bundle_is_closed_and_the_rest_given_back(pipeline: Pipeline) -> None:
    bodies = [pipeline.land("a"), pipeline.land("b"), pipeline.land("c")]
    slow(pipeline, 6)
    report = pipeline.handle(*bodies)
    assert [found.kind for found in report.messages.values()] == [Outcome.BUNDLED, Outcome.BUNDLED, Outcome.RETRY]
    assert pipeline.claimed() == ["a", "b"]


def hang(pipeline: Pipeline, port: object, method: str, key: str = "", *, applied: bool = False) -> None:
    """Let the calls about a file, or all of a method, have no answer for ever."""
    call = getattr(port, method)

    def hanging(subject: Any, *more: object) -> object:
        if key and subject.identity != f"{LANDING}/{key}@v1":
            return call(subject, *more)
        if applied:
            call(subject, *more)
        pipeline.now += 1000
        raise Unavailable(method)

    setattr(port, method, hanging)


@pytest.mark.requirement("PULL-NFR-02")
@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("where", ["claim", "fetch", "give_back"])
def test_a_call_that_hangs_costs_its_own_file_and_the_other_99_are_delivered_in_time(
    pipeline: Pipeline, where: str, *, applied: bool
) -> None:
    bodies = [pipeline.land(f"k{number}") for number in range(100)]
    if where == "fetch":
        pipeline.hanging = {"k7"}
    elif where == "claim":
        hang(pipeline, pipeline.table, "insert_one", "k7", applied=applied)
        hang(pipeline, pipeline.table, "claim", "k7", applied=applied)
    else:
        hang(pipeline, pipeline.table, where, "k7", applied=applied)
    if where == "give_back":
        del pipeline.landing.contents[f"{LANDING}/k7@v1"]
    began = pipeline.now
    report = pipeline.handle(*bodies)
    assert not report.messages.pop("m7").done
    assert {found.kind for found in report.messages.values()} == {Outcome.BUNDLED}
    assert len(pipeline.archived()) == 99
    assert pipeline.mailbox.objects == pipeline.archive.bundles
    assert pipeline.now < began + pipeline.timeout


@pytest.mark.requirement("PULL-NFR-02")
@pytest.mark.parametrize("applied", [True, False])
def test_inserts_that_hang_cost_no_file_its_bundle(pipeline: Pipeline, *, applied: bool) -> None:
    """They have less time than the claims that follow them."""
    hang(pipeline, pipeline.table, "insert_one", applied=applied)
    report = pipeline.handle(*(pipeline.land(f"k{number}") for number in range(100)))
    assert {found.kind for found in report.messages.values()} == {Outcome.BUNDLED}
    assert Counter(pipeline.faults.made)["table.claim"] == 100
    (bundle_id,) = pipeline.archive.bundles
    assert {claim.bundle_id for claim in pipeline.table.claims.values()} == {bundle_id}


@pytest.mark.requirement("PULL-NFR-08")
def test_a_refusal_does_not_undo_an_insert_that_was_not_answered(pipeline: Pipeline) -> None:
    """Its bundle id may stand in the table, for a file that the bundle does not hold."""
    bodies = [pipeline.land("a"), pipeline.land("b")]
    insert = pipeline.table.insert_one

    def unanswered(claim: Claim) -> Claim | None:
        answer = insert(claim)
        if claim.identity == CLAIM.identity:
            raise Unavailable("insert")
        return answer

    pipeline.table.insert_one = unanswered
    pipeline.faults.refused = {"table.claim"}
    report = pipeline.handle(*bodies)
    assert outcome(report, "m0") == (Outcome.RETRY, Reason.CLAIMS_UNAVAILABLE)
    assert outcome(report, "m1") == BUNDLED
    assert pipeline.table.claims[CLAIM.identity].bundle_id not in pipeline.archive.objects
    pipeline.table.insert_one, pipeline.faults.refused = insert, set()
    after_the_lease(pipeline)
    pipeline.handle(*bodies)
    assert pipeline.archived() == ["a", "b"]


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("where", ["archive", "mailbox"])
def test_a_put_that_hangs_is_made_up_for_at_once(pipeline: Pipeline, where: str, *, applied: bool) -> None:
    body = pipeline.land("a")
    began = pipeline.now
    store = getattr(pipeline, where)
    put = store.put
    hang(pipeline, store, "put", applied=applied)
    assert pipeline.handle(body).messages["m0"].not_before == 0
    assert pipeline.now < began + pipeline.timeout
    store.put = put
    pipeline.handle(body)
    assert pipeline.archived() == ["a"]
    assert pipeline.mailbox.objects == pipeline.archive.bundles


@pytest.mark.requirement("MINIO-ARCHIVE-02")
def test_an_attempt_divides_its_time_so_that_each_step_leaves_some_for_the_next() -> None:
    phases = Phases.of(100.0, 120.0)
    moments = [getattr(phases, field.name) for field in fields(phases)]
    assert moments[0] > 100.0
    assert moments == sorted(set(moments))
    assert moments[-1] < 120.0
