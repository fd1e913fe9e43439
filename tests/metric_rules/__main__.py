"""Checks docs/alarms.md against the model, or writes it."""

from __future__ import annotations

import argparse
import logging
import sys

from metric_rules.causes import CAUSES, CAUSES_OF_PUSH
from metric_rules.lake_causes import CAUSES_OF_LAKE
from metric_rules.outage import lake_program, program, pushing_program, stream_program
from metric_rules.page import PAGE, observe, render
from metric_rules.stream_causes import CAUSES_OF_STREAM


def main() -> None:
    """Run the command line; ends with 1 where the page is not what the model says."""
    parser = argparse.ArgumentParser(prog="metric_rules", description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="fail where the page is not what --write would write")
    choice.add_argument("--write", action="store_true", help="write the page")
    options = parser.parse_args()
    # The functions' own code runs in the model, and logs each cause; the page has what it measures.
    logging.disable()
    stacks = (
        (program(), CAUSES),
        (pushing_program(), CAUSES_OF_PUSH),
        (stream_program(), CAUSES_OF_STREAM),
        (lake_program(), CAUSES_OF_LAKE),
    )
    page = render({cause.name: observe(deployed, cause) for deployed, causes in stacks for cause in causes})
    if options.write:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/alarms.md is not what the model says: PYTHONPATH=tests python -m metric_rules --write")


if __name__ == "__main__":
    main()
