"""A landing bucket that is divided into lanes: a queue and a mapping for each prefix, and no file without one."""

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import record_program

from baler.aws.event_source import MESSAGES_PER_CALL, MOST_IN_FLIGHT
from baler.commands.cost.figures import figures
from baler.commands.cost.function import FunctionTime
from components.blocks.naming import LONGEST_STACK_NAME
from components.files import capacity
from components.files.capacity import MOST_LANES
from components.files.landing_prefixes import MOST_CHARACTERS

if TYPE_CHECKING:
    from conftest import Deploy, Deployed

EXTERNAL = "arn:aws:iam::111122223333:role/baler-prod-files-external-party-1a2b3c4"
LANDING = "arn:aws:s3:::baler-prod-files-landing-1a2b3c4"
PREFIXES = ["a/", "b/", "c/"]
FUNCTION = "lambda/function:Function"


def queue(name: str) -> str:
    return f"arn:aws:sqs:eu-west-2:111122223333:baler-prod-{name}-1a2b3c4"


QUEUES = [queue("files-ingest"), queue("files-ingest-2"), queue("files-ingest-3")]


@pytest.fixture(scope="module")
def divided() -> "Deployed":
    return record_program(
        "prod",
        settings={"baler:filesLandingPrefixes": PREFIXES, "baler:filesSilenceMinutes": 30},
    )


def test_each_prefix_has_a_queue_that_hears_of_every_file_below_it(divided: "Deployed") -> None:
    notification = divided.one("s3/bucketNotification:BucketNotification", "files-landing").inputs
    assert notification["queues"] == [
        {"queueArn": arn, "events": ["s3:ObjectCreated:*"], "filterPrefix": prefix}
        for arn, prefix in zip(QUEUES, PREFIXES, strict=True)
    ]


def test_nobody_puts_a_file_of_which_no_queue_hears(divided: "Deployed") -> None:
    statements = divided.one("s3/bucketPolicy:BucketPolicy", "files-landing").statements()
    below = [f"{LANDING}/{prefix}*" for prefix in PREFIXES]
    assert statements["DenyPutOfWhatNoQueueHearsOf"] == {
        "Sid": "DenyPutOfWhatNoQueueHearsOf",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject*", "s3:ReplicateObject"],
        "NotResource": below,
    }
    assert statements["DenyPutElsewhereToTheExternalParty"]["NotResource"] == below


def test_keys_are_refused_before_events_are_narrowed(divided: "Deployed") -> None:
    needs = divided.one("s3/bucketNotification:BucketNotification", "files-landing").depends_on
    assert any(urn.endswith("aws:s3/bucketPolicy:BucketPolicy::baler-prod-files-landing") for urn in needs)
    for name in ("files-ingest", "files-ingest-2", "files-ingest-3"):
        assert any(urn.endswith(f"aws:sqs/queuePolicy:QueuePolicy::baler-prod-{name}") for urn in needs)


def test_the_external_party_is_granted_the_prefixes_and_nothing_else(divided: "Deployed") -> None:
    granted = divided.one("iam/rolePolicy:RolePolicy", "files-external-party").statements()
    assert granted["PutFiles"]["Resource"] == [f"{LANDING}/{prefix}*" for prefix in PREFIXES]
    assert granted["DenyPutElsewhere"]["NotResource"] == granted["PutFiles"]["Resource"]


def test_one_function_reads_all_queues_each_with_a_concurrency_of_its_own(divided: "Deployed") -> None:
    mappings = [
        divided.one("lambda/eventSourceMapping:EventSourceMapping", name).inputs
        for name in ("files-aggregator", "files-aggregator-2", "files-aggregator-3")
    ]
    assert [mapping["eventSourceArn"] for mapping in mappings] == QUEUES
    assert len({mapping["functionName"] for mapping in mappings}) == 1
    assert all(mapping["scalingConfig"] == {"maximumConcurrency": 2} for mapping in mappings)


