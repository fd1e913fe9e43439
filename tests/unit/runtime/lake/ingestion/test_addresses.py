from __future__ import annotations

import pytest

from runtime.lake.ingestion.web.addresses import is_public


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - what is refused
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::808:808",
        "64:ff9b:1::a9fe:a9fe",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:a9fe:a9fe::",
        "2002:808:808::1",
        "2a00:1450::5efe:a9fe:a9fe",
        "2a00:1450::200:5efe:a9fe:a9fe",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2a00:1450:4001::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "2130706433",
        "0177.0.0.1",
        "",
    ],
)
def test_what_is_not_on_the_public_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "104.21.64.1", "172.32.0.1", "100.128.0.1", "2606:4700:3030::6815:4001", "2a00:1450:4001::1"]
)
def test_what_is_on_it_is_public(address: str) -> None:
    assert is_public(address)
