"""The verification: day by day the register against the archive, and then a sample to the last byte."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from baler.cli.exit_codes import ExitCode
from baler.commands.verify.report import day_compared, fault_found, sample_priced, verified
from baler.commands.verify.sample import Sampled, SampleReader, in_sample
from baler.files.archive.bucket import ArchivedBundle, Availability, NotArchivedError, RestoreOptions
from baler.files.archive.parallel import concurrently
from baler.files.archive.restore_cost import cost_of_restoring
from baler.files.register.day import DayRegister, load_day, read_files
from baler.files.register.page import PageError
from baler.files.register.verification import Fault, FaultKind, verify_day, verify_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from baler.cli.report import Event
    from baler.files.archive.bucket import ArchiveBucket
    from baler.files.register.day import Page
    from baler.files.register.page import BundleRow

_YOUNG: Final = timedelta(hours=3)
"""A bundle that is not registered by then should have been: its hour, the registrar's wait, and some of its runs."""
# Bundles of the sample that are read beside each other: each is unpacked on the disk.
_READ_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """What is read.

    Attributes:
        share: of the bundles, from 0 to 1.
        seed: decides which.
        reader: reads them.
        options: how Deep Archive would be asked.
    """

    share: float
    seed: str
    reader: SampleReader
    options: RestoreOptions


@dataclass(frozen=True, slots=True)
class Verification:
    """Verifies days.

    Attributes:
        archive: the bucket.
        seals: that an auditor has kept: each must be that of a page in one of the days.
        sample: what is read beside.
        report: gets every event.
        interruption_point: called between two bundles.
    """

    archive: ArchiveBucket
    seals: Sequence[str]
    sample: Sample
    report: Callable[[Event], None]
    interruption_point: Callable[[], None]

    def run(self, first: date, last: date) -> ExitCode:
        """Verify the days from `first` to `last`.

        Raises:
            S3Error: the archive cannot be read.
        """
        young = f"{datetime.now(UTC) - _YOUNG:%Y%m%dT%H%M%S}"
        found: set[str] = set()
        chosen: list[BundleRow] = []
        bundles = files = faults = 0
        before: DayRegister | None = None
        for day in _days(first, last):
            self.interruption_point()
            register = load_day(self.archive.objects, day, concurrently)
            compared = verify_day(self.archive.objects, register, lambda bundle_id: bundle_id > young)
            known = {} if before is None else {before.day: before}
            compared.faults.extend(verify_links(self.archive.objects, register, known))
            compared.faults.extend(self._faults_of_files(register))
            for fault in compared.faults:
                self.report(fault_found(fault))
            if register.numbers or compared.bundles or compared.faults or compared.pending:
                self.report(day_compared(compared, register.seals.get(register.numbers)))
            found |= {*register.seals.values()}
            chosen += [row for row in compared.bundles if in_sample(row.bundle_id, self.sample.share, self.sample.seed)]
            bundles, files = bundles + len(compared.bundles), files + compared.files
            faults += len(compared.faults)
            before = register
        for seal in sorted({*self.seals} - found):
            faults += 1
            reason = f"no page of these days has the seal {seal}: one that was there was removed or exchanged"
            self.report(fault_found(Fault(FaultKind.PAGE, last, None, reason)))
        return self._end(bundles, files, faults, self._read(chosen) if chosen else [])

    def _end(self, bundles: int, files: int, faults: int, sampled: Sequence[Sampled]) -> ExitCode:
        faults += sum(each.fault is not None for each in sampled)
        unread = sum(not each.read for each in sampled)
        proven = sum(each.read and each.fault is None for each in sampled)
        self.report(verified(bundles, files, faults, proven, unread))
        if faults:
            return ExitCode.NEEDS_ATTENTION
        if any(each.awaited for each in sampled):
            return ExitCode.UNFINISHED
        return ExitCode.UNKNOWN if unread else ExitCode.OK

    def _faults_of_files(self, register: DayRegister) -> Iterator[Fault]:
        """Check what pages say of files against their hash, and against what they say of bundles."""
        for page in register.pages:
            if (reason := _wrong_files(self.archive, page)) is not None:
                number = page.head.number
                yield Fault(FaultKind.PAGE, register.day, None, f"page {number} of {register.day}: {reason}")

    def _read(self, rows: Sequence[BundleRow]) -> list[Sampled]:
        """Say what the sample costs, and read it."""
        with closing(concurrently(self._inspected, rows)) as answers:
            there = [bundle for bundle in answers if bundle is not None]
        asleep = [bundle for bundle in there if bundle.availability is Availability.ASLEEP]
        options = self.sample.options
        size = sum(bundle.size for bundle in there)
        self.report(sample_priced(len(rows), size, self.sample.seed, cost_of_restoring(asleep, options), options))
        sampled: list[Sampled] = []
        with closing(concurrently(self.sample.reader.read, rows, most=_READ_AT_ONCE)) as answers:
            for each in answers:
                self.interruption_point()
                sampled.append(each)
                if each.fault is not None:
                    self.report(fault_found(each.fault))
                if each.event is not None:
                    self.report(each.event)
        return sampled

    def _inspected(self, row: BundleRow) -> ArchivedBundle | None:
        try:
            return self.archive.inspect(row.bundle_id)
        except NotArchivedError:
            return None  # gone since the comparison; its reading says so


def _wrong_files(archive: ArchiveBucket, page: Page) -> str | None:
    try:
        told = {bundle_id: len(files) for bundle_id, files in read_files(archive.objects, page)}
    except PageError as error:
        return str(error)
    if told != {row.bundle_id: row.files or 0 for row in page.rows}:
        return "it has other files than it counts"
    return None


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)
