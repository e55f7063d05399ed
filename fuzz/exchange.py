"""Harnesses of what another organisation sends: documents of the exchange, sealed files, and key files.

What must hold: HandoverError and nothing else, which repeats nothing; a document that is taken is written again as the
same bytes.
"""

from fuzz.scratch import as_file
from fuzz.target import Target
from fuzz.told import error_repeats_nothing
from monitor.errors import HandoverError
from monitor.handover.exchange_document import canonical, document_fields, parsed, read_fields
from monitor.handover.identity import opened, read_identity, write_identity

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


def sealed(data: bytes) -> None:
    path = as_file(data, "sealed")
    key = path.with_name("identity")
    identity = read_identity(key) if key.exists() else write_identity(key)
    try:
        with opened(path, [identity]) as plain:
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
