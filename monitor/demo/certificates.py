"""Certificates for servers on loopback, right and wrong in every way that is told apart. Made, never kept.

What would surprise: TLS takes them from files alone, so they are written to the folder that is given and nowhere else;
and one key serves all of a folder's leaves, because making keys takes longer than all the rest.
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


class CertificateKind(StrEnum):
    """What is right or wrong with a certificate."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    SELF_SIGNED = "self-signed"
    WRONG_NAME = "wrong-name"


class Certificates:
    """An authority of its own with its leaves. `authority_file` is what a client trusts who is to see them as valid."""

    def __init__(self, folder: Path, now: datetime | None = None) -> None:
        self._folder = folder
        self._now = now or datetime.now(UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Invented Authority")
        self._n_made = 0
        own = self._builder(self._name, self._name, self._key, (-_DAY, 365 * _DAY)).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        certificate = own.add_extension(_USAGE, critical=True).sign(self._key, hashes.SHA256())
        self.authority_file = folder / "authority.pem"
        self.authority_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self._authority = certificate

    def context(self, names: Sequence[str], kind: CertificateKind = CertificateKind.VALID) -> ssl.SSLContext:
        """A server's context whose certificate is for these names and addresses, and wrong as `kind` says."""
        self._n_made += 1
        path = self._folder / f"leaf-{self._n_made}.pem"
        path.touch(0o600)
        key = self._leaf_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(key + self._leaf(names, kind).public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _leaf(self, names: Sequence[str], kind: CertificateKind) -> x509.Certificate:
        said = ["another.example"] if kind is CertificateKind.WRONG_NAME else list(names)
        alone = kind is CertificateKind.SELF_SIGNED
        subject = _name(said[0])
        built = self._builder(subject, subject if alone else self._name, self._leaf_key, _SPANS.get(kind, _NOW))
        built = built.add_extension(x509.SubjectAlternativeName([_alternative(each) for each in said]), critical=False)
        built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if not alone:
            issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
            built = built.add_extension(issuer, critical=False)
        return built.sign(self._leaf_key if alone else self._key, hashes.SHA256())

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, span: tuple[timedelta, timedelta]
    ) -> x509.CertificateBuilder:
        """`span`: from and to, from now."""
        public = key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + span[0])
            .not_valid_after(self._now + span[1])
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )


def by_name(contexts: Mapping[str, ssl.SSLContext], otherwise: ssl.SSLContext) -> ssl.SSLContext:
    """One context that gives each name its own certificate; names not in `contexts` and askers without a name get
    that of `otherwise`, which is changed to do so."""

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None and name in contexts:
            connection.context = contexts[name]

    otherwise.sni_callback = cast(Callable[[ssl.SSLObject, str, ssl.SSLContext], None], choose)
    return otherwise


_NOW = (-_DAY, 30 * _DAY)
_SPANS = {
    CertificateKind.EXPIRED: (-30 * _DAY, -_DAY),
    CertificateKind.NOT_YET_VALID: (_DAY, 30 * _DAY),
}
_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
