"""Blocks of commands are found on the pages. tests/integration/test_docs.py runs each that is not listed as not run."""

from __future__ import annotations

import re

from pages.lake_situations import LAKE_SITUATIONS
from pages.not_run import EVERYWHERE, NOT_RUN, reason
from pages.situations import SITUATIONS
from pages.stream_situations import STREAM_SITUATIONS

from sandbox.terminal.blocks import PROJECT, blocks_of, pages

PREPARED = [*SITUATIONS.items(), *STREAM_SITUATIONS.items(), *LAKE_SITUATIONS.items()]
FILLED = {(page, blank) for page, situation in PREPARED for blank in situation.filled}
PAGE = """# Title

Text, and a list:

1. one
   two

    export A=1
    echo $A

    echo more

Text.

```sh
echo fenced
```

```text
what a program prints
```
"""


def test_a_block_is_indented_or_fenced_and_a_blank_line_does_not_end_it() -> None:
    blocks = [(block.line, block.text) for block in blocks_of("README.md", PAGE)]
    assert blocks == [(8, "export A=1\necho $A\n\necho more"), (16, "echo fenced")]


def test_every_reason_not_to_run_a_block_has_a_block() -> None:
    stale = [
        (page, piece)
        for page, pieces in NOT_RUN.items()
        for piece in pieces
        if not any(piece in block.text for block in blocks_of(page))
    ]
    everywhere = "\n".join(block.text for page in pages() for block in blocks_of(page))
    assert stale + [piece for piece in EVERYWHERE if piece not in everywhere] == []


def test_every_preparation_has_a_block_that_is_run() -> None:
    stale = [
        (page, piece)
        for page, situation in PREPARED
        for piece in situation.pieces()
        if not any(piece in f"{block.text}\n" for block in blocks_of(page) if reason(block) is None)
    ]
    assert stale == []


def test_what_a_reader_has_to_fill_in_is_filled_in() -> None:
    open_ = [
        f"{page}:{block.line} {blank}"
        for page in pages()
        for block in blocks_of(page)
        if reason(block) is None
        for blank in re.findall(r"<[a-zA-Z][^<>|]*>|…", block.text)
        if (page, blank) not in FILLED
    ]
    assert open_ == []


def test_a_test_that_runs_a_block_in_another_way_exists() -> None:
    named = {
        path for pieces in NOT_RUN.values() for why in pieces.values() for path in re.findall(r"tests/[\w/]+\.py", why)
    }
    assert named
    assert [path for path in sorted(named) if not (PROJECT / path).is_file()] == []
