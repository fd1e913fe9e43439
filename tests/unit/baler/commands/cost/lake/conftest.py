"""A stack's settings as they are in the repository."""

from __future__ import annotations

import pytest
from harness.shipped_stacks import shipped_project

from baler.commands.cost.lake.settings import LakeStackSettings
from baler.commands.cost.settings import read_settings


@pytest.fixture(scope="session")
def settings() -> LakeStackSettings:
    return read_settings(LakeStackSettings, shipped_project(), "prod")
