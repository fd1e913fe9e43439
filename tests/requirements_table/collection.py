"""Which tests hold which requirement, as pytest itself collects them."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).parents[2]
MARKER: Final = "requirement"


class CollectionError(Exception):
    """The tests could not be collected; the message is what pytest says."""


class _Collector:
    """A pytest plugin that keeps what is collected."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            test = item.nodeid.partition("[")[0]
            for mark in item.iter_markers(MARKER):
                for requirement in mark.args:
                    self.found.setdefault(requirement, set()).add(test)


def marked_tests() -> dict[str, set[str]]:
    """Return the tests (path and name, without parameters) by the requirement that they are marked with.

    Raises:
        CollectionError: a test module cannot be imported, say.
    """
    collector = _Collector()
    said = io.StringIO()
    options = ["--collect-only", "--quiet", "-p", "no:cacheprovider", f"--config-file={PROJECT / 'pyproject.toml'}"]
    with contextlib.redirect_stdout(said):
        code = pytest.main([*options, str(PROJECT / "tests")], [collector])
    if code != pytest.ExitCode.OK:
        raise CollectionError(said.getvalue())
    return collector.found
