"""The alarms of the deployed program fire and clear, and which are on tells what is the matter.

Each story has a pipeline of its own, and all are told at the same time, in time lapse. What an alarm declares is held
against its metric, for every alarm of every pipeline, in tests/unit/sandbox/cloudwatch.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.alarm_stories import Watched, told
from harness.alarms import UNHEALTHY
from harness.events import s3_event, s3_record
from harness.pipeline import Pipeline, wait_until

from sandbox.demo.consumer import running_consumer
from sandbox.engine.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.alarm_stories import Heard, Trouble

    from sandbox.localstack.server import LocalStack

REGION = "eu-west-2"


@contextmanager
def consumer_down(pipeline: Pipeline, folder: Path) -> Generator[Callable[[], object]]:
    """A bundle waits, and nobody takes it."""
    pipeline.land("waits")
    yield lambda: None
    with running_consumer(pipeline.deployed, folder / "received", folder / "consumer.log"):
        wait_until("an empty mailbox", pipeline.mailed, lambda found: not found)


@contextmanager
def function_broken(pipeline: Pipeline, _folder: Path) -> Generator[Callable[[], object]]:
    """A release that cannot even be loaded, while files go on landing; then the release before."""
    functions = pipeline.aws.functions
    function = pipeline.deployed.aggregator_function
    good = functions.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    functions.update_function_configuration(FunctionName=function, Handler="no.such.handler")
    bad = functions.publish_version(FunctionName=function)["Version"]
    functions.update_alias(FunctionName=function, Name="live", FunctionVersion=bad)
    landed: list[str] = []

    def go_on_landing() -> None:
        landed.append(f"file-{len(landed)}")
        pipeline.land(landed[-1])

    yield go_on_landing
    functions.update_alias(FunctionName=function, Name="live", FunctionVersion=good)
    pipeline.wait_for_files(*landed)


@contextmanager
def poison_input(pipeline: Pipeline, _folder: Path) -> Generator[Callable[[], object]]:
    """Messages that no try will ever make good, beside a file that is bundled; then somebody deals with them."""
    bodies = [f"not from S3: {token_hex(4)}" for _ in range(2)]
    for body in bodies:
        pipeline.send(body)
    pipeline.land("beside")
    yield lambda: None
    # Whatever else might still become a dead letter is then among them, and told by its body.
    pipeline.wait_until_idle()
    assert sorted(pipeline.take_dead_letters(len(bodies))) == sorted(bodies)


@contextmanager
def traffic_spike(pipeline: Pipeline, _folder: Path) -> Generator[Callable[[], object]]:
    """Many more events than expected, which the pipeline masters."""
    stack = pipeline.deployed
    body = b"the same"
    version = pipeline.land("again-and-again", body)
    # Duplicates from here on. The size is the true one: a file larger than its event says would be poison.
    pipeline.wait_for_files("again-and-again")
    record = s3_record("again-and-again", version=version, size=len(body), bucket=stack.landing_bucket)
    event = s3_event(record)
    entries: list[Any] = [{"Id": str(number), "MessageBody": event} for number in range(10)]
    # In whatever periods they fall, one has more than a burst of one file a second brings.
    for _ in range(25):
        pipeline.aws.sqs.send_message_batch(QueueUrl=stack.ingest_queue_url, Entries=entries)
    yield lambda: None
    pipeline.wait_until_idle()


# What is the matter, the settings that bring it on soon, and the alarms that tell it from the others.
STORIES: dict[str, tuple[Trouble, dict[str, object], set[str]]] = {
    "consumer down": (consumer_down, {"filesMailboxWaitSeconds": 10}, {"files-mailbox-age", UNHEALTHY}),
    "function broken": (function_broken, {}, {"files-function-errors", UNHEALTHY}),
    "poison input": (poison_input, {}, {"files-dead-letters"}),
    "traffic spike": (traffic_spike, {"filesExpectedPerSecond": 1}, {"files-traffic-high"}),
}


@pytest.fixture(scope="module")
def under_way(
    localstack: LocalStack, deploy_pipeline: DeployPipeline, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Heard]]]:
    """All stories, told at the same time from the moment that the first test asks."""
    aws = Endpoint(localstack.endpoint, REGION)
    watched: list[Watched] = []
    with ThreadPoolExecutor(len(STORIES)) as tellers:
        stories: dict[str, Future[Heard]] = {}
        for name, (trouble, settings, expected) in STORIES.items():
            watched.append(Watched(aws, deploy_pipeline, settings))
            stories[name] = tellers.submit(told, watched[-1], trouble, expected, tmp_path_factory.mktemp("story"))
        yield stories
    for each in watched:
        each.leave()


@pytest.mark.requirement("PULL-NFR-04", "PULL-NFR-07")
@pytest.mark.parametrize("story", STORIES)
def test_a_trouble_is_told_by_alarms_of_its_own_until_it_is_repaired(
    under_way: dict[str, Future[Heard]], story: str
) -> None:
    expected = STORIES[story][2]
    assert under_way[story].result().told_apart(expected) == {name: ["ALARM", "OK"] for name in expected}


@pytest.mark.parametrize("story", STORIES)
def test_only_what_cannot_wait_is_paged(under_way: dict[str, Future[Heard]], story: str) -> None:
    heard = under_way[story].result()
    assert heard.pages.keys() == heard.everything.keys() & {UNHEALTHY}
