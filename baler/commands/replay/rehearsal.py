"""The dry run: what would be done with each bundle, and what the restores would cost."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from baler.commands.replay.cost import cost_of_restoring
from baler.commands.replay.outbox import Place
from baler.commands.replay.report import Estimate, Would
from baler.files.archive.bucket import ArchivedBundle, NotArchivedError
from baler.files.archive.parallel import concurrently
from baler.files.archive.report import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.commands.replay.outbox import Outbox
    from baler.commands.replay.token import Request
    from baler.files.archive.bucket import ArchiveBucket


def rehearse(request: Request, archive: ArchiveBucket, outbox: Outbox, report: Callable[[Event], None]) -> bool:
    """Look at every bundle, change nothing, report each and the cost; return whether all can be replayed."""

    def look(bundle_id: str) -> tuple[ArchivedBundle, Place] | Refused:
        try:
            return archive.look(bundle_id), outbox.look(bundle_id)
        except NotArchivedError as error:
            return Refused(f"{error}.", bundle_id)

    there: list[ArchivedBundle] = []
    with closing(concurrently(look, request.bundles)) as answers:
        for answer in answers:
            if isinstance(answer, Refused):
                report(answer)
                continue
            bundle, place = answer
            there.append(bundle)
            report(Would(bundle.bundle_id, bundle.size, bundle.access, place is Place.IN_THE_WAY))
    cost = cost_of_restoring(there, request.tier, request.keep_days)
    report(
        Estimate(
            bundles=len(there),
            bytes=sum(bundle.size for bundle in there),
            restores=cost.bundles,
            restore_bytes=cost.bytes,
            tier=request.tier,
            keep_days=request.keep_days,
            retrieval_usd=cost.retrieval,
            requests_usd=cost.requests,
            storage_usd=cost.storage,
            total_usd=cost.total,
        )
    )
    return len(there) == len(request.bundles)
