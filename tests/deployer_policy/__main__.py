"""Writes the policies in docs/deployer, or says whether they are what the table says."""

from __future__ import annotations

import argparse
import sys

from deployer_policy.documents import FOLDER, STALE, documents

parser = argparse.ArgumentParser(prog="python -m deployer_policy", description=__doc__)
choice = parser.add_mutually_exclusive_group(required=True)
choice.add_argument("--check", action="store_true", help="end with 1 if they are not")
choice.add_argument("--write", action="store_true", help="write them")

if parser.parse_args().write:
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
elif {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")} != documents():
    sys.exit(STALE)
