"""What every suite shares."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts background jobs with SIGINT ignored, which the programs that tests start would inherit: they would
    # not hear the Ctrl-C that a test sends, and go on for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "requirement(*ids): the test holds these requirements, by their ids in tests/requirements_table"
    )
