"""The alarms of a pushed delivery fire and clear, and which are on tells what is the matter.

Told as in test_alarms.py: each story has a pipeline and a receiver of its own, and all are told at the same time.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from harness.alarm_stories import Watched, told
from harness.alarms import UNHEALTHY
from harness.push import Push

from sandbox.engine.endpoint import Endpoint
from sandbox.receivers.certificates import Authority
from sandbox.receivers.premises import HttpPremises, running_premises

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.alarm_stories import Heard
    from harness.pipeline import Pipeline

    from sandbox.localstack.server import LocalStack

    Story = Callable[[Push], AbstractContextManager[Callable[[], object]]]

REGION = "eu-west-2"


@contextmanager
def receiver_down(push: Push) -> Generator[Callable[[], object]]:
    """The receiver goes away while bundles come; then it is back."""
    push.premises.stop()
    push.land()
    yield lambda: None
    push.premises.start()
    push.wait_until_delivered(*push.pipeline.archived())


@contextmanager
def bundle_refused(push: Push) -> Generator[Callable[[], object]]:
    """One bundle is refused again and again, and set aside, while others pass; then somebody takes it out."""
    poison = push.put_into_mailbox(b"no bundle, but with its own hash")
    push.land()
    push.wait_until_quarantined(poison)
    yield lambda: None
    push.settle()


@contextmanager
def credentials_refused(push: Push) -> Generator[Callable[[], object]]:
    """A certificate that the receiver does not know; then the right one."""
    assert isinstance(push.premises, HttpPremises)
    push.betray(push.premises.listener.secret(Authority("strangers").client("courier")))
    push.land()
    yield lambda: None
    push.entrust()
    push.wait_until_delivered(*push.pipeline.archived())


# What is the matter, and the alarms that tell it from the others.
STORIES: dict[str, tuple[Story, set[str]]] = {
    "receiver down": (receiver_down, {"files-receiver-unreachable", UNHEALTHY}),
    "bundle refused": (bundle_refused, {"files-refused-bundles"}),
    "credentials refused": (credentials_refused, {"files-credentials-refused", UNHEALTHY}),
}


@pytest.fixture(scope="module")
def under_way(
    localstack: LocalStack, deploy_pipeline: DeployPipeline, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Heard]]]:
    """All stories, told at the same time from the moment that the first test asks."""
    aws = Endpoint(localstack.endpoint, REGION)
    watched: list[Watched] = []
    with ExitStack() as receivers, ThreadPoolExecutor(len(STORIES)) as tellers:
        stories: dict[str, Future[Heard]] = {}
        for name, (story, expected) in STORIES.items():
            premises = receivers.enter_context(running_premises("http", tmp_path_factory.mktemp("receiver")))
            settings = {key.removeprefix("baler:"): value for key, value in premises.settings.items()}
            watched.append(Watched(aws, deploy_pipeline, {**settings, "filesCredentialsGraceMinutes": 1}))
            push = Push(watched[-1].pipeline, premises)
            if story is not credentials_refused:
                push.entrust()

            def trouble(
                _pipeline: Pipeline, _folder: Path, story: Story = story, push: Push = push
            ) -> AbstractContextManager[Callable[[], object]]:
                return story(push)

            stories[name] = tellers.submit(told, watched[-1], trouble, expected, tmp_path_factory.mktemp("story"))
        yield stories
        for future in stories.values():
            future.exception()  # a receiver is needed until the last one is told
    for each in watched:
        each.leave()


@pytest.mark.parametrize("story", STORIES)
def test_a_trouble_is_told_by_alarms_of_its_own_until_it_is_repaired(
    under_way: dict[str, Future[Heard]], story: str
) -> None:
    expected = STORIES[story][1]
    assert under_way[story].result().told_apart(expected) == {name: ["ALARM", "OK"] for name in expected}


@pytest.mark.parametrize("story", STORIES)
def test_only_what_cannot_wait_is_paged(under_way: dict[str, Future[Heard]], story: str) -> None:
    heard = under_way[story].result()
    assert heard.pages.keys() == heard.everything.keys() & {UNHEALTHY}
