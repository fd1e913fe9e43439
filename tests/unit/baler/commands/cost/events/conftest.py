"""A stack's settings as they are in the repository, and some load."""

from __future__ import annotations

import pytest
from harness.shipped_stacks import shipped_project

from baler.commands.cost.events.settings import EventStackSettings
from baler.commands.cost.events.traffic import EventProfile
from baler.commands.cost.settings import read_settings


@pytest.fixture(scope="session")
def settings() -> EventStackSettings:
    return read_settings(EventStackSettings, shipped_project(), "prod")


@pytest.fixture
def profile() -> EventProfile:
    return EventProfile(events_per_second=10, event_bytes=165, months=12)
