"""Certificates and keys as people put them into secrets: what can be used is, and the rest is named."""

from __future__ import annotations

import ssl
import tempfile
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from runtime.files.receivers.credentials import UnusableCredentialsError
from runtime.files.receivers.http import memory_file
from runtime.files.receivers.http.identity import Identity
from runtime.files.receivers.http.secret import HttpSecret
from sandbox.receivers.certificates import Authority, Issued, Validity, pem_of_key, rsa_key

AUTHORITY = Authority()
GOOD = AUTHORITY.client("courier")
OTHER = AUTHORITY.client("courier")
RSA = rsa_key()
WITH_RSA = AUTHORITY.client("courier", key=RSA)


def identity(certificate: str = GOOD.certificate, key: str = GOOD.key, ca: str = AUTHORITY.pem) -> Identity:
    return Identity.of(HttpSecret(certificate, key, ca))


def shown_subject(made: Identity) -> str:
    """Agree on TLS in memory with a receiver that wants a certificate, and return whom it saw."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*AUTHORITY.server("receiver.example").write(Path(folder), "server"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=AUTHORITY.pem)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = made.context.wrap_bio(to_client, to_server, server_hostname="receiver.example")
    server = context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                continue
    return str((server.getpeercert() or {})["subject"])


def legacy_rsa(passphrase: bytes | None = None) -> str:
    """A key of OpenSSL's old kind."""
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return RSA.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, encryption
    ).decode()


def legacy_ec() -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    # As `openssl ecparam -genkey` writes it: the curve first. The bytes are its name, prime256v1.
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    return Issued(AUTHORITY.client("courier", key=key).certificate, parameters + text)


OLD_EC = legacy_ec()
PEMS = {
    "as openssl writes them": (GOOD.certificate, GOOD.key),
    "with CRLF": (GOOD.certificate.replace("\n", "\r\n"), GOOD.key.replace("\n", "\r\n")),
    "on one line, as the console makes of a pasted text": (
        GOOD.certificate.replace("\n", " "),
        GOOD.key.replace("\n", " "),
    ),
    "with line ends written out": (GOOD.certificate.replace("\n", "\\n"), GOOD.key.replace("\n", "\\r\\n")),
    "without the last line end": (GOOD.certificate.strip(), GOOD.key.strip()),
    "with text around, as `openssl pkcs12` writes them": (
        f"Bag Attributes\n  friendlyName: für den Kurier\nsubject=CN = courier\n{GOOD.certificate}\nmore text",
        f"Bag Attributes\n  localKeyID: 01\nKey Attributes: <No Attributes>\n{GOOD.key}",
    ),
    "followed by the authority": (GOOD.certificate + AUTHORITY.pem, GOOD.key),
    "all in one text, twice": (GOOD.certificate + GOOD.key, GOOD.certificate + GOOD.key),
    "RSA": (WITH_RSA.certificate, WITH_RSA.key),
    "RSA of the old kind": (WITH_RSA.certificate, legacy_rsa()),
    "a curve of the old kind, with its parameters before": (OLD_EC.certificate, OLD_EC.key),
}


@pytest.mark.parametrize("case", PEMS)
def test_a_certificate_with_its_key_can_be_used_however_it_was_written(case: str) -> None:
    certificate, key = PEMS[case]
    assert "courier" in shown_subject(identity(certificate, key))


def test_a_certificate_below_an_intermediate_authority_is_sent_with_it() -> None:
    issued = Authority("intermediate", AUTHORITY).client("courier")
    assert issued.certificate.count("BEGIN") == 2
    assert "courier" in shown_subject(identity(issued.certificate, issued.key))


