"""The command line of `baler consume`: settings in, exit code out."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from baler.cli.exit_codes import ExitCode, exit_codes_help
from baler.cli.log_file import LogFile, LogFileError, file_reporter
from baler.cli.output import surviving
from baler.cli.report import both, failure, printable, stdout_reporter
from baler.cli.s3 import S3RefusedError, s3_client
from baler.cli.shutdown import Shutdown, Stopping
from baler.cli.stack_outputs import given, output_of_stack, required_output
from baler.cli.version import version
from baler.commands.consume.attendant import Attendant
from baler.commands.consume.boot import boot_id
from baler.commands.consume.consumer import Consumer
from baler.commands.consume.dynamodb_lease import DynamoDbLeaseTable, dynamodb_client
from baler.commands.consume.hook import DEFAULT_TIMEOUT_SECONDS, HookRunner, SubprocessHook
from baler.commands.consume.lease import DEFAULT_LEASE_SECONDS, LeaseRefusedError, SoleConsumer, StandbyLease
from baler.commands.consume.lock import AlreadyRunningError, sole_consumer, sole_consumer_of
from baler.commands.consume.mailbox import MailboxRefusedError, MailboxUnavailableError
from baler.commands.consume.publication import Publication
from baler.commands.consume.publisher import Publisher
from baler.commands.consume.publisher_parts import PublisherParts
from baler.commands.consume.receiver import Receiver
from baler.commands.consume.report import doubtful, foreign_objects, started
from baler.commands.consume.s3_mailbox import S3ConsumerMailbox
from baler.commands.consume.state import FolderError, prepare
from baler.commands.consume.status import ConsumerStatus, StatusFiles
from baler.commands.consume.systemd import Systemd
from baler.commands.consume.whole_bundle import WholeBundlePublisher
from baler.files.bundle.ids import PREFIX
from baler.files.horizon import DEFAULT_RETENTION_DAYS
from baler.files.ledger.ledger import Ledger
from baler.files.ledger.ledger_file import LedgerError
from baler.files.unpacking.permissions import Permissions, PermissionsError
from baler.files.unpacking.unpack import UnpackLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event
    from baler.commands.consume.lease import Lease

_MEGABYTE: Final = 1024 * 1024

EPILOG: Final = f"""
**Examples**

As a service, until SIGTERM; endpoint, region and credentials are boto3's own settings:

    AWS_PROFILE=consumer baler consume --mailbox baler-prod-files-distribution-1a2b3c4 --into /srv/readings

One pass, for programs, with a mailbox on LocalStack:

    AWS_ENDPOINT_URL=http://127.0.0.1:4566 baler consume --mailbox NAME --into out/received --once --json

Whatever takes the files is told of each bundle, all of whose files are there at once:

    baler consume --mailbox NAME --into /srv/readings --whole-bundles --hook /usr/local/bin/take-bundle

On two machines, of which one works and the other takes over within a minute when it stops:

    baler consume --mailbox NAME --into /srv/readings --lease-table TABLE

{
    exit_codes_help(
        {
            ExitCode.OK: "(with --once) all was delivered; without it, a signal stopped it",
            ExitCode.CANNOT_PROCEED: "it could not start, or its ledger is damaged",
            ExitCode.NEEDS_ATTENTION: "(with --once) a bundle is in quarantine",
            ExitCode.RETRY: "(with --once) something could not be processed, try again",
            ExitCode.STOPPED: "(with --once) a signal stopped it before all was delivered",
        }
    )
}

