"""AWS as the functions of all pipelines meet it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from baler_dynamodb.inserts import inserting
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_BATCH = "batch_execute_statement"


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        # As the sandbox has it: moto's own INSERT takes no parameters, and overwrites.
        patch.setattr(DynamoDBBackend, _BATCH, inserting(getattr(DynamoDBBackend, _BATCH)))
        yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def aws(moto_server: str) -> Iterator[None]:
    """Empty stores behind an address: our HTTP clients are not boto3's, which moto could answer within the process."""
    with _empty(moto_server):
        yield


@pytest.fixture(scope="module")
def shared_aws(moto_server: str) -> Iterator[None]:
    """The same for all tests of a file, which keep out of each other's way."""
    with _empty(moto_server):
        yield


@contextmanager
def _empty(moto_server: str) -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", moto_server)
        with mock_aws():  # empties what the server has
            yield
