"""The summary for people and the figure, of a run that went badly: nothing in it may break them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from baler.files.bundle.manifest import Manifest, ManifestFile
from loadtest import plot, summary
from loadtest.files import Upload, content_of, key_of
from loadtest.ledger import DeliveryLedger
from loadtest.parts import PARTS
from loadtest.shapes import shape_of

if TYPE_CHECKING:
    from pathlib import Path

COLUMN = {**dict.fromkeys(PARTS, 0.0), "queue": 2.5, "claim": 0.75, "whole": 3.25}
PNG = b"\x89PNG\r\n"


def ledger_of(taken: int, delivered: int) -> DeliveryLedger:
    ledger = DeliveryLedger("run")
    ledger.note_uploads(Upload(n, n / 10, 0.0, 0.1, 1000.0 + n / 10, "v1", "") for n in range(taken))
    ledger.note_uploads([Upload(taken, taken / 10, 0.0, 0.1, 1000.0, None, "SlowDown")])
    digests = [hashlib.sha256(content_of("run", n)).hexdigest() for n in range(delivered)]
    files = (ManifestFile(key_of("run", n), "v1", 1, "t", digest, f"f{n}") for n, digest in enumerate(digests))
    ledger.note_bundle(Manifest("id", "t", tuple(files)), at=1100.0)
    return ledger


@pytest.mark.parametrize(("taken", "delivered"), [(20, 15), (20, 0), (0, 0)])
def test_a_figure_is_drawn_whatever_came(tmp_path: Path, taken: int, delivered: int) -> None:
    path = tmp_path / "latency.png"
    plot.draw(path, shape_of("baseline", "10"), ledger_of(taken, delivered), started=1000.0)
    assert path.read_bytes().startswith(PNG)


def found(**changes: object) -> dict[str, object]:
    return {
        "result": "missed",
        "reasons": ["1 files are lost"],
        "watched": "mailbox",
        "load": [{"achieved_per_second": 9.5, "offered_per_second": 10.0}],
        "files": {"uploaded": 95, "offered": 100, "refused": 5},
        "bundles": 3,
        "latency_seconds": {"p50": 1.0, "p95": 2.0, "p99.9": None},
        "upload_seconds": {"p50": 0.01, "p99.9": 0.5},
        "lost": 1,
        "twice": 0,
        "upload_errors": {"SlowDown": 5},
        "dead_letters": 1,
        "parts": {"known": 95, "files": 95, "absent": "", "columns": {"mean": COLUMN, "p99.9": COLUMN}},
        "backlog": {"files": 7, "seconds": 1.5},
        "pressure": {"text": "1.90 of 2 cores"},
        "cause": "the processor was busy",
        **changes,
    }


def test_people_read_the_load_the_latency_and_why() -> None:
    said = "\n".join(summary.lines(found()))
    for words in (
        "9.5 of 10/s",
        "95 of 100 files, 5 refused, in 3 bundles",
        "p50 1.00 s   p95 2.00 s   p99.9 never",
        "SlowDown (5 uploads)",
        "dead letters       1",
        "queue 2.50, claim 0.75 of 3.25 s",
        "7 files on their way, all there 1.5 s later",
        "cause              the processor was busy",
        "missed; 1 files are lost",
    ):
        assert words in said


def test_a_run_that_uploaded_nothing_has_a_summary_too() -> None:
    said = summary.lines(found(latency_seconds={}, upload_seconds={}))
    assert not any("p50" in line for line in said)


def test_a_run_whose_log_cannot_be_read_says_so_and_invents_nothing() -> None:
    parts = {"known": 0, "files": 95, "absent": "AccessDenied", "columns": {"mean": COLUMN, "p99.9": COLUMN}}
    said = summary.lines(found(parts=parts))
    assert "time went          unknown: AccessDenied" in said
    assert not any("queue" in line for line in said)


def test_a_run_that_was_in_time_says_what_the_processors_did() -> None:
    assert "processors, peak   1.90 of 2 cores" in summary.lines(found(cause=""))
