"""What the pages tell an operator to type works as it is written, at a deployed pipeline.

A page's blocks run in one shell, from top to bottom, as their reader would run them. The blocks that are left out are
listed in `pages.not_run`.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from harness.alarms import stack_of
from harness.lake_pipeline import LakePipeline
from harness.pipeline import wait_until
from harness.push import Push
from pages.lake_situations import LAKE_SITUATIONS, LakeSituation, is_of_lake
from pages.not_run import reason
from pages.situations import KEY, SITUATIONS, Situation, Visit
from pages.stream_situations import STREAM_SITUATIONS, StreamSituation, StreamVisit, is_of_stream

from sandbox.deployed import DeployedEvents, events_of, lake_of
from sandbox.engine.configuration import stack_config
from sandbox.engine.endpoint import Endpoint
from sandbox.iam.parties import environment_of
from sandbox.receivers.premises import running_premises
from sandbox.sources.running import running_sources
from sandbox.stack import STACK, deploy_local_stack
from sandbox.terminal.blocks import PROJECT, blocks_of, pages
from sandbox.terminal.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

    from sandbox.localstack.server import LocalStack
    from sandbox.terminal.blocks import Block


def _run_of(page: str, *, lake: bool) -> list[Block]:
    return [block for block in blocks_of(page) if not reason(block) and is_of_lake(block) is lake]


# The clock asks no source while pages are read.
_SELDOM = {"baler:lakeScheduleMinutes": 1440}

RUN = {page: blocks for page in pages() if (blocks := _run_of(page, lake=False))}
RUN_AT_LAKE = {page: blocks for page in pages() if (blocks := _run_of(page, lake=True))}


def _is_pushed(page: str) -> bool:
    return page in SITUATIONS and SITUATIONS[page].pushed


@pytest.fixture(scope="module")
def own_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    """A deployment that also has the table of the consumers' lease, by the setting that its page names."""
    page = (PROJECT / "docs/runbooks/consumer-down.md").read_text(encoding="utf-8")
    (standby,) = re.findall(r"pulumi config set baler:(\w+) true", page)
    return deploy_pipeline(**{standby: True})


@pytest.fixture(scope="module")
def own_push(deploy_pipeline: DeployPipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Push]:
    """A deployment whose courier delivers, with its receiver."""
    with running_premises("http", tmp_path_factory.mktemp("listener")) as premises:
        settings = {key.removeprefix("baler:"): value for key, value in premises.settings.items()}
        push = Push(deploy_pipeline(**settings), premises)
        push.entrust()
        yield push


@pytest.fixture(scope="module")
def own_stream(localstack: LocalStack) -> DeployedEvents:
    """A deployment that has the event stream alone."""
    name = f"test-{token_hex(3)}"
    return events_of(deploy_local_stack(localstack.endpoint, pipelines=("events",), name=name))


@pytest.fixture(scope="module")
def own_lake(localstack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakePipeline]:
    """A deployment that has the lake alone, whose two sources have been fetched once."""
    with running_sources(tmp_path_factory.mktemp("sources")) as sources:
        settings = {**sources.settings, "baler:lakeDashboard": False, "baler:lakeKeepVersions": True, **_SELDOM}
        name = f"test-{token_hex(3)}"
        stack = deploy_local_stack(localstack.endpoint, pipelines=("lake",), name=name, overrides=settings)
        lake = LakePipeline(lake_of(stack), sources)
        lake.fetch()
        yield lake


@pytest.mark.parametrize("page", RUN_AT_LAKE)
def test_so_it_does_on_a_page_about_the_lake(page: str, own_lake: LakePipeline, tmp_path: Path) -> None:
    situation = LAKE_SITUATIONS.get(page, LakeSituation())
    deployed = own_lake.deployed
    name = deployed.curation_function.removeprefix("baler-").removesuffix("-lake-curation")
    stack = {"name": name, "outputs": deployed.outputs, "config": stack_config(PROJECT, STACK, {})}
    terminal = Terminal(tmp_path, stack, environment_of(deployed, "operator"))
    for block in RUN_AT_LAKE[page]:
        for piece, prepare in situation.before.items():
            if piece in block.text:
                prepare(own_lake)
        text = block.text
        for blank, value in situation.filled.items():
            text = text.replace(blank, value(own_lake)) if blank in text else text
        _expect(terminal, block, text, code=_announced_code(block, situation.codes))


