"""sandbox.iam.refusals: what LocalStack wrote is read once, line by whole line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.iam.refusals import Refusal, RefusalLog

if TYPE_CHECKING:
    from pathlib import Path

ONE = Refusal("arn:aws:iam::000000000000:root", "s3:PutObject", "arn:aws:s3:::b/k", "no policy allows it")
OTHER = Refusal("anonymous", "s3:GetObject", "arn:aws:s3:::b/k", "no policy allows it")


def line(refusal: Refusal) -> str:
    return json.dumps(vars(refusal)) + "\n"


def test_each_refusal_is_read_once_and_none_before_its_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "refusals.jsonl"
    path.write_text("", encoding="utf-8")
    log = RefusalLog(path)
    assert log.new() == []
    half = line(OTHER)[:20]
    path.write_text(line(ONE) + half, encoding="utf-8")
    assert log.new() == [ONE]
    path.write_text(line(ONE) + line(OTHER), encoding="utf-8")
    assert log.new() == [OTHER]
    assert log.new() == []


def test_a_refusal_reads_as_a_sentence() -> None:
    assert str(OTHER) == "anonymous may not s3:GetObject on arn:aws:s3:::b/k: no policy allows it"
