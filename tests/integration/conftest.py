"""One LocalStack for all integration tests: the one that the environment names, or one of our own."""

from __future__ import annotations

import inspect
import subprocess
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from harness.content_check import Content, told_by
from harness.pipeline import Pipeline

from sandbox.deployed import files_of
from sandbox.iam.refusals import RefusalLog
from sandbox.localstack.endpoint import external_endpoint
from sandbox.localstack.ports import free_port
from sandbox.localstack.server import LocalStack, running_localstack
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.iam.refusals import Refusal

    DeployPipeline = Callable[..., Pipeline]

_SHOWN = 20


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    if endpoint := external_endpoint():
        yield LocalStack(endpoint)
        return
    log = tmp_path_factory.mktemp("localstack") / "localstack.log"
    with running_localstack(log, port=free_port()) as started:
        yield started


@pytest.fixture(scope="session")
def refusal_log(localstack: LocalStack) -> RefusalLog | None:
    return RefusalLog(localstack.refusals) if localstack.refusals else None


@pytest.fixture(autouse=True)
def refusals(refusal_log: RefusalLog | None, request: pytest.FixtureRequest) -> Iterator[Callable[[], list[Refusal]]]:
    """Returns what IAM has refused since it was called last. Nothing may be, but to a test that asks for this."""
    expected = "refusals" in inspect.signature(request.function).parameters
    if refusal_log is None:
        if expected:
            pytest.skip("nobody knows what the LocalStack that the environment names refuses")
        yield list
        return
    yield refusal_log.new
    refused = refusal_log.new()
    assert expected or not refused, "\n".join(map(str, refused))


@pytest.fixture(scope="session")
def told_by_consumers() -> Iterator[list[tuple[str, str]]]:
    """The lines that every `baler consume` has written to the test that ran it."""
    told: list[tuple[str, str]] = []
    communicate = subprocess.Popen[Any].communicate

    def listening(process: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        outputs = communicate(process, *args, **kwargs)
        if isinstance(process.args, list) and "consume" in process.args:
            for output in filter(None, outputs):
                text = output.decode() if isinstance(output, bytes) else output
                told.extend(("baler consume", line) for line in text.splitlines())
        return outputs

    with mock.patch.object(subprocess.Popen, "communicate", listening):
        yield told


@pytest.fixture(scope="session")
def deploy_pipeline(localstack: LocalStack, told_by_consumers: list[tuple[str, str]]) -> Iterator[DeployPipeline]:
    """Deploys the real program, under a name of its own, with settings that differ from Pulumi.local.yaml's.

    When all tests are done, none of their files' or messages' content may be in what was told.
    """
    content = Content()
    deployed: list[Pipeline] = []

    def deploy(**settings: object) -> Pipeline:
        overrides = {f"baler:{key}": value for key, value in settings.items()}
        stack = deploy_local_stack(localstack.endpoint, name=f"test-{token_hex(3)}", overrides=overrides)
        deployed.append(Pipeline(files_of(stack), content))
        return deployed[-1]

    yield deploy
    # All are in one region of one LocalStack.
    told = told_by(deployed[0].aws.logs, deployed[0].aws.cloudwatch) if deployed else ()
    if leaks := content.leaks([*told, *told_by_consumers]):
        first = "\n".join(leaks[:_SHOWN])
        pytest.fail(f"{len(leaks)} lines tell content of files or messages that tests of this session landed:\n{first}")


@pytest.fixture(scope="session")
def shared_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    """One deployment for all tests that leave it as they found it."""
    return deploy_pipeline()


@pytest.fixture
def pipeline(shared_pipeline: Pipeline) -> Iterator[Pipeline]:
    """The shared deployment, without what earlier tests left in its buckets, and one that failed among dead letters."""
    shared_pipeline.forget()
    shared_pipeline.take_dead_letters(0)
    yield shared_pipeline
    shared_pipeline.wait_until_idle()
