"""The files of the table in S3, as pyiceberg reads and writes them."""

from __future__ import annotations

import io
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream
from typing_extensions import override
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FIRST_BYTES: Final = 4 * 1024 * 1024
"""What the first request of a file asks for: all of most files, so that it is the only one."""

_BODIES: Final = 3
"""How often a body is read that breaks off."""


class S3Files(FileIO):
    """Files by their addresses, s3://bucket/key, over boto3.

    pyarrow's own client of S3 would be a second one, with its own credentials, time-outs and errors.

    Args:
        client: of S3.
    """

    def __init__(self, client: S3Client) -> None:
        super().__init__()
        self._client = client

    @override
    def new_input(self, location: str) -> InputFile:
        return _Input(self._client, location)

    @override
    def new_output(self, location: str) -> OutputFile:
        return _Output(self._client, location)

    @override
    def delete(self, location: str | InputFile | OutputFile) -> None:
        address = location if isinstance(location, str) else location.location
        self._client.delete_object(**_names(address))


class _Input(InputFile):
    def __init__(self, client: S3Client, location: str) -> None:
        super().__init__(location)
        self._client = client

    def __len__(self) -> int:
        return self._client.head_object(**_names(self.location))["ContentLength"]

    @override
    def exists(self) -> bool:
        try:
            len(self)
        except ClientError as error:
            if _status(error) == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    @override
    def open(self, seekable: bool = True) -> InputStream:
        stream: Any = io.BufferedReader(_Reader(self._client, self.location), 1024 * 1024)
        return stream


class _Reader(io.RawIOBase):
    """Reads a file by ranges; its beginning, which mostly is all of it, is kept."""

    def __init__(self, client: S3Client, location: str) -> None:
        super().__init__()
        self._client = client
        self._location = location
        self._at = 0
        try:
            answer, self._head = _read(client, location, Range=f"bytes=0-{_FIRST_BYTES - 1}")
        except ClientError as error:
            if _status(error) == HTTPStatus.NOT_FOUND:
                raise FileNotFoundError("a file of the table is not there") from error
            raise
        self._size = int(answer.get("ContentRange", f"/{len(self._head)}").rpartition("/")[2])

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    @override
    def tell(self) -> int:
        return self._at

    @override
    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        if self._at >= end:
            return 0
        content = self._head[self._at : end] if end <= len(self._head) else self._range(end)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def _range(self, end: int) -> bytes:
        _, content = _read(self._client, self._location, Range=f"bytes={self._at}-{end - 1}")
        return content


class _Output(OutputFile):
    def __init__(self, client: S3Client, location: str) -> None:
        super().__init__(location)
        self._client = client

    def __len__(self) -> int:
        return len(self.to_input_file())

    @override
    def exists(self) -> bool:
        return self.to_input_file().exists()

    @override
    def to_input_file(self) -> InputFile:
        return _Input(self._client, self.location)

    @override
    def create(self, overwrite: bool = False) -> OutputStream:
        stream: Any = _Writer(self._client, self.location, overwrite=overwrite)
        return stream


class _Writer(io.BytesIO):
    """Puts the file when it is closed, and nothing of one that failed halfway."""

    def __init__(self, client: S3Client, location: str, *, overwrite: bool) -> None:
        super().__init__()
        self._client = client
        self._location = location
        self._condition = {} if overwrite else {"IfNoneMatch": "*"}

    @override
    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is not None:
            super().close()
        self.close()

    @override
    def close(self) -> None:
        if self.closed:
            return
        body = self.getvalue()
        super().close()
        conditions: Any = self._condition
        try:
            self._client.put_object(**_names(self._location), Body=body, **conditions)
        except ClientError as error:
            if _status(error) != HTTPStatus.PRECONDITION_FAILED:
                raise
            # The client sends a put again whose answer was lost, and that one meets the first.
            _, there = _read(self._client, self._location)
            if there != body:
                raise FileExistsError("a file of the table is there already") from error


def _read(client: S3Client, location: str, **part: str) -> tuple[Any, bytes]:
    """Return an answer and its body, as often as that breaks off: a client tries again up to the headers alone."""
    for _ in range(_BODIES - 1):
        answer = client.get_object(**_names(location), **part)  # pyright: ignore[reportArgumentType]  # Range, or nothing
        with suppress(BotoCoreError, HTTPError):
            return answer, answer["Body"].read()
    answer = client.get_object(**_names(location), **part)  # pyright: ignore[reportArgumentType]  # see above
    return answer, answer["Body"].read()


def _names(location: str) -> Any:
    address = urlsplit(location, allow_fragments=False)
    return {"Bucket": address.netloc, "Key": address.path.removeprefix("/")}


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
