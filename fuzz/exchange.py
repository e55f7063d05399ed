"""Harnesses of what another organisation sends: documents of the exchange, sealed files, and key files.

What must hold: HandoverError and nothing else, which repeats nothing; a document that is taken is written again as the
same bytes; and of one in its envelope a text that gives a host away is not taken.
"""

import base64
import json

from fuzz.scratch import as_file, folder
from fuzz.target import Draws, Target
from fuzz.told import error_repeats_nothing
from monitor.errors import HandoverError
from monitor.exchange_texts import check_received
from monitor.handover.exchange_document import canonical, document_fields, parsed, read_fields
from monitor.handover.exchange_seal import _SIGNED, read_document
from monitor.handover.identity import Identity, opened, read_identity, write_identity
from monitor.handover.seal import public_keys, write_sealed
from monitor.handover.signing import SigningKey, signing_key
from monitor.model.exchange import CaseDocument

_HEAD = (
    b'"format":"monitor-exchange","from":"' + b"a" * 64 + b'","key":"0123456789abcdef","kind":"cases",'
    b'"made_at":"2026-03-02T09:30:00.000000Z","sequence":1,"to":"' + b"b" * 64 + b'","version":1}'
)
_CASE = (
    b'{"assessment":"illegal","case":"'
    + b"1" * 64
    + b'","note":"Call","notices":[{"capacity":"hosting","channel":null,'
    b'"deadline_seconds":43200,"kind":"order","notified_at":"2026-03-02T09:30:00.000000Z","party":null,'
    b'"party_withheld":false,"sender":"x","status":"sent"}],"orders":[{"capacity":"hosting",'
    b'"deadline_at":null,"events":[{"at":'
    b'"2026-03-02T09:30:00.000000Z","what":"objection"}],"party":null,"party_withheld":false,'
    b'"result":null,"served_at":"2026-03-02T09:30:00.000000Z",'
    b'"state":"in force"}],"purpose":"status","reported_at":"2026-03-02T09:30:00.000000Z","target":"'
    + b"2" * 64
    + b'","target_kind":"url","withdrawn_at":null}'
)


def document(data: bytes) -> None:
    try:
        read = read_fields(parsed(data))
    except HandoverError as error:
        error_repeats_nothing(error, data)
        return
    assert canonical(document_fields(read)) == data


def envelope(data: bytes) -> None:
    """Any bytes as what is in a sealed file, or any document as one that its sender signed."""
    draws, ours = Draws(data), signing_key(folder(), create=True)
    content = _signed(draws.rest(), ours) if draws.flag() else draws.rest()
    path = folder() / "envelope.age"
    path.unlink(missing_ok=True)
    write_sealed(path, [content], public_keys(_identity().public), lambda _: None)
    try:
        made = read_document(path, [_identity()])
        assert made.signer == ours.public
        for case in made.document.cases if isinstance(made.document, CaseDocument) else ():
            check_received(case, bytes(32))
            assert "@" not in (case.note or "")
    except HandoverError as error:
        error_repeats_nothing(error, content)


def _signed(data: bytes, ours: SigningKey) -> bytes:
    """As the sender makes it; who it says it is from, too, where that can be read."""
    try:
        said = json.loads(data.replace(b"a" * 64, ours.fingerprint.encode()))
        signature = base64.b64encode(ours.sign(_SIGNED + canonical(said))).decode()
        return canonical({"document": said, "signature": signature, "signer": ours.public})
    except (ValueError, RecursionError, HandoverError):
        return data


def _identity() -> Identity:
    key = folder() / "identity"
    return read_identity(key) if key.exists() else write_identity(key)


def sealed(data: bytes) -> None:
    path = as_file(data, "sealed")
    try:
        with opened(path, [_identity()]) as plain:
            plain.read()
    except HandoverError as error:
        error_repeats_nothing(error, data)


def key_file(data: bytes) -> None:
    try:
        read_identity(as_file(data, "key"))
    except HandoverError as error:
        error_repeats_nothing(error, data)


TARGETS = {
    "case-document": Target(
        document,
        (
            b'{"cases":[],' + _HEAD,
            b'{"cases":[' + _CASE + b"]," + _HEAD,
            b'{"cases":[' + _CASE[:-1] + b',"url":"x"}],' + _HEAD,
        ),
        (b'"url":', b"null", b"true", b"\\ud800", b"1e9", b"[[[[", b"NaN", b"Z"),
    ),
    "case-envelope": Target(
        envelope,
        (
            b'\1{"cases":[' + _CASE + b"]," + _HEAD,
            b'\1{"cases":[' + _CASE[:-1] + b',"url":"https://site.example/a"}],' + _HEAD,
            b'\0{"document":{},"signature":"","signer":"ed25519:' + b"A" * 43 + b'="}',
        ),
        (b'"note":"a@site.example"', b'"party":"192.0.2.1"', b"null", b'"kind":"key"', b'"shared_key":"'),
    ),
    "age-file": Target(
        sealed,
        (
            b"age-encryption.org/v1\n-> X25519 "
            + b"A" * 43
            + b"\n"
            + b"A" * 43
            + b"\n--- "
            + b"A" * 43
            + b"\n"
            + bytes(64),
        ),
        (b"-> X25519 ", b"--- ", b"age-encryption.org/v1\n", b"-> scrypt "),
    ),
    "age-key": Target(
        key_file,
        (b"# created\nAGE-SECRET-KEY-1" + b"Q" * 58 + b"\n",),
        (b"AGE-SECRET-KEY-1", b"#", b"\r\n", b"\0"),
    ),
}
