"""Staging is what production is: what is found there would be found here."""

from __future__ import annotations

from collections import Counter

import pytest
from harness.recorded_program import record_program


@pytest.mark.requirement("PUSH-TEST-03")
def test_staging_has_the_resources_of_production() -> None:
    staging, production = (
        Counter((each.type, each.name.replace(stack, "")) for each in record_program(stack).resources)
        for stack in ("staging", "prod")
    )
    assert not staging - production
    # Beside: a record of who reads objects, which follows from protecting data, and who gets the alarms.
    extra = {
        (kind, name)
        for kind, name in production - staging
        if "access-log" not in name and kind != "aws:sns/topicSubscription:TopicSubscription"
    }
    assert extra == set()
