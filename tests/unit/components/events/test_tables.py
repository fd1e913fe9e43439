"""The tables: the protocol's, the document's, and those that people query."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from harness.recorded_program import ACCOUNT, EVENTS_ALONE, record_program

from baler.events import event_time
from baler.events.event_types import EVENT_TYPES, EventType, Field, FieldKind
from baler.events.partition import Partition
from baler.events.transformation import Thresholds, transform
from components.events import processed_table

if TYPE_CHECKING:
    from harness.recorded_program import Deployed


@pytest.mark.requirement("EVENT-META-03", "EVENT-RECOVER-02")
def test_frontiers_and_batches_are_found_by_shard_and_can_be_had_back(prod: Deployed) -> None:
    table = prod.one("dynamodb/table:Table", "events-progress")
    assert (table.inputs["hashKey"], table.inputs["rangeKey"]) == ("pk", "sk")
    assert table.inputs["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
    assert table.protected
    assert table.inputs["deletionProtectionEnabled"]


@pytest.mark.requirement("EVENT-META-01", "EVENT-META-02")
def test_the_documents_table_has_its_keys_its_index_and_its_end(prod: Deployed) -> None:
    table = prod.one("dynamodb/table:Table", "events-batches").inputs
    assert (table["hashKey"], table["rangeKey"]) == ("batch_id", "processed_at")
    assert table["ttl"] == {"attributeName": "ttl", "enabled": True}
    assert table["billingMode"] == "PAY_PER_REQUEST"
    (index,) = table["globalSecondaryIndexes"]
    assert (index["name"], index["projectionType"]) == ("ShardIndex", "ALL")
    assert [(key["attributeName"], key["keyType"]) for key in index["keySchemas"]] == [
        ("shard_id", "HASH"),
        ("processed_at", "RANGE"),
    ]
    assert {each["name"] for each in table["attributes"]} == {"batch_id", "processed_at", "shard_id"}


@pytest.mark.requirement("EVENT-PROCESSED-01", "EVENT-FUTURE-05")
def test_the_computed_partitions_are_the_folders_that_are_written(prod: Deployed) -> None:
    table = prod.one("glue/catalogTable:CatalogTable", "events-catalogue").inputs
    parameters = table["parameters"]
    assert parameters["projection.enabled"] == "true"
    for hour in (Partition("metric", 2000, 1, 1, 0), Partition("transaction", 2099, 12, 31, 23)):
        values = {"event_type": hour.event_type, "year": f"{hour.year}", "month": f"{hour.month:02}"}
        values |= {"day": f"{hour.day:02}", "hour": f"{hour.hour:02}"}
        folder = parameters["storage.location.template"]
        for key, value in values.items():
            folder = folder.replace(f"${{{key}}}", value)
            if key != "event_type":
                low, high = parameters[f"projection.{key}.range"].split(",")
                assert int(low) <= int(value) <= int(high)
                assert parameters[f"projection.{key}.digits"] == str(len(value))
        assert folder == f"s3://baler-prod-events-processed-1a2b3c4/processed/{hour.path}/"
    assert [key["name"] for key in table["partitionKeys"]] == ["event_type", "year", "month", "day", "hour"]
    assert parameters["projection.event_type.values"].split(",") == list(EVENT_TYPES)
    # No event has a time that no partition is computed for.
    low, high = parameters["projection.year.range"].split(",")
    assert (
        datetime(int(low), 1, 1, tzinfo=UTC),
        datetime(int(high) + 1, 1, 1, tzinfo=UTC),
    ) == (event_time.EARLIEST, event_time.LATEST)


def raw_line(declared: EventType) -> bytes:
    values: dict[FieldKind, Any] = {FieldKind.TEXT: "text", FieldKind.NUMBER: 1.5, FieldKind.DECIMAL: 2}
    fields = {field.name: values[field.kind] for field in declared.fields}
    document = {"timestamp": "2026-01-02T03:04:05Z", "event_type": declared.name, **fields}
    return json.dumps({**document, "kinesis": {"record_id": "0" * 64}}).encode()


@pytest.mark.requirement("EVENT-PROCESSED-01")
def test_the_columns_are_those_of_a_processed_line(prod: Deployed) -> None:
    table = prod.one("glue/catalogTable:CatalogTable", "events-catalogue").inputs
    columns = {column["name"]: column["type"] for column in table["storageDescriptor"]["columns"]}
    added: dict[str, str] = {}
    types = {str: "string", bool: "boolean"}
    for declared in EVENT_TYPES.values():
        line = json.loads(transform(raw_line(declared), Thresholds(), datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)))
        assert list(line) == list(columns)
        added |= {name: types[type(value)] for name, value in line["enriched_data"].items()}
        for field in declared.fields:
            assert f"{field.name}:{processed_table.declared_fields()[field.name]}" in columns["original_data"]
    assert added == processed_table.ADDED


def test_types_that_declare_a_field_differently_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = EventType("other", (Field("amount", FieldKind.TEXT, "in words"),))
    monkeypatch.setattr(processed_table, "EVENT_TYPES", {**EVENT_TYPES, "other": other})
    with pytest.raises(ValueError, match="declare amount differently"):
        processed_table.declared_fields()


@pytest.mark.requirement("EVENT-FUTURE-05")
def test_a_query_is_limited_and_its_answer_lies_where_people_alone_read_it(changed: Deployed) -> None:
    workgroup = changed.one("athena/workgroup:Workgroup", "events-catalogue").inputs["configuration"]
    assert workgroup["bytesScannedCutoffPerQuery"] == 7_000_000_000
    assert workgroup["enforceWorkgroupConfiguration"] is True
    assert workgroup["resultConfiguration"] == {
        "outputLocation": "s3://baler-prod-events-results-1a2b3c4/",
        "expectedBucketOwner": ACCOUNT,
        "encryptionConfiguration": {"encryptionOption": "SSE_S3"},
    }


def test_the_database_has_a_name_that_needs_no_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi.get_stack", lambda: "team-1-dev")
    assert record_program("dev", EVENTS_ALONE).exports["eventsDatabase"] == "baler_team_1_dev_events"
