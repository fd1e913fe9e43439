"""What a soak says of its hours, and of what grew."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from baler.files.bundle.manifest import Manifest, ManifestFile
from loadtest.files import Upload, content_of, key_of
from loadtest.ledger import DeliveryLedger
from loadtest.samples import EMULATOR, FUNCTION, GENERATOR, Sample, Use
from loadtest.soak import MEGABYTE, Soak, soak_of
from loadtest.soak_plot import draw_soak

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STARTED, HOURS = 1000.0, 8
SECONDS = HOURS * 3600.0
AGGREGATOR = f"{FUNCTION}aggregator"


def delivered(latency: Callable[[float], float], files: int = 480) -> DeliveryLedger:
    """A ledger of files over eight hours, whose latency depends on how far the run was, 0 to 1."""
    ledger = DeliveryLedger("run", files)
    for number in range(files):
        at = STARTED + SECONDS * number / files
        ledger.note_uploads([Upload(number, 0.0, 0.0, 0.1, at, "v1", "")])
        digest = hashlib.sha256(content_of("run", number)).hexdigest()
        file = ManifestFile(key_of("run", number), "v1", 1, "t", digest, "m")
        ledger.note_bundle(Manifest(f"b{number}", "t", (file,)), at + latency(number / files))
    return ledger


def samples(part: str, use: Callable[[float], Use], count: int = 480) -> list[Sample]:
    moments = (n / (count - 1) for n in range(count))
    return [Sample(STARTED + SECONDS * share, 0.0, 0.0, 2, 0, {part: use(share)}) for share in moments]


def judged(part: str, use: Callable[[float], Use]) -> Soak:
    return soak_of(delivered(lambda _: 5.0), samples(part, use), [], STARTED, SECONDS)


def test_a_steady_run_did_not_grow_and_has_its_hours() -> None:
    soak = judged(AGGREGATOR, lambda _: Use(1, 0.0, 60 * MEGABYTE, 20))
    assert (soak.verdict, soak.grew) == ("did not grow", [])
    assert [each["from_seconds"] for each in soak.intervals] == [3600.0 * hour for hour in range(HOURS)]
    assert {each["files"] for each in soak.intervals} == {60}
    assert soak.intervals[-1]["memory_mb"] == {AGGREGATOR: 60.0}


def leaking_memory(share: float) -> Use:
    return Use(1, 0.0, int((60 + 80 * share) * MEGABYTE), 20)


def leaking_descriptors(share: float) -> Use:
    return Use(1, 0.0, 60 * MEGABYTE, int(20 + 100 * share))


@pytest.mark.parametrize("part", [AGGREGATOR, GENERATOR])
@pytest.mark.parametrize(("use", "what"), [(leaking_memory, "memory"), (leaking_descriptors, "descriptors")])
def test_a_leak_of_ours_grew(part: str, use: Callable[[float], Use], what: str) -> None:
    soak = judged(part, use)
    assert soak.verdict == "grew"
    assert [series.name for series in soak.grew] == [f"{part}, {what}"]


def test_what_localstack_keeps_is_shown_and_not_judged() -> None:
    soak = judged(EMULATOR, lambda share: Use(1, 0.0, int((700 + 900 * share) * MEGABYTE), 90))
    assert soak.verdict == "did not grow"
    assert next(series for series in soak.series if series.name == f"{EMULATOR}, memory").trend.grew


def test_an_environment_that_is_replaced_does_not_shrink_and_grow() -> None:
    soak = judged(AGGREGATOR, lambda share: Use(0, 0.0, 0, 0) if 0.6 < share < 0.9 else Use(1, 0.0, 60 * MEGABYTE, 20))
    assert soak.verdict == "did not grow"


def test_a_second_environment_beside_the_first_is_no_growth() -> None:
    def use(share: float) -> Use:
        processes = 1 if share < 0.7 else 2
        return Use(processes, 0.0, processes * 60 * MEGABYTE, processes * 20)

    assert judged(AGGREGATOR, use).verdict == "did not grow"


def test_latency_that_climbs_grew() -> None:
    soak = soak_of(delivered(lambda share: 5.0 + 20.0 * share), [], [], STARTED, SECONDS)
    assert [series.name for series in soak.grew] == ["upload to mailbox, p95"]


def test_on_aws_the_functions_memory_is_what_lambda_reports() -> None:
    reported = [(STARTED + 60.0 * minute, 60.0 + minute / 4) for minute in range(480)]
    soak = soak_of(delivered(lambda _: 5.0), [], reported, STARTED, SECONDS)
    assert [series.name for series in soak.grew] == ["as Lambda reports it, memory"]


@pytest.mark.parametrize("files", [0, 5])
def test_a_run_of_a_few_files_is_too_short_to_say_and_has_its_figure(tmp_path: Path, files: int) -> None:
    soak = soak_of(delivered(lambda _: 5.0, files=files), [], [], STARTED, SECONDS)
    assert soak.verdict == "too short to say"
    draw_soak(tmp_path / "soak.png", soak, SECONDS)
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")
