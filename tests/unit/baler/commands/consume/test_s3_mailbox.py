"""The mailbox in S3: what boto3 answers, in the port's words."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws

from baler.cli.s3 import S3RefusedError, s3_client
from baler.commands.consume import s3_mailbox
from baler.commands.consume.mailbox import MailboxRefusedError, MailboxUnavailableError, ObjectGoneError
from baler.commands.consume.s3_mailbox import S3ConsumerMailbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

REGION = "eu-west-2"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", REGION)


@pytest.fixture
def client() -> Iterator[S3Client]:
    with mock_aws():
        client = s3_client()
        client.create_bucket(Bucket="mailbox", CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


def test_it_lists_every_page_in_the_order_of_the_keys(client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for number in (4, 1, 3, 0, 2):
        client.put_object(Bucket="mailbox", Key=f"bundles/{number}", Body=b"x" * number)
    client.put_object(Bucket="mailbox", Key="elsewhere", Body=b"")

    letters = list(S3ConsumerMailbox(client, "mailbox", "bundles/").list())

    assert [item.key for item in letters] == [f"bundles/{number}" for number in range(5)]
    assert [item.size for item in letters] == [0, 1, 2, 3, 4]
    assert letters[0].last_modified.tzinfo is not None


def test_it_reads_content_and_metadata_in_pieces(client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_mailbox, "CHUNK_BYTES", 10)
    client.put_object(Bucket="mailbox", Key="k", Body=b"0123456789abcde", Metadata={"content-sha256": "ab"})
    mailbox = S3ConsumerMailbox(client, "mailbox", "")
    [item] = mailbox.list()
    with mailbox.get(item) as content:
        assert content.metadata["content-sha256"] == "ab"
        assert list(content.chunks) == [b"0123456789", b"abcde"]


def test_an_object_replaced_or_deleted_after_it_was_listed_is_gone(client: S3Client) -> None:
    client.put_object(Bucket="mailbox", Key="k", Body=b"old")
    mailbox = S3ConsumerMailbox(client, "mailbox", "")
    [item] = mailbox.list()
    client.put_object(Bucket="mailbox", Key="k", Body=b"new")
    with pytest.raises(ObjectGoneError), mailbox.get(item):
        pass
    client.delete_object(Bucket="mailbox", Key="k")
    with pytest.raises(ObjectGoneError), mailbox.get(item):
        pass


def test_an_object_that_s3_does_not_hand_out_is_refused_alone(client: S3Client) -> None:
    """Were it taken for an outage, the oldest such object would keep every later bundle waiting, for good."""
    client.put_object(Bucket="mailbox", Key="k", Body=b"x", StorageClass="GLACIER")
    mailbox = S3ConsumerMailbox(client, "mailbox", "")
    [item] = mailbox.list()
    with pytest.raises(MailboxRefusedError, match="InvalidObjectState"), mailbox.get(item):
        pass


def test_it_deletes_and_a_second_time_is_no_error(client: S3Client) -> None:
    client.put_object(Bucket="mailbox", Key="k", Body=b"")
    mailbox = S3ConsumerMailbox(client, "mailbox", "")
    mailbox.delete("k")
    mailbox.delete("k")
    assert list(mailbox.list()) == []


def test_a_missing_bucket_is_refused_with_its_name(client: S3Client) -> None:
    with pytest.raises(MailboxRefusedError, match=r"There is no such bucket: .*'nowhere'"):
        list(S3ConsumerMailbox(client, "nowhere", "").list())


def test_a_name_that_no_bucket_has_is_refused(client: S3Client) -> None:
    with pytest.raises(MailboxRefusedError, match="not a bucket's name"):
        list(S3ConsumerMailbox(client, "Not A Bucket!", "").list())


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("AccessDenied", 403, MailboxRefusedError),
        ("InvalidAccessKeyId", 403, MailboxRefusedError),
        ("SignatureDoesNotMatch", 403, MailboxRefusedError),
        ("ExpiredToken", 400, MailboxRefusedError),
        ("SlowDown", 503, MailboxUnavailableError),
        ("InternalError", 500, MailboxUnavailableError),
        ("RequestTimeTooSkewed", 403, MailboxRefusedError),
        ("Throttling", 400, MailboxUnavailableError),
        ("KMS.DisabledException", 400, MailboxRefusedError),
    ],
)
def test_s3s_errors_are_told_apart(code: str, status: int, expected: type[Exception]) -> None:
    client = boto3.client("s3")
    with Stubber(client) as stub:
        stub.add_client_error("list_objects_v2", code, "a message", status)
        with pytest.raises(expected, match=code) as caught:
            list(S3ConsumerMailbox(client, "mailbox", "").list())
    assert isinstance(caught.value.__cause__, ClientError)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NoCredentialsError(), MailboxRefusedError),
        (EndpointConnectionError(endpoint_url="http://nowhere"), MailboxUnavailableError),
    ],
)
def test_what_never_reached_s3_is_told_apart(
    error: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("s3")

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(client, "_make_api_call", fail)
    mailbox = S3ConsumerMailbox(client, "mailbox", "")
    with pytest.raises(expected):
        mailbox.delete("k")


def test_a_connection_that_breaks_while_reading_can_be_tried_again(client: S3Client) -> None:
    client.put_object(Bucket="mailbox", Key="k", Body=b"")
    mailbox = S3ConsumerMailbox(client, "mailbox", "")
    [item] = mailbox.list()
    stubbed = boto3.client("s3")
    with Stubber(stubbed) as stub:
        body = StreamingBody(io.BytesIO(b"only half"), content_length=100)  # pyright: ignore[reportArgumentType]  # any file does
        stub.add_response("get_object", {"Body": body, "Metadata": {}})
        with S3ConsumerMailbox(stubbed, "mailbox", "").get(item) as content, pytest.raises(MailboxUnavailableError):
            list(content.chunks)


@pytest.mark.parametrize(("name", "value"), [("AWS_PROFILE", "nobody"), ("AWS_ENDPOINT_URL", "no address")])
def test_settings_that_boto3_cannot_use_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(S3RefusedError, match="AWS settings are not usable"):
        s3_client()
