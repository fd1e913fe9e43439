from __future__ import annotations

import itertools

import pytest
from harness.event_functions import EventStores

_SHARDS = itertools.count()


@pytest.fixture(scope="module")
def stores(shared_aws: None) -> EventStores:  # noqa: ARG001 - where they are made
    return EventStores.make()


@pytest.fixture
def shard() -> str:
    """A shard that no other test has, so that all of them may share the stores."""
    return f"shardId-{next(_SHARDS):012}"
