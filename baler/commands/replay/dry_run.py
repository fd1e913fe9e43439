"""The dry run: what would be done with each bundle, and what the restores would cost."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from baler.commands.replay.outbox import MailboxState
from baler.commands.replay.report import estimate, would_replay
from baler.files.archive.bucket import ArchivedBundle, NotArchivedError
from baler.files.archive.outcome import Unobtainable
from baler.files.archive.parallel import concurrently
from baler.files.archive.report import refused
from baler.files.archive.restore_cost import cost_of_restoring

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.commands.replay.checkpoint import ReplayRequest
    from baler.commands.replay.outbox import Outbox
    from baler.files.archive.bucket import ArchiveBucket


def dry_run(request: ReplayRequest, archive: ArchiveBucket, outbox: Outbox, report: Callable[[Event], None]) -> bool:
    """Inspect every bundle, change nothing, report each and the cost; return whether all can be replayed."""

    def inspect(bundle_id: str) -> tuple[ArchivedBundle, MailboxState] | Unobtainable:
        try:
            return archive.inspect(bundle_id), outbox.state(bundle_id)
        except NotArchivedError as error:
            return Unobtainable(f"{error}.")

    there: list[ArchivedBundle] = []
    with closing(concurrently(inspect, request.bundles)) as found:
        for bundle_id, answer in zip(request.bundles, found, strict=True):
            if isinstance(answer, Unobtainable):
                report(refused(answer.reason, bundle_id))
                continue
            bundle, state = answer
            there.append(bundle)
            report(would_replay(bundle, in_the_way=state is MailboxState.IN_THE_WAY))
    report(estimate(there, cost_of_restoring(there, request.restore), request.restore))
    return len(there) == len(request.bundles)