It delivers on where its output cannot be written or nobody reads it.
"""

_CANNOT_START: Final = (
    FolderError,
    LogFileError,
    PermissionsError,
    AlreadyRunningError,
    LedgerError,
    LeaseRefusedError,
    MailboxRefusedError,
    S3RefusedError,
)


def consume(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    into: Annotated[
        Path,
        typer.Option(
            envvar="BALER_INTO", metavar="DIR", help="The folder of received files; each file's path in it is its key."
        ),
    ],
    mailbox: Annotated[str | None, given("filesDistributionBucket")] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            envvar="BALER_STATE",
            metavar="DIR",
            help="The consumer's own folder, on the same file system.  [default: --into's path and .state]",
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take what is there, then end.")] = False,  # noqa: FBT002 - a flag
    poll: Annotated[
        float,
        typer.Option(envvar="BALER_POLL", metavar="SECONDS", min=0.1, help="Time between listings of the mailbox."),
    ] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,  # noqa: FBT002 - a flag
    prefix: Annotated[str, typer.Option(envvar="BALER_PREFIX", help="Take only keys that begin with this.")] = PREFIX,
    max_unpacked_megabytes: Annotated[
        int,
        typer.Option(
            envvar="BALER_MAX_UNPACKED_MEGABYTES",
            min=1,
            help="Quarantine a bundle that unpacks to more than this many MiB.",
        ),
    ] = 1024,
    max_files: Annotated[
        int,
        typer.Option(envvar="BALER_MAX_FILES", min=1, help="Quarantine a bundle that holds more files than this."),
    ] = 10_000,
    file_mode: Annotated[
        str | None,
        typer.Option(
            envvar="BALER_FILE_MODE",
            metavar="OCTAL",
            help="Mode of delivered files, for example 0640, whatever the umask.  [default: 0666 less the umask]",
        ),
    ] = None,
    dir_mode: Annotated[
        str | None,
        typer.Option(
            envvar="BALER_DIR_MODE",
            metavar="OCTAL",
            help="Mode of the folders that are made for them, for example 2750.  [default: 0777 less the umask]",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            envvar="BALER_GROUP",
            metavar="NAME",
            help="Group of delivered files and of those folders, by name or number.  [default: the consumer's]",
        ),
    ] = None,
    retry_quarantined: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--retry-quarantined", help="Retry what was quarantined as damaged.")
    ] = False,
    landing_retention_days: Annotated[
        int | None,
        given("filesLandingRetentionDays", "How long the ledger remembers follows from it.", min=1, max=365),
    ] = None,
    lease_table: Annotated[
        str | None, given("filesConsumerLeaseTable", "Work only while holding the lease in this DynamoDB table.")
    ] = None,
    lease_seconds: Annotated[
        float,
        typer.Option(envvar="BALER_LEASE_SECONDS", min=2, max=40, help="How long the lease lasts unrenewed."),
    ] = DEFAULT_LEASE_SECONDS,
    whole_bundles: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option(
            "--whole-bundles",
            envvar="BALER_WHOLE_BUNDLES",
            help="The files of a bundle appear all at once, in a folder of --into that has the bundle's id.",
        ),
    ] = False,
    hook: Annotated[
        str | None,
        typer.Option(
            envvar="BALER_HOOK",
            metavar="COMMAND",
            help="Run this for each delivered bundle, at least once; its standard input lists the files as JSON.",
        ),
    ] = None,
    hook_timeout: Annotated[
        float,
        typer.Option(envvar="BALER_HOOK_TIMEOUT", metavar="SECONDS", min=1, help="End a hook that runs longer."),
    ] = DEFAULT_TIMEOUT_SECONDS,
    log_file: Annotated[
        Path | None,
        typer.Option(envvar="BALER_LOG_FILE", metavar="FILE", help="Append what is printed to this file too."),
    ] = None,
    status_file: Annotated[
        Path | None,
        typer.Option(envvar="BALER_STATUS_FILE", metavar="FILE", help="Keep how it is in this file, as JSON."),
    ] = None,
    metrics_file: Annotated[
        Path | None,
        typer.Option(
            envvar="BALER_METRICS_FILE",
            metavar="FILE",
            help="Keep its metrics in this file, for Prometheus' textfile collector: NAME.prom.",
        ),
    ] = None,
) -> None:
    """Take bundles out of the mailbox and leave their files in a folder, each exactly once.

    A bundle is downloaded, checked against its SHA-256, unpacked, checked file by file, moved into place, noted in a
    ledger and deleted from the mailbox. A bundle that cannot be trusted is quarantined and stays in the mailbox; one
    that exceeds a limit, or is of a newer format, is tried again once that limit is raised or Baler is upgraded.
    A file whose key cannot be a path, or whose place is taken or refused, gets a derived name that the ledger notes.

    With --whole-bundles a bundle's files lie below one folder, INTO/<bundle id>/, which one rename brings into sight
    with all of them. A --hook is run at least once for each delivered bundle and each replay of one, after all its
    files are in place, until it ends with 0.

    One consumer takes from a mailbox, since each deletes what it has taken. Several, on machines of their own, need
    --lease-table: one works, the others stand by.

    Where the mailbox is given, nothing is asked of the stack: the consumer's own role may not.
    """
    if mailbox is None:
        mailbox, lease_table, landing_retention_days = _of_stack(lease_table, landing_retention_days)
    if once and lease_table is not None:
        raise typer.BadParameter("--once does not wait for a lease, which these consumers have (--lease-table).")
    try:
        permissions = Permissions.parse(file_mode, dir_mode, group)
    except PermissionsError as error:
        raise typer.BadParameter(str(error)) from error
    command = _command(hook)
    report = surviving(stdout_reporter(as_json=as_json, times=True))
    try:
        report = _logged(report, log_file, as_json=as_json)
        made, beside = _about(into)
        folder_of_files, folder = prepare(into, state or beside)
        with ExitStack() as opened:
            opened.enter_context(sole_consumer(folder.lock))
            permissions.prepare(folder_of_files, folder.incoming, made=made)
            client = s3_client()
            if lease_table is None:
                opened.enter_context(sole_consumer_of(f"{client.meta.endpoint_url} {mailbox} {prefix}"))
            ledger = opened.enter_context(Ledger(folder.ledger, boot_id()))
            if retry_quarantined:
                ledger.forget_quarantine()
            shutdown = opened.enter_context(Shutdown())
            lease = _lease(lease_table, lease_seconds, ledger)
            status = ConsumerStatus(mailbox, folder_of_files, version())
            report = both(report, status.observe)
            files = StatusFiles(status, status_file, metrics_file, report)
            hooks = _hooks(command, hook_timeout, ledger, folder.path, folder_of_files, report)
            attendant = Attendant(ledger, status, files, Systemd(), hooks)

            def interruption_point() -> None:
                shutdown.interruption_point()
                lease.renew_if_due()
                attendant.tick()

            port = S3ConsumerMailbox(client, mailbox, prefix)
            parts = PublisherParts(
                ledger=ledger,
                state=folder,
                into=folder_of_files,
                interruption_point=interruption_point,
                fence=lease.check,
                permissions=permissions,
                doubtful=lambda entry, name: report(doubtful(entry.bundle_id, entry.key, name)),
                announced=command is not None,
            )
            service = Consumer(
                mailbox=port,
                ledger=ledger,
                state=folder,
                receiver=Receiver(port, ledger, folder, _limits(max_unpacked_megabytes, max_files), interruption_point),
                publisher=Publication(Publisher(parts), WholeBundlePublisher(parts), whole_bundles=whole_bundles),
                shutdown=shutdown,
                report=report,
                lease=lease,
                retention_days=landing_retention_days or DEFAULT_RETENTION_DAYS,
                attendant=attendant,
            )
            report(started(mailbox, prefix, folder_of_files, folder.path, os.getpid()))
            _make_sure_of_mailbox(port, mailbox, ledger, report)
            code = service.run(once=once, poll_seconds=poll)
    except Stopping:
        code = ExitCode.STOPPED if once else ExitCode.OK
    except _CANNOT_START as error:
        if as_json:
            report(failure(str(error)))
        typer.echo(printable(str(error)), err=True)
        code = ExitCode.CANNOT_PROCEED
    raise typer.Exit(code)


def _about(into: Path) -> tuple[bool, Path]:
    """Return whether the folder of files is still to be made, and the folder beside it that is the consumer's own.

    Raises:
        FolderError: it can be no folder.
    """
    try:
        return not into.exists(), Path(f"{into.resolve()}.state")
    except OSError as error:
        raise FolderError(f"Cannot use {str(into)!r} as a folder: {error.strerror}.") from error
    except RuntimeError as error:  # what pathlib says of symlinks that lead to themselves
        raise FolderError(f"Cannot use {str(into)!r} as a folder: its symlinks lead in a circle.") from error


def _lease(table: str | None, seconds: float, ledger: Ledger) -> Lease:
    if table is None:
        return SoleConsumer()
    return StandbyLease(DynamoDbLeaseTable(dynamodb_client(), table), ledger.consumer_id, socket.gethostname(), seconds)


def _limits(unpacked_megabytes: int, files: int) -> UnpackLimits:
    return UnpackLimits(bytes=unpacked_megabytes * _MEGABYTE, files=files)


def _of_stack(lease_table: str | None, retention_days: int | None) -> tuple[str, str | None, int | None]:
    """Return mailbox, lease table and retention, as the stack has what is not given."""
    return (
        str(required_output("filesDistributionBucket")),
        lease_table or output_of_stack("filesConsumerLeaseTable"),
        retention_days or output_of_stack("filesLandingRetentionDays"),
    )


def _logged(report: Callable[[Event], None], log_file: Path | None, *, as_json: bool) -> Callable[[Event], None]:
    """Return a reporter that also appends to the log file, if there is to be one."""
    return report if log_file is None else both(report, file_reporter(LogFile(log_file), as_json=as_json))


def _hooks(  # noqa: PLR0913, PLR0917 - what a hook takes
    command: list[str] | None,
    timeout_seconds: float,
    ledger: Ledger,
    scratch: Path,
    into: Path,
    report: Callable[[Event], None],
) -> HookRunner | None:
    if command is None:
        return None
    return HookRunner(ledger, lambda due: SubprocessHook(command, due, scratch, into), report, timeout_seconds)


def _command(hook: str | None) -> list[str] | None:
    """Return the words of the hook, as a shell would take them apart; no shell runs it."""
    if hook is None:
        return None
    try:
        words = shlex.split(hook)
    except ValueError as error:
        raise typer.BadParameter(f"--hook {hook!r}: {error}.") from error
    if not words or shutil.which(words[0]) is None:
        raise typer.BadParameter(f"--hook {hook!r} names no program that this user can run.")
    return words


def _make_sure_of_mailbox(
    port: S3ConsumerMailbox, bucket: str, ledger: Ledger, report: Callable[[Event], None]
) -> None:
    """Notice another bucket of the stack in place of the mailbox, before anything in it is touched.

    Raises:
        MailboxRefusedError: it is the archive, or a bucket that has no bundle but something else, and no consumer with
            this ledger has ever taken a bundle.
    """
    try:
        contents = port.list_top()
    except MailboxUnavailableError:
        return  # the service waits until it can be reached
    other = contents.other_bucket(bucket)
    if other is not None and (contents.index or ledger.is_empty()):
        raise MailboxRefusedError(other)
    if contents.foreign is not None:
        report(foreign_objects(bucket, contents.foreign))
