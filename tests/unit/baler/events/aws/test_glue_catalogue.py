"""The table in Glue and S3, by moto that refuses what AWS refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from baler_localstack.glue_versions import check_versions
from botocore.exceptions import ReadTimeoutError, ResponseStreamingError
from botocore.response import StreamingBody
from harness.event_table import DATABASE, metrics
from moto import mock_aws

from baler.events.aws import s3_files
from baler.events.aws.glue_catalogue import catalogue_of
from baler.events.aws.s3_files import S3Files
from baler.store_errors import Unavailable
from runtime.events.aws.compaction import S3Listing
from runtime.events.aws.event_table import IcebergEventTable

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "compacted"


@pytest.fixture
def session(aws_settings: None) -> Iterator[Any]:  # noqa: ARG001 - where boto3 finds moto
    check_versions()
    with mock_aws():
        session = cast("Any", boto3.Session())
        session.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": session.region_name}
        )
        session.client("glue").create_database(DatabaseInput={"Name": DATABASE})
        yield session


def table_of(session: Any) -> IcebergEventTable:
    listing = S3Listing(session.client("s3"))
    return IcebergEventTable(catalogue_of(session), DATABASE, listing, location=f"s3://{BUCKET}/events")


def rows(session: Any) -> list[float]:
    table: Any = catalogue_of(session).load_table((DATABASE, "events"))
    values = table.scan(selected_fields=("value",)).to_arrow()
    return sorted(values["value"].to_pylist())


def test_two_writers_of_one_state_are_told_apart_by_the_version_in_glue(session: Any) -> None:
    table_of(session).snapshot()
    mine, others = table_of(session).snapshot(), table_of(session).snapshot()
    assert others.commit([metrics(1)], frozenset())
    assert not mine.commit([metrics(2)], frozenset())
    assert rows(session) == [1]
    again = table_of(session).snapshot()
    assert again.commit([metrics(2)], again.holding([metrics(2)]))
    assert rows(session) == [1, 2]


def test_an_update_whose_answer_is_lost_is_sent_once_and_its_files_stay(session: Any) -> None:
    table = table_of(session)
    snapshot = table.snapshot()
    glue = cast("Any", snapshot)._table.catalog.glue.writes
    sent: list[str] = []

    def lose(**_: object) -> None:
        sent.append("")
        raise ReadTimeoutError(endpoint_url="glue")

    glue.meta.events.register("after-call.glue.UpdateTable", lose)
    with pytest.raises(Unavailable, match="ReadTimeoutError"):
        snapshot.commit([metrics(1)], frozenset())
    glue.meta.events.unregister("after-call.glue.UpdateTable", lose)
    assert len(sent) == 1
    # It took effect, so what it wrote is what readers read.
    assert rows(session) == [1]
    assert table.snapshot().holding([metrics(1)])


def test_what_only_reads_glue_is_asked_again_and_what_writes_is_not(session: Any) -> None:
    glue = cast("Any", catalogue_of(session)).glue
    assert glue.get_table.__self__ is glue.reads
    assert (glue.reads.meta.config.retries["total_max_attempts"], glue.reads.meta.config.retries["mode"]) == (
        4,
        "standard",
    )
    for write in ("update_table", "create_table", "delete_table"):
        assert getattr(glue, write).__self__ is glue.writes
    assert glue.writes.meta.config.retries["total_max_attempts"] == 1


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_body_that_breaks_off_is_read_again(session: Any, monkeypatch: pytest.MonkeyPatch, broken: int) -> None:
    client = session.client("s3")
    client.put_object(Bucket=BUCKET, Key="file", Body=b"whole")
    read, reads = StreamingBody.read, iter(range(broken))

    def break_off(body: StreamingBody, amt: int | None = None) -> bytes:
        if next(reads, None) is not None:
            raise ResponseStreamingError(error="it broke off")
        return read(body, amt)

    monkeypatch.setattr(StreamingBody, "read", break_off)
    file = S3Files(client).new_input(f"s3://{BUCKET}/file")
    if broken < 3:
        assert cast("Any", file).open().read() == b"whole"
    else:
        with pytest.raises(ResponseStreamingError):
            file.open()


def test_what_glue_does_not_answer_is_unavailable(session: Any) -> None:
    table = table_of(session)
    table.snapshot()

    def lose(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="glue")

    cast("Any", table)._catalogue.glue.reads.meta.events.register("before-call.glue.GetTable", lose)
    with pytest.raises(Unavailable, match="cannot read the table: ReadTimeoutError"):
        table.snapshot()
    with pytest.raises(Unavailable, match="cannot delete files of the table: ReadTimeoutError"):
        table.sweep(datetime.now(UTC))


def test_a_catalogue_whose_connections_were_closed_opens_new_ones(session: Any) -> None:
    catalogue = catalogue_of(session)
    listing = S3Listing(session.client("s3"))
    table = IcebergEventTable(catalogue, DATABASE, listing, location=f"s3://{BUCKET}/events")
    assert table.snapshot().commit([metrics(1)], frozenset())
    glue, s3 = cast("Any", catalogue)._clients
    clients = (glue.reads, glue.writes, s3)
    managers: list[Any] = [client._endpoint.http_session._manager for client in clients]
    for manager in managers:
        manager.connection_from_url("https://example.com")
    catalogue.close()
    assert [len(manager.pools) for manager in managers] == [0, 0, 0]
    assert table.snapshot().holding([metrics(1)])


def test_a_sweep_lists_and_deletes_by_address(session: Any) -> None:
    def data_files() -> set[str]:
        return {address for address, _ in S3Listing(session.client("s3"))(f"s3://{BUCKET}/events/data/")}

    table = table_of(session)
    assert table.snapshot().commit([metrics(1)], frozenset())
    replaced = data_files()
    again = table.snapshot()
    assert again.commit([metrics(1)], again.holding([metrics(1)]))
    assert len(data_files()) == 2
    assert table.sweep(datetime.now(UTC) + timedelta(hours=1)) > 0
    assert len(data_files()) == 1
    assert not data_files() & replaced
    assert rows(session) == [1]


def test_a_file_is_read_by_pieces_and_most_files_by_one(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_files, "_FIRST_BYTES", 10)
    client = session.client("s3")
    asked: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(params["headers"]["Range"])

    client.meta.events.register("before-call.s3.GetObject", note)
    files = S3Files(client)
    address = f"s3://{BUCKET}/events/of spaces & #marks?"
    with files.new_output(address).create() as stream:
        stream.write(bytes(range(256)) * 16)
    assert len(files.new_input(address)) == 4096
    reader: Any = files.new_input(address).open()
    assert reader.read() == bytes(range(256)) * 16
    assert reader.seek(-3, 2) == 4093
    assert reader.read(10) == b"\xfd\xfe\xff"
    assert asked[0] == "bytes=0-9"
    asked.clear()
    monkeypatch.setattr(s3_files, "_FIRST_BYTES", 5000)
    reader = files.new_input(address).open()
    assert (reader.seek(4090), reader.read(2), reader.seek(0), reader.read(1)) == (4090, b"\xfa\xfb", 0, b"\0")
    assert asked == ["bytes=0-4999"]


def test_a_file_is_there_whole_or_not_at_all_and_is_written_once(session: Any) -> None:
    files = S3Files(session.client("s3"))
    output = files.new_output(f"s3://{BUCKET}/file")

    def fail_halfway() -> None:
        with output.create() as stream:
            stream.write(b"half")
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail_halfway()
    assert not output.exists()
    with pytest.raises(FileNotFoundError):
        output.to_input_file().open()
    with output.create() as stream:
        stream.write(b"whole")
    second = output.create()
    second.write(b"other")
    with pytest.raises(FileExistsError):
        second.close()
    with output.create(overwrite=True) as stream:
        stream.write(b"newer")
    assert len(output) == 5


def test_a_put_that_is_sent_again_since_its_answer_was_lost_finds_its_own_file(session: Any) -> None:
    client = session.client("s3")
    output = S3Files(client).new_output(f"s3://{BUCKET}/file")
    with output.create() as again:
        again.write(b"whole")
        client.put_object(Bucket=BUCKET, Key="file", Body=b"whole")
    assert len(output) == 5
