"""`baler status` as a process that is stopped while AWS is silent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from baler.cli.exit_codes import ExitCode

PROJECT = Path(__file__).parents[5]
# It gives up on AWS by itself after a minute.
_SOON_SECONDS = 15


@pytest.mark.parametrize(("options", "code"), [((), ExitCode.STOPPED), (("--watch",), ExitCode.OK)])
def test_ctrl_c_waits_for_no_service_that_is_silent(options: tuple[str, ...], code: ExitCode) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        names = ("--ingest-queue-url", f"{url}/1/ingest", "--dead-letter-queue-url", f"{url}/1/dead")
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "eu-west-2",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        with subprocess.Popen(
            [
                sys.executable,
                "-m",
                "baler.cli.main",
                "status",
                "--stack",
                "dev",
                "--archive",
                "archive",
                *names,
                *options,
            ],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                listener.settimeout(120)
                connection, _ = listener.accept()
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=_SOON_SECONDS)
                connection.close()
            finally:
                process.kill()

    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in err
