"""TLS over a `Line`: the certificate is noted and never required, and no record is read before it is wanted.

In: a connected line and the host's name. Out: the plain bytes of the answer, and what the certificate said. What would
surprise: one handshake does both, because the verifying callback notes each error and goes on; a certificate that
cannot be read is untrusted and nothing worse; ancient versions and
weak ciphers are accepted, because nothing secret is read and an old server is a server; and of several errors the one
is told that says most: the dates, then the name, then who signed.
"""

import re
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from OpenSSL import SSL

from monitor.model.words import ExchangeError, TlsState
from spiders.headers import PIECE
from spiders.seen import Broken
from spiders.wire import Line

_HEADER_BYTES = 5
_RECORD_TYPES = range(20, 25)
_LONGEST_RECORD = 2**14 + 2048
_MOST_HANDSHAKE_RECORDS = 64
_CIPHERS = b"ALL:!aNULL:!eNULL:@SECLEVEL=0"
_OP_LEGACY_SERVER_CONNECT = 0x4  # OpenSSL's; the standard library names it from Python 3.12
_EXPIRED, _NOT_YET_VALID = 10, 9
_SELF_SIGNED = 18
_LEAF_ALONE = frozenset({20, 21})
"""X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY and ..._UNABLE_TO_VERIFY_LEAF_SIGNATURE. Other codes: untrusted too."""
_WILDCARD = re.compile(r"\*\.([^*]+\.[^*]+)")


@cache
def trusting(authorities: str | None) -> SSL.Context:
    """The process's context, made once. `authorities`: a PEM file of those that are trusted; None: the system's."""
    made = SSL.Context(SSL.TLS_CLIENT_METHOD)
    made.set_min_proto_version(SSL.TLS1_VERSION)
    made.set_cipher_list(_CIPHERS)
    made.set_options(SSL.OP_NO_TICKET | _OP_LEGACY_SERVER_CONNECT)
    made.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    if authorities is None:
        made.set_default_verify_paths()
    else:
        made.load_verify_locations(authorities)
    made.set_verify(SSL.VERIFY_PEER, _note)
    return made


def _note(connection: SSL.Connection, _: object, error: int, depth: int, preverified: int) -> bool:
    """Called for each certificate of the chain and each error in it: note, and go on. Only the leaf's dates count as
    dates: an expired intermediate is somebody else's."""
    if not preverified and error:
        noted: set[tuple[int, int]] = connection.get_app_data()
        noted.add((error, depth))
    return True


class Tls:
    """A client's side of one connection. Raises Broken(TLS_FAILED) where the two cannot agree, and what `Line` raises.

    Is a `headers.Source`: gives decrypted bytes.
    """

    __slots__ = ("_connection", "_host", "_line", "_literal", "_noted", "_pending", "started")

    def __init__(self, line: Line, made: SSL.Context, host: str) -> None:
        """`host`: a name in A-labels or an IP literal, which is sent no server name."""
        self._line = line
        self._host = host
        self._literal = _is_literal(host)
        self._noted: set[tuple[int, int]] = set()
        self._pending = b""
        self.started = False
        self._connection = SSL.Connection(made, None)
        self._connection.set_app_data(self._noted)
        self._connection.set_connect_state()
        if not self._literal:
            self._connection.set_tlsext_host_name(host.rstrip(".").encode("ascii"))  # an overlong one is not told

    async def handshake(self) -> TlsState:
        """Agree on everything and say what the certificate is worth."""
        for _ in range(_MOST_HANDSHAKE_RECORDS):
            try:
                self._connection.do_handshake()
            except SSL.WantReadError:
                await self._flush()
                await self._read_record()
                continue
            except SSL.Error:
                raise Broken(ExchangeError.TLS_FAILED) from None
            await self._flush()
            return self._state()
        raise Broken(ExchangeError.TLS_FAILED)

    async def send(self, data: bytes) -> None:
        """Encrypt and send."""
        try:
            self._connection.sendall(data)
        except SSL.Error:
            raise Broken(ExchangeError.TLS_FAILED) from None
        await self._flush()

    async def next(self, so_far: bytes) -> bytes:
        """A piece of what has been decrypted; a further record is read only when there is nothing left."""
        while not self._pending:
            try:
                self._pending = self._connection.recv(PIECE)
            except SSL.WantReadError:
                await self._flush()
                await self._read_record()
            except SSL.ZeroReturnError:
                raise Broken(ExchangeError.CLOSED) from None
            except SSL.Error:
                raise Broken(ExchangeError.TLS_FAILED) from None
        self.started = True
        return self._pending

    def keep(self, n: int) -> None:
        self._pending = self._pending[n:]

    async def _flush(self) -> None:
        try:
            data = self._connection.bio_read(2**16)
        except SSL.WantReadError:
            return  # nothing to send
        await self._line.send(data)

    async def _read_record(self) -> None:
        """Its header, then exactly the rest of it."""
        header = await self._line.exactly(_HEADER_BYTES)
        length = int.from_bytes(header[3:], "big")
        if header[0] not in _RECORD_TYPES or length > _LONGEST_RECORD:
            raise Broken(ExchangeError.TLS_FAILED)
        self._connection.bio_write(header + (await self._line.exactly(length) if length else b""))

    def _state(self) -> TlsState:
        if (_EXPIRED, 0) in self._noted:
            return TlsState.EXPIRED
        if (_NOT_YET_VALID, 0) in self._noted:
            return TlsState.NOT_YET_VALID
        try:
            return self._read_state({code for code, _ in self._noted})
        except Exception:  # noqa: BLE001 - there are as many ways to be unreadable as there are fields
            return TlsState.UNTRUSTED

    def _read_state(self, codes: set[int]) -> TlsState:
        """Raises whatever the reader of certificates does."""
        leaf = self._connection.get_peer_certificate(as_cryptography=True)
        if leaf is None:
            return TlsState.NONE
        if not is_for(leaf, self._host, literal=self._literal):
            return TlsState.WRONG_NAME
        if _SELF_SIGNED in codes or (codes & _LEAF_ALONE and leaf.issuer == leaf.subject):
            return TlsState.SELF_SIGNED
        return TlsState.UNTRUSTED if codes else TlsState.VALID


def is_for(leaf: x509.Certificate, host: str, *, literal: bool) -> bool:
    """Whether the certificate names the host in its subject's alternative names. The common name has not counted for
    many years; a `*` stands for one label. Raises where the names cannot be read."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    if literal:
        return ip_address(host) in names.get_values_for_type(x509.IPAddress)
    said = {name.lower().rstrip(".") for name in names.get_values_for_type(x509.DNSName)}
    host = host.lower().rstrip(".")
    _, _, parent = host.partition(".")
    return host in said or any(match[1] == parent for name in said if (match := _WILDCARD.fullmatch(name)))


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
