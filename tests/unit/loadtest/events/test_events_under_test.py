from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from loadtest.events.stack_under_test import EventsUnderTest
from loadtest.stack_under_test import StackUnderTestError

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = {
    "region": "eu-west-2",
    "eventsStream": "stream",
    "eventsProducerRoleArn": "arn:aws:iam::111122223333:role/producer",
    "eventsProcessedBucket": "processed",
    "eventsTransformQueueUrl": "https://queue",
    "eventsTransformDeadLetterQueueUrl": "https://dead",
    "eventsRawBucket": "raw",
}


def test_the_outputs_are_read_by_the_programs_names(tmp_path: Path) -> None:
    (tmp_path / "outputs.json").write_text(json.dumps(OUTPUTS))

    assert EventsUnderTest.read(tmp_path / "outputs.json").producer_role_arn == OUTPUTS["eventsProducerRoleArn"]


@pytest.mark.parametrize("outputs", [json.dumps({"region": "eu-west-2", "filesLandingBucket": "b"}), "[]", "no JSON"])
def test_a_stack_without_the_stream_is_one_sentence(tmp_path: Path, outputs: str) -> None:
    (tmp_path / "outputs.json").write_text(outputs)

    with pytest.raises(StackUnderTestError, match=r"does the stack have the pipeline events|pulumi stack output"):
        EventsUnderTest.read(tmp_path / "outputs.json")
