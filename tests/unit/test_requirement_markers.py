"""The markers are read from the source of the tests, and one that could not be read is no silence."""

from __future__ import annotations

import pytest
from requirements_table.collection import CollectionError, markers

TEST = "def test_it(): ...\n"


def test_a_marker_is_read_wherever_it_stands_among_a_test_s_decorators() -> None:
    source = f"""\
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.requirement("PULL-REQ-01", "PULL-NFR-02")
@pytest.mark.requirement("PULL-REQ-03")
{TEST}
def test_another(): ...
"""
    assert list(markers("tests/test_a.py", source)) == [
        ("test_it", "PULL-REQ-01"),
        ("test_it", "PULL-NFR-02"),
        ("test_it", "PULL-REQ-03"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        f"pytestmark = pytest.mark.requirement('X')\n{TEST}",
        f"import pytest as p\n@p.mark.requirement(*IDS)\n{TEST}",
        f"@pytest.mark.requirement(ID)\n{TEST}",
        f"@pytest.mark.requirement\n{TEST}",
        "@pytest.mark.requirement('X')\ndef helper(): ...\n",
        "class TestAll:\n    @pytest.mark.requirement('X')\n    def test_it(self): ...\n",
        "CASES = [pytest.param(1, marks=pytest.mark.requirement('X'))]\n",
    ],
)
def test_a_marker_that_cannot_be_read_is_named_with_what_to_do(source: str) -> None:
    with pytest.raises(CollectionError, match=r"^tests/test_a\.py:\d: put the marker on a test function"):
        list(markers("tests/test_a.py", source))
