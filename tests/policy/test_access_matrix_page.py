"""docs/security-matrix.md is what the table says."""

from __future__ import annotations

import os
import subprocess
import sys

from access_matrix.page import render
from access_matrix.row import Section, rows
from access_matrix.vocabulary import Expected, Layer, On, Via, Who

from sandbox.engine.program import PROJECT_DIR


def test_the_page_is_what_the_table_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "access_matrix", "--check"],
        cwd=PROJECT_DIR,
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_line_tells_who_what_from_where_and_why() -> None:
    made = rows(
        Who.CONSUMER,
        Via.PREMISES,
        "REQ-06",
        ((None, Expected.REFUSED), "s3:GetObject s3:PutObject", (On.LANDING, On.MAILBOX)),
        without=(Layer.ROLE,),
    )
    page = render([Section("The consumer", made)], [("bucket *: Resource is [*]", "It has one.")])
    assert "## The consumer\n" in page
    assert (
        "| the consumer's role, without its own policy | `s3:GetObject`, `s3:PutObject` "
        "| the landing bucket, the mailbox | from the premises |  | **never** | **never** | REQ-06 |\n"
    ) in page
    assert page.endswith("| `bucket *: Resource is *` | It has one. |\n")
