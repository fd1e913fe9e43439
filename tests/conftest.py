"""What every suite shares."""

from __future__ import annotations

import functools
import signal
from pathlib import Path
from typing import Final
from unittest import mock

import botocore.session
import hypothesis
import pytest

_UNIT: Final = Path(__file__).parent / "unit"

# A busy machine is no failure: neither of what is tried, nor of the examples that are thought up for it.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

SLOW: Final = (
    # They run programs of ours, kill them, and wait for what the next one does.
    "baler/cli/test_broken_connections.py",
    "baler/commands/consume/test_crash.py",
    "baler/commands/consume/test_power_cut.py",
    "baler/commands/consume/test_process.py",
    "baler/commands/consume/test_standby_process.py",
    "runtime/events/test_killed_functions.py",
    "sandbox/test_localstack_server.py",
    # It installs what the functions need, for every processor and Python.
    "components/blocks/test_function_package.py",
    # They go through minutes of a pipeline second by second, or through every configuration of one.
    "benchmarks/test_model.py",
    "metric_rules/test_outages.py",
    "runtime/files/courier/test_soak.py",
    # It deploys the whole program onto an emulator in this process.
    "sandbox/engine/test_private_network.py",
)
"""The unit tests that `make test-fast` leaves out, by the folder or file below tests/unit."""


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts background jobs with SIGINT ignored, which the programs that tests start would inherit: they would
    # not hear the Ctrl-C that a test sends, and go on for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "requirement(*ids): the test holds these requirements, by their ids in tests/requirements_table"
    )
    config.addinivalue_line(
        "markers", "slow: left out between two edits (`make test-fast`); see SLOW in tests/conftest.py"
    )
    # Each session of botocore's reads and parses its models anew, megabytes of JSON: half of the processor time of
    # tests over moto. Clients of one session share what it has read, so sessions may too.
    loaders = mock.patch.object(botocore.session, "create_loader", functools.cache(botocore.session.create_loader))
    loaders.start()
    config.add_cleanup(loaders.stop)
    if gone := [name for name in SLOW if not (_UNIT / name).exists()]:
        raise pytest.UsageError(f"SLOW in tests/conftest.py names what is not in tests/unit: {', '.join(gone)}")


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = [_UNIT / name for name in SLOW]
    for item in items:
        if any(item.path.is_relative_to(path) for path in slow):
            item.add_marker(pytest.mark.slow)
