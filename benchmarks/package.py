"""The function's package as Lambda unpacks it, and the environment that it runs in."""

from __future__ import annotations

import platform
import sys
import zipfile
from typing import TYPE_CHECKING, Final, cast

from benchmarks.stage import ARCHIVE, LANDING, MAILBOX
from components.blocks.function_package import Architecture, PythonVersion, Target, build_function_package
from components.files.aggregator import Aggregator
from sandbox.localstack.installation import INSTALLED, interpreter

if TYPE_CHECKING:
    from pathlib import Path

# Has what AWS's runtime has, and nothing else.
PYTHON: Final = interpreter(INSTALLED.function)


def unpack(into: Path) -> Path:
    """Build the package for this machine if it is not built yet, and unpack it; returns the zip."""
    architecture: Architecture = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = Target(architecture=architecture, python=cast("PythonVersion", python))
    package = build_function_package(target, handler=Aggregator.HANDLER).path
    with zipfile.ZipFile(package) as archive:
        archive.extractall(into)
    return package


def environment(task: Path, queue_url: str, claim_table: str) -> dict[str, str]:
    """Return what the program and Lambda set for the function, every invocation traced.

    Args:
        task: the folder of the unpacked package.
        queue_url: of the ingest queue.
        claim_table: a name.
    """
    return {
        "STACK": "bench",
        "LANDING_BUCKET": LANDING,
        "ARCHIVE_BUCKET": ARCHIVE,
        "DISTRIBUTION_BUCKET": MAILBOX,
        "CLAIM_TABLE": claim_table,
        "INGEST_QUEUE_URL": queue_url,
        "DEAD_LETTER_QUEUE_URL": queue_url,
        "LONGEST_RETRY_SECONDS": "900",
        "CLAIM_LIFETIME_SECONDS": str(9 * 86_400),
        "MAX_FILE_BYTES": str(100 * 1024 * 1024),
        "MAX_BUNDLE_BYTES": str(128 * 1024 * 1024),
        "POWERTOOLS_SERVICE_NAME": "aggregator",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_FUNCTION_NAME": "aggregator",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python",
        "LAMBDA_TASK_ROOT": str(task),
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        "PYTHONPATH": str(task),
    }
