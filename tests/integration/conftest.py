"""One LocalStack for all integration tests: the one that the environment names, or one of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.localstack.endpoint import external_endpoint
from sandbox.localstack.ports import free_port
from sandbox.localstack.server import LocalStack, running_localstack

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    if endpoint := external_endpoint():
        yield LocalStack(endpoint)
        return
    log = tmp_path_factory.mktemp("localstack") / "localstack.log"
    with running_localstack(log, port=free_port()) as started:
        yield started
