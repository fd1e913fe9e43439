from __future__ import annotations

import pytest

from sandbox.demo.outage import OUTAGE_SECONDS, begins_after


@pytest.mark.parametrize(("uploads_seconds", "begins"), [(4.0, 1.0), (40.0, 10.0), (100.0, 40.0)])
def test_an_outage_lies_in_the_middle_of_the_uploads_and_something_is_delivered_before(
    uploads_seconds: float, begins: float
) -> None:
    assert begins_after(uploads_seconds) == begins
    assert OUTAGE_SECONDS == 20
