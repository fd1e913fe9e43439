"""Checks docs/requirements.md against the tests, or writes it."""

from __future__ import annotations

import argparse
import sys

from requirements_table.catalogue import DOCUMENTS
from requirements_table.collection import CollectionError, marked_tests
from requirements_table.page import PAGE, mistakes, render


def main() -> None:
    """Run the command line; ends with 1 and what is wrong."""
    parser = argparse.ArgumentParser(prog="requirements_table", description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="fail where the page is not what --write would write")
    choice.add_argument("--write", action="store_true", help="write the page")
    options = parser.parse_args()
    try:
        tests = marked_tests()
    except CollectionError as error:
        sys.exit(str(error))
    if wrong := mistakes(DOCUMENTS, tests):
        sys.exit("\n".join(wrong))
    page = render(DOCUMENTS, tests)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit(
            "docs/requirements.md is not what the tests say: PYTHONPATH=tests python -m requirements_table --write"
        )


if __name__ == "__main__":
    main()
