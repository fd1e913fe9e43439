"""What the deployed aggregator publishes, read from its log, value by value."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from harness.emf import Sample, samples
from harness.pipeline import wait_until

if TYPE_CHECKING:
    from conftest import DeployPipeline


@pytest.mark.requirement("PULL-NFR-07")
def test_every_file_has_its_latency_from_its_arrival_to_its_bundle(deploy_pipeline: DeployPipeline) -> None:
    pipeline = deploy_pipeline()
    started = time.time()
    keys = [f"k{number}" for number in range(120)]
    for key in keys:
        pipeline.land(key)
    pipeline.wait_for_files(*keys)
    took = time.time() - started

    def latencies() -> dict[str, list[Sample]]:
        found = samples(pipeline.logs().splitlines())
        names = ("EventDelay", "QueueWait", "Processing", "Latency", "Files")
        return {name: [sample for sample in found if sample.name == name] for name in names}

    seen = wait_until("a latency for each file", latencies, lambda found: len(found["Latency"]) >= len(keys))
    stack = pipeline.deployed.aggregator_function.removeprefix("baler-").removesuffix("-files-aggregator")
    assert {sample.dimensions for told in seen.values() for sample in told} == {(("stack", stack),)}
    assert sum(sample.value for sample in seen["Files"]) == len(keys)
    parts = zip(seen["EventDelay"], seen["QueueWait"], seen["Processing"], seen["Latency"], strict=True)
    for event_delay, queue_wait, processing, latency in parts:
        assert latency.value == pytest.approx(event_delay.value + queue_wait.value + processing.value, abs=0.002)
        assert processing.value > 0
        assert 0 < latency.value < took
    assert len(seen["Latency"]) == len(keys)
