"""The demo of the lake from start to result."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.alone import alone
from sandbox.demo.lake.found import Answers, Found, counters_of, left_in, raw_objects_of, records_of
from sandbox.demo.lake.http_api import LakeApi
from sandbox.demo.lake.proof import prove
from sandbox.demo.lake.result import LakeResult
from sandbox.demo.lake.schedule import Schedule
from sandbox.demo.lake.settle import wait_until_settled
from sandbox.demo.lake.story import Story
from sandbox.demo.lake.summary import print_summary
from sandbox.faults import CALM, NONE, FaultInjection
from sandbox.iam.parties import endpoint_of
from sandbox.running_lake import running_lake
from sandbox.running_stack import deploy_again

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sandbox.faults import Day
    from sandbox.running_lake import RunningLake
    from sandbox.stack import Engine

_SEED: Final = 15
_SUMMARY: Final = "summary-lake.json"
_SINGLE: Final = 25
# Of a question to the API on a day with faults.
_TRIES: Final = 5


@dataclass(frozen=True)
class LakeDemo:
    """What was asked for.

    Attributes:
        port: where LocalStack listens.
        engine: what deploys.
        out: the folder that gets everything that the demo leaves.
        day: what it is to meet.
    """

    port: int
    engine: Engine
    out: Path
    day: Day = CALM


def run_lake_demo(demo: LakeDemo, console: Console) -> LakeResult:
    """Deploy, fetch, change the sources, prove; prints as it goes.

    Raises:
        SandboxError: something is missing or in the way.
    """
    logs = demo.out / "logs"
    with alone(demo.out), ExitStack() as running:
        shutil.rmtree(logs, ignore_errors=True)  # of an earlier demo, if any
        logs.mkdir()
        lake = running.enter_context(
            running_lake(
                console,
                folder=demo.out / "lake",
                seed=_SEED,
                port=demo.port,
                engine=demo.engine,
                log=logs / "localstack.log",
            )
        )
        console.print(f"The dashboard is at {lake.dashboard} as long as this runs")
        result = _tell_and_prove(demo, lake, console)
    summary = demo.out / _SUMMARY
    summary.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    print_summary(console, result, summary)
    return result


def _tell_and_prove(demo: LakeDemo, lake: RunningLake, console: Console) -> LakeResult:
    deployed, sources = lake.deployed, lake.sources
    aws = endpoint_of(deployed, "operator")
    api = LakeApi(deployed.api_url, tries=1 if demo.day.faults == NONE else _TRIES)
    injection = FaultInjection(deployed, demo.day, console.print)
    injection.begin(spared=aws)
    story = Story(aws, deployed, sources, Schedule(aws, deployed), api, console.print)

    def third_is_deployed() -> None:
        deploy_again(console, lake.stack, pipelines=["lake"], overrides=sources.settings, engine=demo.engine)

    story.first_fetch()
    story.nothing_new()
    story.goes_back()
    story.fails_once()
    story.third_source(third_is_deployed)
    story.delivered_twice()
    story.run_beside_a_run()
    sources.fall_silent()  # the clock may fire the rule while everything is read
    settled = wait_until_settled(aws, deployed, injection.is_calm)
    made = injection.end()
    with console.status("Holding every record against what the sources sent …"):
        records = records_of(aws, deployed)
        found = Found(
            raw=raw_objects_of(aws, deployed),
            records=records,
            counters=counters_of(aws, deployed),
            answers=Answers(
                all=api.records(),
                by_source={name: api.records(name) for name in sources.stand_ins},
                single={name: api.record(name) for name in sorted(records)[:: max(1, len(records) // _SINGLE)]},
                analytics=api.analytics(),
            ),
            left=left_in(aws, deployed),
        )
        proof = prove({name: stand_in.sent for name, stand_in in sources.stand_ins.items()}, found)
    return LakeResult(
        records=dict(Counter(item["source"] for item in records.values())),
        raw_objects=dict(Counter(each.source for each in found.raw)),
        requests={name: stand_in.requests for name, stand_in in sources.stand_ins.items()},
        latencies=story.latencies,
        checks=story.checks,
        proof=proof,
        settled=settled,
        dashboard=lake.dashboard,
        faults=made,
    )
