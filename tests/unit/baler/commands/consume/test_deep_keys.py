"""Keys as deep as S3 takes them: 512 levels in 1,024 bytes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.consumer import Site

LEVELS = "a/" * 511


@pytest.fixture
def site(site: Site) -> Iterator[Site]:
    yield site
    # pytest's own clean-up calls itself for every level, and gives up after some hundreds.
    subprocess.run(["rm", "-rf", str(site.into)], check=True)


def test_a_key_of_500_levels_is_the_path(site: Site) -> None:
    site.mailbox.put_bundle([(LEVELS + "bc", b"deep"), (LEVELS + "d", b"beside"), ("a/" * 500 + "e", b"above")])
    assert site.run() is ExitCode.OK
    assert (site.into / f"{LEVELS}bc").read_bytes() == b"deep"
    assert (site.into / f"{LEVELS}d").read_bytes() == b"beside"
    assert (site.into / ("a/" * 500) / "e").read_bytes() == b"above"
    assert site.places() == []
    assert not site.mailbox.objects


def test_a_file_in_the_way_of_500_levels_is_left_alone(site: Site) -> None:
    site.mailbox.put_bundle([("a/" * 400 + "a", b"in the way")], 1)
    site.mailbox.put_bundle([(LEVELS + "b", b"deep")], 2)
    assert site.run() is ExitCode.OK
    assert (site.into / ("a/" * 400) / "a").read_bytes() == b"in the way"
    [(path, key, _, _)] = site.places()
    assert key == LEVELS + "b"
    assert (site.into / path).read_bytes() == b"deep"
