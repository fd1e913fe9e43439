"""The two settings that say where the receiver is."""

from __future__ import annotations

import pytest

from runtime.files.receivers.http.endpoint import ReceiverEndpoint


@pytest.mark.parametrize(
    ("url", "name", "port", "target", "host"),
    [
        ("https://nifi.example:8443/contentListener", "nifi.example", 8443, "/contentListener", "nifi.example:8443"),
        ("https://nifi.example", "nifi.example", 443, "/", "nifi.example"),
        ("https://nifi.example:443/in", "nifi.example", 443, "/in", "nifi.example"),
        ("https://NIFI.example/in?flow=a%20b&x=1", "nifi.example", 443, "/in?flow=a%20b&x=1", "nifi.example"),
        ("https://10.1.2.3:8443/in", "10.1.2.3", 8443, "/in", "10.1.2.3:8443"),
    ],
)
def test_a_url_says_name_port_and_path(url: str, name: str, port: int, target: str, host: str) -> None:
    endpoint = ReceiverEndpoint.of(url, "10.1.2.3")
    assert (endpoint.name, endpoint.address, endpoint.port) == (name, "10.1.2.3", port)
    assert (endpoint.target, endpoint.host) == (target, host)


@pytest.mark.parametrize(
    "url",
    [
        "http://nifi.example/in",
        "nifi.example/in",
        "https:///in",
        "https://courier@nifi.example/in",
        "https://nifi.example/in#part",
        "https://nifi.example/a b",
        "https://nifi.example/\r\nX-Injected: 1",
        "https://nifi.example/é",
        "https://nifi.example:99999/in",
        "https://nifi.example:port/in",
        "",
    ],
)
def test_any_other_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ReceiverEndpoint.of(url, "10.1.2.3")


@pytest.mark.parametrize("address", ["", "nifi.example", "10.1.2", "10.1.2.3.4", "::1", "10.1.2.3:8443", "010.1.2.3"])
def test_what_is_dialled_is_an_ipv4_address(address: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ReceiverEndpoint.of("https://nifi.example/in", address)
