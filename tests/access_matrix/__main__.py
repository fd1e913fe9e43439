"""Checks docs/security-matrix.md against the table, or writes it."""

from __future__ import annotations

import argparse
import sys

from access_matrix.equivalents import EQUIVALENT
from access_matrix.page import PAGE, render
from access_matrix.rows import SECTIONS


def main() -> None:
    """Run the command line; ends with 1 where the page is not what the table says."""
    parser = argparse.ArgumentParser(prog="access_matrix", description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="fail where the page is not what --write would write")
    choice.add_argument("--write", action="store_true", help="write the page")
    page = render(SECTIONS, EQUIVALENT.items())
    if parser.parse_args().write:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/security-matrix.md is not what the table says: PYTHONPATH=tests python -m access_matrix --write")


if __name__ == "__main__":
    main()
