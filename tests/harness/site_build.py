"""A dashboard as the build leaves it, in a few files: nothing here takes Next.js."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from components.lake.site.build import read_build

if TYPE_CHECKING:
    from components.lake.site.build import SiteBuild

SCRIPT_HASH: Final = "sha256-" + "A" * 43 + "="
FILES: Final = {
    "index.html": "<!doctype html>",
    "index.txt": "data",
    "records/index.html": "<!doctype html>",
    "records/_/index.html": "<!doctype html>",
    "records/_/__next.records.$d$id.txt": "data",
    "icon.svg": "<svg/>",
    "_next/static/chunks/0a1b.js": "1",
    "_next/static/chunks/0a1b.css": "*{}",
}


def write_build(project: Path) -> Path:
    """Write the built dashboard into a project, and return its folder."""
    out = project / "dashboard" / "out"
    for path, text in FILES.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")
    out.with_suffix(".json").write_text(json.dumps({"scriptHashes": [SCRIPT_HASH]}), encoding="utf-8")
    return out


@cache
def made_up_build() -> SiteBuild:
    """Return one that lasts as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="baler-dashboard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_build(folder)
    return read_build(folder)
