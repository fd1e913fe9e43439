"""The files that `make dashboard` wrote, as they are on the disk."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Final

DASHBOARD: Final = Path(__file__).parents[2] / "dashboard"
OUT: Final = DASHBOARD / "out"


def test_the_hashes_are_those_of_all_scripts_within_all_pages() -> None:
    inline = {
        script
        for page in OUT.rglob("*.html")
        for attributes, script in re.findall(
            r"<script\b([^>]*)>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL
        )
        if "src=" not in attributes
    }
    hashes = {f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}" for script in inline}
    assert set(json.loads((DASHBOARD / "out.json").read_text(encoding="utf-8"))["scriptHashes"]) == hashes


def test_one_build_serves_every_stack() -> None:
    """No address of an API is in it: pages read /config.json, which the stack writes."""
    assert not (OUT / "config.json").exists()
    assert "/config.json" in "".join(path.read_text(encoding="utf-8") for path in OUT.rglob("*.js"))


def test_the_lock_names_no_address() -> None:
    lock = json.loads((DASHBOARD / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in each or each.get("inBundle") for name, each in lock["packages"].items() if name)


def test_every_package_of_the_dashboard_is_pinned() -> None:
    package = json.loads((DASHBOARD / "package.json").read_text(encoding="utf-8"))
    pins = package["dependencies"] | package["devDependencies"]
    assert {name: pin for name, pin in pins.items() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)} == {}