@pytest.mark.requirement("EVENT-RECOVER-03")
@pytest.mark.parametrize("page", [page for page in RUN if is_of_stream(page)])
def test_so_it_does_on_a_page_about_the_event_stream(page: str, own_stream: DeployedEvents, tmp_path: Path) -> None:
    situation = STREAM_SITUATIONS.get(page, StreamSituation())
    name = own_stream.processor_function.removeprefix("baler-").removesuffix("-events-processor")
    stack = {"name": name, "outputs": own_stream.outputs, "config": stack_config(PROJECT, STACK, {})}
    with ExitStack() as opened:
        terminal = Terminal(tmp_path, stack, environment_of(own_stream, "operator"))
        visit = StreamVisit(own_stream, Endpoint(own_stream.endpoint, own_stream.region), terminal, opened)
        for block in RUN[page]:
            for piece, prepare in situation.before.items():
                if piece in block.text:
                    prepare(visit)
            text = block.text
            for example, value in situation.filled.items():
                text = text.replace(example, value(visit)) if example in text else text
            _expect(terminal, block, text)


@pytest.mark.parametrize("page", [page for page in RUN if not (_is_pushed(page) or is_of_stream(page))])
def test_what_a_page_says_to_type_works_as_it_is_written(page: str, own_pipeline: Pipeline, tmp_path: Path) -> None:
    _mail_a_bundle(own_pipeline)
    _read(page, own_pipeline, None, tmp_path)


@pytest.mark.parametrize("page", [page for page in RUN if _is_pushed(page)])
def test_so_it_does_on_a_page_about_a_courier_and_its_receiver(page: str, own_push: Push, tmp_path: Path) -> None:
    _read(page, own_push.pipeline, own_push, tmp_path)


def _read(page: str, pipeline: Pipeline, push: Push | None, folder: Path) -> None:
    with ExitStack() as opened:
        terminal = Terminal(folder, _stack(pipeline), environment_of(pipeline.deployed, "operator"))
        visit = Visit(pipeline, push, terminal, opened)
        for block in RUN[page]:
            _type(visit, block, SITUATIONS.get(page, Situation()))


def _type(visit: Visit, block: Block, situation: Situation) -> None:
    for piece, prepare in situation.before.items():
        if piece in block.text:
            prepare(visit)
    text = block.text
    for example, value in situation.filled.items():
        text = text.replace(example, value(visit.pipeline)) if example in text else text
    until = next((shown for piece, shown in situation.until.items() if piece in block.text), None)
    _expect(visit.terminal, block, text, code=_announced_code(block, situation.codes), until=until)


def _expect(terminal: Terminal, block: Block, text: str, *, code: int = 0, until: str | None = None) -> None:
    """Type a block, as it was filled in, and expect that it ends as the page says."""
    answer = terminal.run(text, until=until)
    told = f"{block.page}:{block.line}\n{text}\n--- exit code {answer.code}, not {code}\n{answer.output}"
    assert answer.code == code, told
    # A command within `$(…)` that fails does not end the block.
    wrong = ("pulumi stand-in:", "has no output", "There is no stack", "Name the stack")
    assert not [each for each in wrong if each in answer.output], told


def _announced_code(block: Block, codes: Mapping[str, str]) -> int:
    for piece, pattern in codes.items():
        if piece in f"{block.text}\n":
            announced = re.search(pattern, (PROJECT / block.page).read_text(encoding="utf-8"))
            assert announced, f"{block.page} does not say with which exit code {block.first_line!r} ends: {pattern}"
            return int(next(filter(None, announced.groups())))
    return 0


def _mail_a_bundle(pipeline: Pipeline) -> None:
    """Let a file arrive, unless the mailbox still has the one of an earlier page."""
    if not pipeline.mailed():
        pipeline.land(KEY)
        wait_until("a bundle in the mailbox", pipeline.mailed, bool)


def _stack(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "name": stack_of(pipeline),
        "outputs": pipeline.deployed.outputs,
        "config": stack_config(PROJECT, STACK, {}),
    }
