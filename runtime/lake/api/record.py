"""One record: as JSON, and by its id.

Only declared sources are shown, and of a record only what its declaration names: what a declaration no longer names is
out of sight at once, though it stays in the table until the record is curated again.
"""

from __future__ import annotations

import re
from decimal import Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final

from baler.lake.document import Number
from baler.lake.ids import RECORD_ID
from runtime.lake.api.problems import ApiError, Problem

if TYPE_CHECKING:
    from baler.lake.sources import Source
    from runtime.lake.api.ports import Records, StoredRecord
    from runtime.lake.api.view import View

COMMON: Final = (
    "type",
    "captured_at",
    "changed_at",
    "fingerprint",
    "raw_s3_key",
    "processed_at",
)
"""Attributes that records have beside `id` and `source`, in the order of the answer."""

_TRUTH: Final = {True: "true", False: "false"}
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def record_text(record: StoredRecord, source: Source) -> str:
    """Return a record as a JSON object, without its document; numbers have the digits that the table has.

    >>> from runtime.lake.api.ports import StoredRecord
    >>> from baler.lake.path import Path
    >>> from baler.lake.sources import Field, Source
    >>> record = StoredRecord("a-1", "a", "", {"n": Number("0.10"), "old": "x"}, None, None)
    >>> record_text(record, Source("a", "things", "https://a.example/", Path(("id",)), (Field("n", Path(("n",))),)))
    '{"id":"a-1","source":"a","n":0.10}'
    """
    return "".join([*_parts(record, source), "}"])


def record_text_with_document(record: StoredRecord, source: Source) -> str:
    """Return a record as a JSON object; its document is null where it is in the raw object alone."""
    return "".join([*_parts(record, source), ',"document":', record.document or "null", "}"])


def read_record(record_id: str, records: Records, view: View) -> str:
    """Return the answer to `GET /records/{id}`.

    Args:
        record_id: as it was sent; whatever is no id is not looked up.
        records: the table.
        view: what is shown.

    Raises:
        ApiError: there is no such record.
    """
    record = records.get(record_id) if RECORD_ID.fullmatch(record_id) else None
    if record is None or not view.shows(record):
        raise ApiError(
            Problem.NO_SUCH_RECORD,
            "there is no record of this id; ids are of letters, digits and hyphens, and GET /records names them",
        )
    return record_text_with_document(record, view.sources[record.source])


def _parts(record: StoredRecord, source: Source) -> list[str]:
    parts = [f'{{"id":{encode_basestring(record.id)},"source":{encode_basestring(record.source)}']
    attributes = record.attributes
    for name in (*COMMON, *[field.name for field in source.fields]):
        value = attributes.get(name)
        if isinstance(value, str):
            parts.append(f',"{name}":{encode_basestring(value)}')
        elif value is not None:
            parts.append(f',"{name}":{_number_text(value) if isinstance(value, Number) else _TRUTH[value]}')
    return parts


def _number_text(number: Number) -> str:
    """Return a number in JSON: the store may write one in a way that JSON has not."""
    return number.text if _NUMBER.fullmatch(number.text) else str(Decimal(number.text))
