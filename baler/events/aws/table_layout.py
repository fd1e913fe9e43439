"""The table as Iceberg knows it: schema, partitions, order and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import HourTransform, IdentityTransform
from pyiceberg.types import (
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)

from baler.events.table.columns import COLUMNS, EVENT_TIME, EVENT_TYPE, ColumnType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table
    from pyiceberg.types import IcebergType

    from baler.events.table.columns import Column

TABLE: Final = "events"
"""The table's name in its database."""

_TYPES: Final[dict[ColumnType, IcebergType]] = {
    ColumnType.TEXT: StringType(),
    ColumnType.NUMBER: DoubleType(),
    ColumnType.DECIMAL: DecimalType(38, 9),
    ColumnType.INTEGER: LongType(),
    ColumnType.FLAG: BooleanType(),
    ColumnType.DATE: DateType(),
    ColumnType.TIME: TimestamptzType(),
}
PROPERTIES: Final = {
    # pyiceberg makes a commit that another one overtook anew by itself, on the newer state: an append would then double
    # a source that the other one brought. Here each commit is made of what was read, or not at all.
    "commit.retry.num-retries": "0",
    "commit.manifest-merge.enabled": "true",
    "write.parquet.compression-codec": "zstd",
    # Each commit writes the whole list of snapshots anew; the files of older lists are of no use.
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}


def schema_of(columns: Sequence[Column] = COLUMNS) -> Schema:
    """Return the schema of declared columns."""
    return Schema(
        *(
            NestedField(
                field_id=number,
                name=column.name,
                field_type=_TYPES[column.type],
                required=column.required,
                doc=column.meaning,
            )
            for number, column in enumerate(columns, 1)
        )
    )


def open_table(catalogue: Catalog, database: str, location: str | None = None, *, name: str = TABLE) -> Table:
    """Return the table in its current state, made or given new columns if it lacks them.

    Args:
        catalogue: where it is listed.
        database: its namespace there, which exists.
        location: of a table that is made; None for the catalogue's own choice.
        name: the table's name.

    Raises:
        CommitFailedException: another writer changed it meanwhile each time.
    """
    identifier = (database, name)
    try:
        table = catalogue.load_table(identifier)
    except NoSuchTableError:
        table = _made(catalogue, identifier, location)
    for _ in range(3):
        try:
            if not _declared(table):
                _declare(table)
        except CommitFailedException:
            table = catalogue.load_table(identifier)
        else:
            return table
    raise CommitFailedException("others changed the table each time that its columns were declared")


def _made(catalogue: Catalog, identifier: tuple[str, str], location: str | None) -> Table:
    schema = schema_of()
    event_type, event_time = (schema.find_field(column.name).field_id for column in (EVENT_TYPE, EVENT_TIME))
    spec = PartitionSpec(
        PartitionField(event_type, 1000, IdentityTransform(), "event_type"),
        PartitionField(event_time, 1001, HourTransform(), "event_hour"),
    )
    order = SortOrder(SortField(event_time, IdentityTransform()))
    try:
        return catalogue.create_table(identifier, schema, location, spec, order, dict(PROPERTIES))
    except TableAlreadyExistsError:
        return catalogue.load_table(identifier)


def _declared(table: Table) -> bool:
    names = {field.name for field in table.schema().fields}
    return names.issuperset(column.name for column in COLUMNS) and table.properties.items() >= PROPERTIES.items()


def _declare(table: Table) -> None:
    """Add what is missing. A column that is not declared any more stays: its old values can be asked for."""
    with table.transaction() as transaction:
        with transaction.update_schema() as update:
            update.union_by_name(schema_of())
        transaction.set_properties(PROPERTIES)
