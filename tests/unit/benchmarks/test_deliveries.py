"""What deliveries are measured with does what is measured: bundles arrive, whole, and are acknowledged."""

from __future__ import annotations

import http.client
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import deliveries
from benchmarks.workers import boto3_peer, courier_http, courier_s3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.deliveries import SinkAddress


@pytest.fixture(name="sink")
def the_sink(tmp_path: Path) -> Iterator[SinkAddress]:
    with deliveries.running_sink(tmp_path) as sink:
        yield sink


@pytest.mark.parametrize(
    "worker", [courier_http.CourierWorker, courier_s3.CourierWorker, boto3_peer.Boto3Worker], ids=str
)
@pytest.mark.parametrize("size", [20_000, 9_000_000])
def test_a_contestant_delivers_small_bundles_and_large_ones(
    worker: Any, size: int, sink: SinkAddress, tmp_path: Path
) -> None:
    path = deliveries.bundle(tmp_path, size)
    request = {"path": str(path), "times": 3, "port": sink.port, "authority": str(sink.authority)}
    contestant = worker()
    try:
        assert contestant.work(request) == 3
        assert contestant.work(request) == 3
    finally:
        contestant.close()


def test_the_sink_waits_for_the_whole_body_and_remembers_what_an_object_says_of_itself(sink: SinkAddress) -> None:
    context = ssl.create_default_context(cafile=str(sink.authority))
    client = http.client.HTTPSConnection("localhost", sink.port, context=context, timeout=30)
    client.request("HEAD", "/bundles/one")
    missing = client.getresponse()
    missing.read()
    client.request("PUT", "/bundles/one", b"bytes", {"x-amz-meta-sha256": "abc"})
    put = client.getresponse()
    put.read()
    client.request("HEAD", "/bundles/one")
    found = client.getresponse()
    found.read()
    client.close()
    assert (missing.status, put.status, found.status) == (404, 200, 200)
    assert (found.headers["Content-Length"], found.headers["x-amz-meta-sha256"]) == ("5", "abc")
