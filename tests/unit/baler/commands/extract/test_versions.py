"""Which versions of a file are extracted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from baler.commands.extract.selection import VersionSelection


def found(version_id: str | None, event_time: str) -> Any:
    return SimpleNamespace(
        file=SimpleNamespace(version_id=version_id, event_time=event_time), bundle=SimpleNamespace(bundle_id="b")
    )


@pytest.mark.parametrize("version_id", ["null", None])
def test_null_names_the_files_that_have_no_version_as_s3_lists_them(version_id: str | None) -> None:
    without, other = found(version_id, "2026-11-20T09:00:00Z"), found("v1", "2026-11-20T09:00:01Z")
    assert VersionSelection("null", every=False).choose([other, without]) == [without]
    assert VersionSelection("v1", every=False).choose([other, without]) == [other]
