"""A stack's settings as they are in the repository, and the traffic that the requirements name."""

from __future__ import annotations

import pytest

from operations.cost.settings import StackSettings, read_stack_settings
from operations.cost.traffic import Profile
from sandbox.engine.program import PROJECT_DIR


@pytest.fixture
def settings() -> StackSettings:
    return read_stack_settings(PROJECT_DIR, "prod")


@pytest.fixture
def profile() -> Profile:
    return Profile(
        files_per_second=10,
        file_bytes=2000,
        compression_ratio=2.9,
        consumer_delay_seconds=300,
        archive_months=12,
    )
