"""One run of the lake's load: requests on a schedule, and then many records at once."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from loadtest.lake.reading import read_on_schedule
from loadtest.lake.verdict import LakeLoad, document, judge
from sandbox.demo.lake.expected import expected_of
from sandbox.demo.lake.http_api import LakeApi
from sandbox.demo.lake.schedule import Schedule
from sandbox.demo.lake.settle import seconds_until
from sandbox.iam.parties import endpoint_of
from sandbox.sources.faults import FaultKind
from sandbox.sources.running import PEOPLE, POSTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loadtest.shapes import Shape
    from loadtest.slo_result import Result
    from sandbox.deployed import DeployedLake
    from sandbox.sources.running import Sources
    from sandbox.sources.stand_in import Sent

# Ten thousand records take a minute on two cores that do nothing else.
_STUCK_SECONDS: Final = 600.0


def load_lake(
    deployed: DeployedLake, sources: Sources, shape: Shape, results: Path, say: Callable[[str], None]
) -> Result:
    """Load a deployed lake, write `summary.json`, and return the result.

    Args:
        deployed: the stack.
        sources: its sources.
        shape: of the requests.
        results: the folder that gets the summary.
        say: called with what is being done.

    Raises:
        SandboxError: the stack does not let itself be asked.
    """
    api, schedule = LakeApi(deployed.api_url), Schedule(endpoint_of(deployed, "operator"), deployed)
    say("Warming up: both sources are fetched once")
    schedule.fire_and_wait([POSTS, PEOPLE])
    # Before the ten thousand: LocalStack's DynamoDB walks all of a table for each page, which AWS's does not. The clock
    # fires the rule as well, so that there may be more.
    ids = sorted(expected_of(_sent(sources)))
    seconds_until(lambda: api.analytics()["total"] >= len(ids), time.monotonic())
    say(f"The API is asked: {shape}")
    asked = read_on_schedule(deployed.api_url, ids, shape)
    say("Ten thousand records of one source are fetched at once")
    sources.stand_ins[POSTS].fail(FaultKind.MANY)
    since = time.monotonic()
    schedule.fire_and_wait([POSTS, PEOPLE])
    total = len(expected_of(_sent(sources)))
    seconds = seconds_until(lambda: api.analytics()["total"] >= total, since, _STUCK_SECONDS)
    load = LakeLoad(shape, asked, total - len(ids), seconds)
    (results / "summary.json").write_text(json.dumps(document(load), indent=2) + "\n", encoding="utf-8")
    return judge(load)[0]


def _sent(sources: Sources) -> dict[str, tuple[Sent, ...]]:
    return {name: stand_in.sent for name, stand_in in sources.stand_ins.items()}
