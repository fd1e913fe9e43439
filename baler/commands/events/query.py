"""`baler events query`: a question to the table, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from baler.cli.clients import client, plain_errors
from baler.cli.epilog import epilog
from baler.cli.exit_codes import ExitCode
from baler.cli.report import printable
from baler.commands.events.answer import as_document, as_table, distinct
from baler.commands.events.options import AsJson, Database  # noqa: TC001 - typer reads them

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EPILOG: Final = epilog(
    "events",
    '''query "SELECT date_trunc('hour', event_time) AS hour, count(*) FROM events WHERE is_high_value
        AND event_time >= current_date - 1 AND event_time < current_date GROUP BY hour ORDER BY hour"''',
    'query "DESCRIBE events"',
    """query "SELECT original_data ->> 'device' AS device, count(*) FROM events GROUP BY device" --json""",
    codes={
        ExitCode.OK: "the answer is printed",
        ExitCode.CANNOT_PROCEED: "the query is wrong, the database has no table, or AWS refused",
        ExitCode.RETRY: "AWS did not answer",
    },
)

_TABLE: Final = "events"
_ROWS_AT_ONCE: Final = 1000


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="In DuckDB's dialect. The table is called events.")],
    database: Database,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Ask the table of all events, here on this machine; nothing is changed.

    One snapshot is asked: each event is in it once, some minutes after it arrived (the stack's compaction delay).
    Times are UTC. Only the files and columns that the question needs are read: name a time, and a type.
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra of the wheel

        from baler.events.aws import glue_catalogue, table_dataset  # noqa: PLC0415 - the same
    except ImportError as error:
        typer.echo(f"This needs more than the command itself ({error.name}): pip install 's3-baler[query]'.", err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
    from pyiceberg.exceptions import NoSuchTableError  # noqa: PLC0415 - the same

    with plain_errors():
        catalogue = glue_catalogue.EventCatalogue(client("glue"), client("s3"))
        try:
            snapshot = table_dataset.snapshot_of(catalogue.load_table((database, _TABLE)))
        except NoSuchTableError as error:
            message = f"The database {database} has no table of events: if that is the stack's output eventsDatabase, "
            typer.echo(f"{printable(message)}wait for the first events, of which the compactor makes it.", err=True)
            raise typer.Exit(ExitCode.CANNOT_PROCEED) from error
        try:
            with _connection(duckdb, snapshot.dataset) as connection:
                _print(connection.execute(sql), as_json=as_json)
        except duckdb.Error as error:
            if snapshot.failure is not None:
                # DuckDB reports it as an error of the query, with a traceback.
                raise snapshot.failure from error
            for line in str(error).splitlines():
                typer.echo(printable(line), err=True)
            raise typer.Exit(ExitCode.CANNOT_PROCEED) from error


def _connection(duckdb: Any, events: Any) -> DuckDBPyConnection:
    """Return a database that has the table and nothing else: no file of this machine, no network, no download."""
    settings = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    connection = duckdb.connect(config=settings)
    connection.register(_TABLE, events)
    for setting in ("TimeZone = 'UTC'", "python_enable_replacements = false", "enable_external_access = false"):
        connection.execute(f"SET {setting}")
    connection.execute("SET lock_configuration = true")
    return connection


def _print(answer: DuckDBPyConnection | None, *, as_json: bool) -> None:
    if answer is None:
        typer.echo("The query is empty.", err=True)
        raise typer.Exit(ExitCode.CANNOT_PROCEED)
    names = distinct(column[0] for column in answer.description or ())
    if as_json:
        while rows := answer.fetchmany(_ROWS_AT_ONCE):
            for row in rows:
                typer.echo(as_document(names, row))
        return
    heading = True
    # Without a row too: the heading says that there was an answer.
    while (rows := answer.fetchmany(_ROWS_AT_ONCE)) or heading:
        for line in as_table(names, rows, heading=heading):
            typer.echo(line)
        heading = False
