"""The fast floor, started once for the tests that stand on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.stage import fast_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.stage import Stage


@pytest.fixture(scope="session")
def floor() -> Iterator[Stage]:
    with fast_stage() as stage:
        yield stage