@pytest.mark.parametrize(
    ("certificate", "key", "why"),
    [
        (GOOD.certificate, OTHER.key, "key-of-another-certificate"),
        (OTHER.certificate + GOOD.certificate, GOOD.key, "key-of-another-certificate"),
        (GOOD.certificate, WITH_RSA.key, "key-of-another-certificate"),
        (GOOD.certificate, pem_of_key(RSA, "x"), "key-encrypted"),
        (WITH_RSA.certificate, legacy_rsa(b"x"), "key-encrypted"),
        (GOOD.certificate, GOOD.certificate, "key-unreadable"),
        (GOOD.key, GOOD.key, "certificate-unreadable"),
        ("garbage", GOOD.key, "certificate-unreadable"),
        (GOOD.certificate, "garbage", "key-unreadable"),
        (GOOD.certificate[:200], GOOD.key, "certificate-unreadable"),
        (GOOD.certificate, GOOD.key[:100], "key-unreadable"),
        (GOOD.certificate.replace("\nM", "\n!"), GOOD.key, "certificate-unreadable"),
        (GOOD.certificate.replace("MII", "AAA", 1), GOOD.key, "certificate-unreadable"),
        (GOOD.certificate, GOOD.key.replace("\nM", "\n!"), "certificate-or-key-unreadable"),
        (GOOD.certificate, GOOD.key.replace("\nM", "\nA"), "certificate-or-key-unreadable"),
    ],
    ids=[f"half-{number}" for number in range(15)],
)
def test_half_a_client_certificate_is_named(certificate: str, key: str, why: str) -> None:
    with pytest.raises(UnusableCredentialsError) as refused:
        identity(certificate, key)
    assert refused.value.why == why


def test_a_key_too_small_for_tls_is_named() -> None:
    weak = AUTHORITY.client("courier", key=rsa_key(1024))
    with pytest.raises(UnusableCredentialsError, match="certificate-too-weak"):
        identity(weak.certificate, weak.key)


@pytest.mark.parametrize(
    "ca",
    ["garbage", GOOD.key, AUTHORITY.pem[:200], AUTHORITY.pem.replace("\nM", "\nA")],
    ids=["text", "a key", "half", "ill-formed"],
)
def test_an_authority_that_cannot_be_read_is_named(ca: str) -> None:
    with pytest.raises(UnusableCredentialsError, match="ca-certificate-unreadable"):
        identity(ca=ca)


def test_several_authorities_with_text_between_are_all_trusted() -> None:
    text = f"# Prüfstelle\r\n{Authority('another').pem}\r\n# ours\r\n{AUTHORITY.pem}".replace("\n", "\r\n")
    assert "courier" in shown_subject(identity(ca=text))


def test_an_authority_below_another_is_trusted_for_itself() -> None:
    intermediate = Authority("intermediate", Authority("a root that is not named"))
    assert identity(ca=intermediate.pem).context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN


@pytest.mark.parametrize(
    ("validity", "why"),
    [(Validity(-200, -100), "certificate-expired"), (Validity(86_400, 172_800), "certificate-not-yet-valid")],
)
def test_a_certificate_out_of_its_time_is_named(validity: Validity, why: str) -> None:
    issued = AUTHORITY.client("courier", validity)
    with pytest.raises(UnusableCredentialsError, match=why):
        identity(issued.certificate, issued.key).check(time.time())


def test_a_certificate_that_ends_while_it_is_kept_is_named() -> None:
    made = identity()
    made.check(time.time())
    with pytest.raises(UnusableCredentialsError, match="certificate-expired"):
        made.check(time.time() + 2 * 86_400)


def test_an_authority_that_has_ended_beside_a_good_certificate_is_the_receivers_to_judge() -> None:
    issued = AUTHORITY.client("courier")
    ended = AUTHORITY.client("an old one", Validity(-200, -100))
    identity(issued.certificate + ended.certificate, issued.key).check(time.time())


@pytest.mark.requirement("PUSH-SEC-01", "PUSH-NFR-06")
def test_nothing_older_than_tls_1_2_is_spoken_and_names_are_verified() -> None:
    context = identity().context
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def entries(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def test_where_the_kernel_has_no_files_in_memory_one_without_a_name_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(memory_file.platform, "machine", lambda: "unknown")
    assert "courier" in shown_subject(identity())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.requirement("PUSH-SEC-03")
def test_no_file_is_made_and_no_descriptor_stays_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = entries("/proc/self/fd")
    for _ in range(5):
        identity()
        with pytest.raises(UnusableCredentialsError):
            identity(key=OTHER.key)
    assert entries("/proc/self/fd") == before
    assert list(tmp_path.iterdir()) == []


def test_no_terminal_is_asked_for_a_passphrase() -> None:
    """OpenSSL would read it from the terminal, and wait for ever: the key is called plain and is not."""
    disguised = pem_of_key(RSA, "x").replace("ENCRYPTED ", "")
    done = threading.Event()

    def load() -> None:
        with pytest.raises(UnusableCredentialsError):
            identity(key=disguised)
        done.set()

    threading.Thread(target=load, daemon=True).start()
    assert done.wait(10)
