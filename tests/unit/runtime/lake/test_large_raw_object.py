"""The largest raw object fits into the function's memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.lake_functions import announced
from harness.lake_store_front import store_front
from harness.sightings import order

from baler.lake.announcement import Announcement
from baler.lake.declarations import shipped_declarations
from baler.lake.raw_key import RawKey, RawMetadata

if TYPE_CHECKING:
    import pytest

PROJECT: Final = Path(__file__).parents[4]
MEASURED: Final = PROJECT / "tests" / "harness" / "large_lake_object.py"
RECORDS: Final = 10_000
OBJECT_BYTES: Final = 12 * 1024 * 1024
"""What ingestion holds of a source at most."""
MEMORY_BYTES: Final = 256 * 1024 * 1024
"""Of the function, by document 4."""
# Of Lambda's memory: its own runtime, the extensions, and the pages of files that are read.
OTHERS_BYTES: Final = 32 * 1024 * 1024


def test_twelve_mebibytes_of_ten_thousand_records_fit_into_the_functions_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "x" * (OBJECT_BYTES // RECORDS - 60)
    items = [{"id": number, "userId": 1, "title": f"title {number}", "body": text} for number in range(RECORDS)]
    content = json.dumps(items).encode()
    key = RawKey.of("jsonplaceholder", order("2026-03-08T10:00").captured_at, content)
    metadata = RawMetadata("jsonplaceholder", "posts", order("2026-03-08T10:00"), key.content_sha256, RECORDS)
    sources = tmp_path / "sources.toml"
    sources.write_text(shipped_declarations(), encoding="utf-8")
    with store_front(content, metadata.written()) as server:
        variables = {
            "AWS_ENDPOINT_URL": "http://{}:{}".format(*server.server_address),
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
            "AWS_DEFAULT_REGION": "us-east-1",
            "STACK": "test",
            "RAW_BUCKET": "raw-bucket",
            "RECORDS_TABLE": "records",
            "COUNTERS_TABLE": "counters",
            "SOURCES_FILE": str(sources),
            "QUEUE_URL": "http://localhost/queue",
            "DEAD_LETTER_QUEUE_URL": "http://localhost/dead-letters",
            "RETENTION_DAYS": "0",
            "POWERTOOLS_TRACE_DISABLED": "true",
            "POWERTOOLS_SERVICE_NAME": "curation",
            "PYTHONPATH": os.pathsep.join((str(PROJECT), str(PROJECT / "tests"))),
        }
        done = subprocess.run(
            [sys.executable, str(MEASURED)],
            input=announced(Announcement(key.text, None, 0.0)),
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    took = json.loads(done.stdout.rpartition("\n")[2])
    assert (took["named"], server.written) == ([], RECORDS)
    with capsys.disabled():
        sys.stdout.write(f"\n{RECORDS} records, {len(content)} bytes: {took}\n")
    assert took["bytes"] < MEMORY_BYTES - OTHERS_BYTES
