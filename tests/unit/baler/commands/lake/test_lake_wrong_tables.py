"""What an operator is told whose variables name the wrong tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.lake_stores import post

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from harness.lake_stores import Lake

READERS = [
    (("record", "jsonplaceholder-1"), "RECORDS", "records", "counters"),
    (("versions", "jsonplaceholder-1"), "VERSIONS", "versions", "counters"),
    (("verify",), "RECORDS", "records", "versions"),
    (("verify",), "COUNTERS", "counters", "records"),
    (("sources",), "SOURCES", "states of sources", "records"),
]


@pytest.mark.parametrize(("command", "variable", "holds", "other"), READERS)
def test_the_table_that_is_another_one_is_named(
    lake: Lake, command: tuple[str, ...], variable: str, holds: str, other: str
) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    result = lake.run(*command, **{f"BALER_LAKE_{variable}_TABLE": other})
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert f"the table '{other}' holds something else than {holds}" in result.stderr


@pytest.mark.parametrize(("command", "variable", "holds", "other"), READERS)
def test_the_table_that_is_not_there_is_named(
    lake: Lake, command: tuple[str, ...], variable: str, holds: str, other: str
) -> None:
    lake.fetch("2026-03-08T10:00", [post(1)])
    result = lake.run(*command, **{f"BALER_LAKE_{variable}_TABLE": f"no-{other}"})
    assert result.exit_code == ExitCode.CANNOT_PROCEED
    assert f"no table 'no-{other}' is there, from which {holds} are to be read" in result.stderr
