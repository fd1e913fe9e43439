"""The processed events as they lie in their bucket, for Athena: the document's layout, an hour of a type a folder."""

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from baler.events.event_types import EVENT_TYPE, EVENT_TYPES, TIMESTAMP, FieldKind
from components.events.processed_bucket import ProcessedBucket

NAME: Final = "processed_events"

# Two types may share a field, so a column of all types takes what any of them has; amounts to be summed are decimal.
_COLUMN_TYPES: Final[Mapping[FieldKind, str]] = {
    FieldKind.TEXT: "string",
    FieldKind.NUMBER: "double",
    FieldKind.DECIMAL: "decimal(38,9)",
}

# What the transformer adds (baler/events/transformation.py; a test compares).
ADDED: Final[Mapping[str, str]] = {
    "transaction_date": "string",
    "amount_category": "string",
    "is_high_value": "boolean",
    "action_date": "string",
    "session_duration_category": "string",
    "metric_date": "string",
    "value_range": "string",
    "is_anomaly": "boolean",
}

# Two digits, as the folders have them: `month='01'` finds nothing in a projection without.
_PARTS: Final[Mapping[str, tuple[str, int]]] = {
    "year": ("2000,2099", 4),
    "month": ("1,12", 2),
    "day": ("1,31", 2),
    "hour": ("0,23", 2),
}


class ProcessedTable(pulumi.ComponentResource):
    """A table whose partitions are computed: none has to be registered, and a new hour is there at once.

    The SerDe is Hive's: it leaves out what is not declared, and refuses what is of another type than declared, where
    another one would read it as something else in silence (Athena user guide, "JSON SerDe libraries").
    """

    def __init__(
        self,
        name: str,
        *,
        database: pulumi.Input[str],
        processed: ProcessedBucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:processed_table:ProcessedTable", name, None, opts)
        table = aws.glue.CatalogTable(
            name,
            name=NAME,
            database_name=database,
            description="Processed events as document 5 lays them out, each object once it is there. See also: events.",
            table_type="EXTERNAL_TABLE",
            parameters={"EXTERNAL": "TRUE", "classification": "json", **_projection(processed.location)},
            partition_keys=[
                aws.glue.CatalogTablePartitionKeyArgs(name=key, type="string") for key in (EVENT_TYPE, *_PARTS)
            ],
            storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
                location=processed.location,
                input_format="org.apache.hadoop.mapred.TextInputFormat",
                output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                    serialization_library="org.apache.hive.hcatalog.data.JsonSerDe"
                ),
                columns=_columns(),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name: pulumi.Output[str] = table.name
        self.register_outputs({"name": self.name})


def _columns() -> Sequence[aws.glue.CatalogTableStorageDescriptorColumnArgs]:
    types = {
        "original_data": _struct({TIMESTAMP: "string", EVENT_TYPE: "string", **declared_fields()}),
        "enriched_data": _struct(ADDED),
        "record_id": "string",
        "processed_timestamp": "string",
        "metadata": _struct({"source": "string", "processing_stage": "string", "version": "string"}),
    }
    return [aws.glue.CatalogTableStorageDescriptorColumnArgs(name=name, type=type_) for name, type_ in types.items()]


def declared_fields() -> dict[str, str]:
    """Return the column types of the fields that any type declares.

    Raises:
        ValueError: two types declare a field of the same name and of different kinds, which one column cannot hold.
    """
    found: dict[str, str] = {}
    for declared in EVENT_TYPES.values():
        for field in declared.fields:
            if found.setdefault(field.name, _COLUMN_TYPES[field.kind]) != _COLUMN_TYPES[field.kind]:
                raise ValueError(f"two types of events declare {field.name} differently")
    return found


def _struct(fields: Mapping[str, str]) -> str:
    return f"struct<{','.join(f'{name}:{type_}' for name, type_ in fields.items())}>"


def _projection(location: pulumi.Output[str]) -> dict[str, pulumi.Input[str]]:
    """Athena user guide, "Supported types for partition projection"."""
    settings: dict[str, pulumi.Input[str]] = {
        "projection.enabled": "true",
        f"projection.{EVENT_TYPE}.type": "enum",
        f"projection.{EVENT_TYPE}.values": ",".join(EVENT_TYPES),
    }
    for part, (bounds, digits) in _PARTS.items():
        settings |= {
            f"projection.{part}.type": "integer",
            f"projection.{part}.range": bounds,
            f"projection.{part}.digits": str(digits),
        }
    folders = "/".join(f"{key}=${{{key}}}" for key in (EVENT_TYPE, *_PARTS))
    return {**settings, "storage.location.template": pulumi.Output.concat(location, folders, "/")}
