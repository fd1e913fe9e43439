"""The program's alarms, declared once for all tests of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from metric_rules.outage import lake_program, program, pushing_program, stream_program

if TYPE_CHECKING:
    from harness.recorded_program import Deployed


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    return program()


@pytest.fixture(scope="session")
def pushing() -> Deployed:
    return pushing_program()


@pytest.fixture(scope="session")
def stream() -> Deployed:
    return stream_program()


@pytest.fixture(scope="session")
def lake() -> Deployed:
    return lake_program()
