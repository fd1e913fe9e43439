"""A stack's settings as they are in the repository, and the traffic that the requirements name."""

from __future__ import annotations

import pytest
from harness.shipped_stacks import shipped_project

from baler.commands.cost.settings import StackSettings, read_stack_settings
from baler.commands.cost.traffic import Profile


@pytest.fixture(scope="session")
def settings() -> StackSettings:
    return read_stack_settings(shipped_project(), "prod")


@pytest.fixture
def profile() -> Profile:
    return Profile(
        files_per_second=10,
        file_bytes=2000,
        compression_ratio=2.9,
        consumer_delay_seconds=300,
        archive_months=12,
    )