def test_all_queues_have_one_dead_letter_queue_which_takes_from_them_alone(divided: "Deployed") -> None:
    allow = divided.one("sqs/redriveAllowPolicy:RedriveAllowPolicy", "files-dead-letters")
    assert allow.document("redriveAllowPolicy") == {"redrivePermission": "byQueue", "sourceQueueArns": QUEUES}
    first = divided.one("sqs/queue:Queue", "files-ingest").document("redrivePolicy")
    for name in ("files-ingest-2", "files-ingest-3"):
        redrive = divided.one("sqs/redrivePolicy:RedrivePolicy", name)
        assert redrive.document("redrivePolicy") == first
        # SQS may refuse a dead-letter queue that does not name the source yet.
        assert any(urn.endswith("RedriveAllowPolicy::baler-prod-files-dead-letters") for urn in redrive.depends_on)


@pytest.mark.parametrize("place", [2, 3])
def test_a_further_queue_is_as_the_first_and_is_read_only_once_it_has_its_dead_letter_queue(
    divided: "Deployed", place: int
) -> None:
    first = dict(divided.one("sqs/queue:Queue", "files-ingest").inputs)
    del first["redrivePolicy"]
    assert divided.one("sqs/queue:Queue", f"files-ingest-{place}").inputs == first
    needs = divided.one("lambda/eventSourceMapping:EventSourceMapping", f"files-aggregator-{place}").depends_on
    assert any(urn.endswith(f"RedrivePolicy::baler-prod-files-ingest-{place}") for urn in needs)
    allowed = divided.one("sqs/queuePolicy:QueuePolicy", f"files-ingest-{place}").statements()
    assert allowed["AcceptEventsOfTheLandingBucket"]["Condition"]["ArnEquals"] == {"aws:SourceArn": LANDING}
    assert "DenyInsecureTransport" in allowed


def test_a_second_prefix_changes_nothing_that_was_there(divided: "Deployed", prod: "Deployed") -> None:
    for token, name in (
        ("sqs/queue:Queue", "files-ingest"),
        ("sqs/queue:Queue", "files-dead-letters"),
        ("lambda/eventSourceMapping:EventSourceMapping", "files-aggregator"),
        ("dynamodb/table:Table", "files-claims"),
    ):
        assert divided.one(token, name).inputs == prod.one(token, name).inputs
    assert divided.exports["filesIngestQueueUrl"] == prod.exports["filesIngestQueueUrl"]
    assert "filesIngestQueueUrls" not in prod.exports


def test_functions_may_use_every_queue_as_they_must_and_announce_to_the_first_alone(divided: "Deployed") -> None:
    aggregator = divided.one("iam/rolePolicy:RolePolicy", "files-aggregator").statements()
    assert aggregator["ConsumeEvents"]["Resource"] == QUEUES
    assert aggregator["BringRetriesForward"]["Resource"] == QUEUES
    assert aggregator["RejectMessages"]["Resource"] == [queue("files-dead-letters")]
    reconciliation = divided.one("iam/rolePolicy:RolePolicy", "files-reconciliation").statements()
    assert reconciliation["InspectIngestQueue"]["Resource"] == QUEUES
    assert reconciliation["AnnounceFiles"]["Resource"] == QUEUES[:1]


def test_reconciliation_and_commands_know_all_queues_the_first_of_them_first(divided: "Deployed") -> None:
    urls = " ".join(f"https://sqs.eu-west-2.amazonaws.com/111122223333/{arn.rpartition(':')[2]}" for arn in QUEUES)
    variables = divided.one(FUNCTION, "files-reconciliation").inputs["environment"]["variables"]
    assert variables["INGEST_QUEUE_URLS"] == urls
    assert divided.exports["filesIngestQueueUrls"] == urls


def test_the_monitor_inspects_every_lane(divided: "Deployed") -> None:
    variables = divided.one(FUNCTION, "files-mailbox-monitor").inputs["environment"]["variables"]
    lanes = json.loads(variables["INGEST_LANES"])
    assert [(lane["prefix"], lane["queue_arn"]) for lane in lanes] == list(zip(PREFIXES, QUEUES, strict=True))
    assert len({lane["mapping"] for lane in lanes}) == len(PREFIXES)


