"""One LocalStack for all integration tests: the one that the environment names, or one of our own."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from harness.pipeline import Pipeline

from sandbox.localstack.endpoint import external_endpoint
from sandbox.localstack.ports import free_port
from sandbox.localstack.server import LocalStack, running_localstack
from sandbox.stack import deploy_local_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    DeployPipeline = Callable[..., Pipeline]


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    if endpoint := external_endpoint():
        yield LocalStack(endpoint)
        return
    log = tmp_path_factory.mktemp("localstack") / "localstack.log"
    with running_localstack(log, port=free_port()) as started:
        yield started


@pytest.fixture(scope="session")
def deploy_pipeline(localstack: LocalStack) -> DeployPipeline:
    """Deploys the real program, under a name of its own, with settings that differ from Pulumi.local.yaml's."""

    def deploy(**settings: object) -> Pipeline:
        overrides = {f"baler:{key}": value for key, value in settings.items()}
        return Pipeline(deploy_local_stack(localstack.endpoint, name=f"test-{token_hex(3)}", overrides=overrides))

    return deploy


@pytest.fixture(scope="session")
def shared_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    """One deployment for all tests that leave it as they found it."""
    return deploy_pipeline()


@pytest.fixture
def pipeline(shared_pipeline: Pipeline) -> Iterator[Pipeline]:
    """The shared deployment, without what earlier tests left in its buckets."""
    shared_pipeline.forget()
    yield shared_pipeline
    shared_pipeline.wait_until_idle()
