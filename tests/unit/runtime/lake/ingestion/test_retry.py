from __future__ import annotations

import pytest

from runtime.lake.ingestion.retry import retry_after_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("9" * 400, 86_400.0),
        ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0),
        ("Thu, 01 Jan 1970 00:16:50 -0000", 10.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("-7", 0.0),
        ("7.5", 0.0),
        ("\u0667", 0.0),
        ("soon", 0.0),
        ("", 0.0),
    ],
)
def test_what_a_source_asks_for_is_never_negative_nor_without_end(value: str, seconds: float) -> None:
    assert retry_after_seconds(value, 1000.0) == seconds