@pytest.mark.parametrize(
    ("alarm", "expression"),
    [
        ("queue-age", "(FILL(lane1, 0) > 90) OR (FILL(lane2, 0) > 90) OR (FILL(lane3, 0) > 90)"),
        ("traffic-high", "FILL(lane1, 0) + FILL(lane2, 0) + FILL(lane3, 0)"),
        ("traffic-unusual", "FILL(lane1, 0) + FILL(lane2, 0) + FILL(lane3, 0)"),
        ("silence", "FILL(lane1, 0) + FILL(lane2, 0) + FILL(lane3, 0)"),
    ],
)
def test_an_alarm_is_on_all_lanes(divided: "Deployed", alarm: str, expression: str) -> None:
    queries = divided.one("cloudwatch/metricAlarm:MetricAlarm", f"files-{alarm}").inputs["metricQueries"]
    found = {query["id"]: query for query in queries}
    assert found["watched"]["expression"] == expression
    watched = [found[f"lane{place}"]["metric"]["dimensions"]["QueueName"] for place in (1, 2, 3)]
    assert watched == [arn.rpartition(":")[2] for arn in QUEUES]


def test_every_lane_is_on_the_dashboard(divided: "Deployed") -> None:
    (drawn,) = divided.all("cloudwatch/dashboard:Dashboard")
    body = drawn.inputs["dashboardBody"]
    for arn in QUEUES:
        assert arn.rpartition(":")[2] in body


TEN = [f"{digit}/" for digit in range(10)]
TEN_THOUSAND: dict[str, Any] = {
    "baler:filesExpectedPerSecond": 10_000,
    "baler:filesLandingPrefixes": TEN,
    "baler:filesMaximumConcurrency": 15,
}


def test_ten_thousand_files_a_second_can_be_declared(deploy: "Deploy") -> None:
    deployed = deploy("prod", settings=TEN_THOUSAND)

    table = deployed.one("dynamodb/table:Table", "files-claims").inputs
    assert table["warmThroughput"] == {"readUnitsPerSecond": 12_000, "writeUnitsPerSecond": 12_500}
    visibility = deployed.one("sqs/queue:Queue", "files-ingest-10").inputs["visibilityTimeoutSeconds"]
    assert 10_000 / len(TEN) * visibility <= MOST_IN_FLIGHT


def test_the_monitor_can_be_told_of_as_many_lanes_and_as_long_prefixes_as_there_can_be(deploy: "Deploy") -> None:
    """Lambda has 4 KB for a function's environment, in the region and for the stack whose names are the longest too."""
    each = MOST_CHARACTERS // MOST_LANES - 1
    deployed = deploy("prod", settings={"baler:filesLandingPrefixes": [str(lane) * each + "/" for lane in range(10)]})
    variables = deployed.one(FUNCTION, "files-mailbox-monitor").inputs["environment"]["variables"]
    longer = LONGEST_STACK_NAME - len("prod") + len("ap-southeast-2") - len("eu-west-2")
    named = sum(value.count("eu-west-2") for value in variables.values())
    assert sum(len(name) + len(value) for name, value in variables.items()) + named * longer <= 4096


def test_a_table_that_takes_the_rate_as_it_is_is_not_warmed(prod: "Deployed") -> None:
    assert "warmThroughput" not in prod.one("dynamodb/table:Table", "files-claims").inputs


def test_a_rate_that_a_queue_has_room_for_is_one_that_s3_takes_below_a_prefix() -> None:
    # 43.2 seconds is the shortest visibility timeout that outlasts an outage: more is refused already.
    assert capacity.most_per_second(lanes=1, visibility_timeout=44) < capacity.WRITES_OF_A_PREFIX


@pytest.mark.parametrize("memory", [128, 256, 512, 1024, 1769, 3008])
@pytest.mark.parametrize("batch", [10, 100, 1000])
def test_a_function_takes_what_the_models_say(memory: int, batch: int) -> None:
    receives = math.ceil(batch / MESSAGES_PER_CALL) * figures().assumed.latency.sqs_receive.mean_seconds
    modelled = batch / (FunctionTime(figures(), memory).mean(batch) + receives)

    told = capacity.files_per_second_of_a_function(batch_size=batch, memory_megabytes=memory)

    assert told == pytest.approx(modelled, rel=0.03)
