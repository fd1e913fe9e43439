"""`make rehearse` with the page's own commands: the alarm fires, the page is followed, and it is well again."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from sandbox.localstack.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fault_is_told_by_its_alarms_and_repaired_by_what_its_page_says_to_type(tmp_path: Path) -> None:
    foreign = {"AWS_ENDPOINT_URL", "LOCALSTACK_HOST"}
    rehearsed = subprocess.run(
        [sys.executable, "-m", "sandbox", "rehearse", "--fault", "not-fed", "--auto", "--port", str(free_port())],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name not in foreign},
        capture_output=True,
        text=True,
        check=False,
    )
    said = rehearsed.stdout
    assert rehearsed.returncode == 0, said + rehearsed.stderr
    in_order = (
        "Broken: somebody has replaced the landing bucket's notification",
        "fires   files-not-fed",
        "Open docs/runbooks/not-fed.md",
        "$ pulumi up --refresh",
        "clears  files-not-fed",
        "Well again",
    )
    places = [said.find(line) for line in in_order]
    assert -1 not in places, said
    assert places == sorted(places), said
    assert "IAM:" not in said
