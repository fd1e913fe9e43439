from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from harness.recorded_program import record_program

from loadtest.stack_under_test import StackUnderTest, StackUnderTestError

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = {
    "region": "eu-west-2",
    "filesLandingBucket": "landing",
    "filesArchiveBucket": "archive",
    "filesDistributionBucket": "distribution",
    "filesIngestQueueUrl": "https://sqs/ingest",
    "filesDeadLetterQueueUrl": "https://sqs/dead",
    "filesClaimTable": "claims",
}


def test_a_stacks_outputs_are_read_as_pulumi_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(OUTPUTS))
    target = StackUnderTest.read(path)
    assert target == StackUnderTest(
        "eu-west-2", "landing", "archive", "distribution", "https://sqs/ingest", "https://sqs/dead"
    )
    target.write(path)
    assert StackUnderTest.read(path) == target
    path.write_text(json.dumps({**OUTPUTS, "filesCourierTable": "courier"}))
    assert StackUnderTest.read(path).courier_table == "courier"


def test_files_come_through_every_lane_of_a_stack_that_has_several(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(OUTPUTS))
    assert StackUnderTest.read(path).lanes == ["https://sqs/ingest"]
    path.write_text(json.dumps({**OUTPUTS, "filesIngestQueueUrls": "https://sqs/ingest https://sqs/ingest-2"}))
    assert StackUnderTest.read(path).lanes == ["https://sqs/ingest", "https://sqs/ingest-2"]


def test_the_program_exports_what_is_read() -> None:
    assert set(OUTPUTS) <= set(record_program("dev").exports)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "cannot be read.*pulumi stack output --json"),
        ("[]", "has no region, filesLandingBucket"),
        (json.dumps({**OUTPUTS, "filesArchiveBucket": ""}), "has no filesArchiveBucket:"),
    ],
)
def test_what_is_not_a_stacks_outputs_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(text)
    with pytest.raises(StackUnderTestError, match=says):
        StackUnderTest.read(path)
    with pytest.raises(StackUnderTestError, match="cannot be read"):
        StackUnderTest.read(tmp_path / "missing.json")
