from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.lake_api import LakeApi, deployed_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def api(aws: None, tmp_path: Path) -> Iterator[LakeApi]:
    _ = aws
    with deployed_api(tmp_path) as deployed:
        yield deployed
