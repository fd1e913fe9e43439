"""The demo from start to result."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from sandbox.alone import alone
from sandbox.demo.archive import archived_bundles
from sandbox.demo.demo_result import DemoResult, judge
from sandbox.demo.files import device_readings, files_below
from sandbox.demo.recipient import Recipient, consumer, receiver
from sandbox.demo.settle import PipelineProgress, wait_until_settled
from sandbox.demo.summary import print_summary
from sandbox.demo.upload import landed_versions, upload
from sandbox.engine.configuration import stack_config
from sandbox.engine.endpoint import PERSISTENT
from sandbox.engine.program import PROJECT_DIR
from sandbox.errors import SandboxError
from sandbox.faults import CALM, FaultInjection
from sandbox.iam.parties import endpoint_of
from sandbox.running_files import running_files
from sandbox.stack import STACK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rich.console import Console

    from sandbox.demo.files import SourceFile
    from sandbox.deployed import DeployedFiles
    from sandbox.engine.endpoint import Endpoint
    from sandbox.faults import Day
    from sandbox.pipelines import Delivery
    from sandbox.receivers.premises import Premises
    from sandbox.stack import Engine

_GENERATED_FILES: Final = 300
_MEGABYTE: Final = 1024 * 1024
# Uploads per second. With a receiver that goes away for a while, files still land when it is back: their bundles ring,
# and nobody waits for the clock to.
_RATE: Final = 50.0
_RATE_OF_PUSHED: Final = 8.0


@dataclass(frozen=True)
class Demo:
    """What was asked for.

    Attributes:
        delivery: how files get to the premises.
        files: the folder whose files are sent; None generates readings.
        rate: uploads per second; None for what suits the delivery.
        port: where LocalStack listens.
        engine: what deploys.
        out: the folder that gets everything that the demo leaves.
        day: what it is to meet.
    """

    delivery: Delivery
    files: Path | None
    rate: float | None
    port: int
    engine: Engine
    out: Path
    day: Day = CALM

    @property
    def uploads_per_second(self) -> float:
        """The rate that was asked for, or that suits the delivery."""
        return self.rate or (_RATE if self.delivery == "pull" else _RATE_OF_PUSHED)

    @property
    def received(self) -> Path:
        """The consumer's folder."""
        return self.out / "received"

    @property
    def premises(self) -> Path:
        """The folder of a receiver that is delivered to."""
        return self.out / "receiver"

    @property
    def logs(self) -> Path:
        """What LocalStack and the consumer write."""
        return self.out / "logs"


def run_demo(demo: Demo, console: Console) -> DemoResult:
    """Deploy, upload, consume, judge; prints as it goes.

    Raises:
        SandboxError: something is missing or in the way.
    """
    with alone(demo.out):
        files = _prepare(demo)
        with running_files(
            console,
            delivery=demo.delivery,
            receiver=demo.premises,
            port=demo.port,
            engine=demo.engine,
            log=demo.logs / "localstack.log",
        ) as running:
            premises = running.premises
            result = _send_and_judge(demo, running.deployed, premises, files, console)
    summary = demo.out / "summary.json"
    summary.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    print_summary(console, result, premises.received if premises else demo.received, summary)
    return result


def _prepare(demo: Demo) -> list[SourceFile]:
    """Empty what an earlier demo left, and find or make the files to send."""
    if demo.files is not None and demo.files.resolve().is_relative_to(demo.out.resolve()):
        raise SandboxError(f"The demo empties {demo.out} before it starts: copy {demo.files} to another place.")
    source = demo.out / "source"
    for left_over in (demo.received, demo.received.with_name("received.state"), demo.premises, demo.logs, source):
        if left_over.exists():
            shutil.rmtree(left_over)
    demo.received.mkdir()
    demo.logs.mkdir()
    if demo.files is None:
        return device_readings(source, _GENERATED_FILES)
    return files_below(demo.files, int(stack_config(PROJECT_DIR, STACK, {})["baler:filesMaxFileMegabytes"]) * _MEGABYTE)


def _send_and_judge(
    demo: Demo, deployed: DeployedFiles, premises: Premises | None, files: Sequence[SourceFile], console: Console
) -> DemoResult:
    aws = endpoint_of(deployed, "operator")
    external_party = endpoint_of(deployed, "external-party", PERSISTENT)
    injection = FaultInjection(deployed, demo.day, console.print)
    bars = Bars(
        TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
    injection.begin(spared=aws)
    with _recipient(demo, deployed, premises, aws, len(files), console) as recipient:
        with bars:
            sending = bars.add_task("Uploaded", total=len(files))
            receiving = bars.add_task("Received", total=len(files))

            def uploaded() -> None:
                bars.update(sending, advance=1)
                bars.update(receiving, completed=recipient.reported())

            uploads = upload(external_party.s3, deployed.landing_bucket, files, demo.uploads_per_second, uploaded)
            wait_until_settled(
                PipelineProgress(aws, deployed, injection.is_calm),
                len(files),
                recipient,
                lambda received: bars.update(receiving, completed=received),
            )
        made = injection.end()
        bundles = archived_bundles(aws.s3, deployed.archive_bucket)
        landed = landed_versions(aws.s3, deployed.landing_bucket)
        return judge(uploads, landed, bundles, recipient.folder, recipient.arrivals(), made)


def _recipient(  # noqa: PLR0913, PLR0917 - what either of the two needs
    demo: Demo, deployed: DeployedFiles, premises: Premises | None, aws: Endpoint, files: int, console: Console
) -> AbstractContextManager[Recipient]:
    if premises is None or deployed.courier is None:
        return consumer(deployed, demo.received, demo.logs / "consumer.jsonl", console.print)
    return receiver(premises, aws, deployed, files / demo.uploads_per_second, console.print)
