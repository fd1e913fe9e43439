"""The machine and the programs that figures come from, without which they say nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

_OURS: Final = ("boto3", "botocore", "urllib3", "isal", "aws-lambda-powertools")


def facts(peers: Path) -> dict[str, object]:
    """Return what the figures depend on.

    Args:
        peers: the Python of the peers' environment.
    """
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in _OURS},
        "s3-tar": _said(str(peers), "-c", "from importlib.metadata import version; print(version('s3-tar'))"),
        "pycurl": _said(str(peers), "-c", "import pycurl; print(pycurl.version)"),
        "gzip": _said("gzip", "--version"),
        "tar": _said("tar", "--version"),
        "commit": _said("git", "describe", "--always", "--dirty"),
    }


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _said(*command: str) -> str:
    """Return the first line that a program prints."""
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return next(iter(answer.stdout.splitlines()), "unknown")
