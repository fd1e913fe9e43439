from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.lake_stores import Lake
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lake(aws_settings: None) -> Iterator[Lake]:  # noqa: ARG001 - where boto3 finds moto
    with mock_aws():
        yield Lake()
