"""Runs the real program against a recording engine, and tells what it declared."""

from collections.abc import Mapping
from typing import Any, Protocol

import pytest
from harness.recorded_program import REQUIRED, Deployed, record_program


class Deploy(Protocol):
    def __call__(
        self, stack: str = ..., *, preview: bool = ..., settings: Mapping[str, Any] | None = ...
    ) -> Deployed: ...


@pytest.fixture
def deploy() -> Deploy:
    """Run the program of a stack, its required settings set, with other settings if given."""

    def run(stack: str = "prod", *, preview: bool = False, settings: Mapping[str, Any] | None = None) -> Deployed:
        return record_program(stack, settings, preview=preview)

    return run


@pytest.fixture
def prod(deploy: Deploy) -> Deployed:
    return deploy("prod")


@pytest.fixture
def required() -> dict[str, Any]:
    """The settings that have no default, by qualified key."""
    return dict(REQUIRED)
