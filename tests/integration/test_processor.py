"""What LocalStack says of the processor time that it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.endpoint import Endpoint
from sandbox.localstack.processor import processor_seconds

if TYPE_CHECKING:
    from sandbox.localstack.server import LocalStack

REQUESTS = 50
LEAST_SECONDS = 0.0001
"""Of the processor for one request: a tenth of what a fast machine needs."""


def test_what_it_does_is_in_its_seconds(localstack: LocalStack) -> None:
    s3 = Endpoint(localstack.endpoint, "eu-west-2").s3
    before = processor_seconds(localstack.endpoint)
    for _ in range(REQUESTS):
        s3.list_buckets()
    assert processor_seconds(localstack.endpoint) - before > REQUESTS * LEAST_SECONDS
