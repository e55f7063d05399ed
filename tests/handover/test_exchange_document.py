"""The document of the exchange: what goes in comes out, and whatever else somebody sends is refused in one line."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import HandoverError
from monitor.handover.exchange_document import (
    MOST_BYTES,
    MOST_CASES,
    canonical,
    document_fields,
    parsed,
    read_fields,
)
from monitor.handover.exchange_seal import digest_of, read_document, write_document
from monitor.handover.identity import Identity, write_identity
from monitor.handover.pseudonym import case_name, key_digest, target_name
from monitor.handover.seal import public_keys, write_sealed
from monitor.handover.signing import SigningKey, signing_key
from monitor.model.exchange import (
    Address,
    CaseDocument,
    CaseNotice,
    CaseOrder,
    CasePurpose,
    Document,
    ExchangedCase,
    KeyDocument,
    TargetKind,
)
from monitor.model.words import Assessment, Capacity, NoticeChannel, NoticeKind, NoticeStatus

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
HEAD = Address("a" * 64, "b" * 64, 1_772_442_600_000_000, AT, "0123456789abcdef")
NOTICE = CaseNotice(
    kind=NoticeKind.ORDER,
    status=NoticeStatus.DELIVERED,
    notified_at=AT,
    channel=NoticeChannel.EMAIL,
    sender="Authority",
    party="Alpha Hosting",
    party_withheld=False,
    capacity=Capacity.HOSTING,
    deadline_seconds=43_200,
)
ORDER = CaseOrder(AT, "Alpha Hosting", False, Capacity.HOSTING, AT, "in force", None, (("objection", AT),))
CASE = ExchangedCase(
    name="1" * 64,
    target="2" * 64,
    target_kind=TargetKind.URL,
    purpose=CasePurpose.REFERRAL,
    reported_at=AT,
    assessment=Assessment.ILLEGAL,
    withdrawn_at=None,
    notices=(NOTICE,),
    orders=(ORDER,),
    note="Call the desk\nbefore noon",
)
DOCUMENT = CaseDocument(
    HEAD, (CASE, replace(CASE, name="3" * 64, url="https://marked.example/zq7xk9mw.jpg", note=None))
)

times = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
names = st.binary(min_size=32, max_size=32).map(bytes.hex)
texts = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1, max_size=40) | st.none()
words = st.sampled_from(["in force", "withdrawn", "claimed, to verify", "still-there"])
notices = st.builds(CaseNotice, notified_at=times, sender=texts, party=texts, deadline_seconds=st.integers(0, 2**31))
orders = st.builds(
    CaseOrder,
    times,
    texts,
    st.booleans(),
    st.sampled_from(Capacity),
    times | st.none(),
    words,
    words | st.none(),
    st.lists(st.tuples(words, times), max_size=3).map(tuple),
)
cases = st.builds(
    ExchangedCase,
    name=names,
    target=names,
    reported_at=times,
    withdrawn_at=times | st.none(),
    notices=st.lists(notices, max_size=3).map(tuple),
    orders=st.lists(orders, max_size=2).map(tuple),
    note=texts,
    url=texts,
)
heads = st.builds(
    Address, names, names, st.integers(0, 2**63 - 1), times, st.binary(min_size=8, max_size=8).map(bytes.hex)
)
documents = st.builds(CaseDocument, heads, st.lists(cases, max_size=3, unique_by=lambda case: case.name).map(tuple))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("https://marked.example/"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(documents)
def test_every_document_comes_back_as_it_was_written(document: Document) -> None:
    """Through its bytes: texts of any script, times of any year, with and without a URL."""
    assert read_fields(parsed(canonical(document_fields(document)))) == document


def test_a_shared_key_comes_back_as_it_was_written_and_is_in_no_repr() -> None:
    """The document that carries the key."""
    key = KeyDocument(HEAD, bytes(range(32)))
    assert read_fields(parsed(canonical(document_fields(key)))) == key
    assert "shared_key" not in repr(key)


@given(st.binary(max_size=200))
def test_bytes_that_nobody_thought_of_are_refused(content: bytes) -> None:
    """No error but the one, and nothing of the content in it."""
    try:
        read_fields(parsed(content))
    except HandoverError as error:
        assert error.hint
    else:
        pytest.fail("random bytes were taken for a document")


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, each in inner for place in _places(each, (*here, key)))]


PLACES = [place for place in _places(document_fields(DOCUMENT)) if place]


def _with(place: tuple[Any, ...], value: Any) -> Any:
    """A right document with another value in one place."""
    fields: Any = json.loads(canonical(document_fields(DOCUMENT)))
    at = fields
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return fields


@given(st.sampled_from(PLACES), values)
def test_a_field_with_another_value_is_refused_or_read_as_exactly_that_value(
    place: tuple[Any, ...], value: Any
) -> None:
    """Each field of a right document, one at a time; nothing is mended, dropped or passed over in silence."""
    fields = _with(place, value)
    try:
        found = read_fields(fields)
    except HandoverError as error:
        assert "marked" not in str(error)
        assert "zq7xk9mw" not in str(error)
    else:
        assert canonical(document_fields(found)) == canonical(fields)


def _changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(canonical(document_fields(DOCUMENT)))
    change(fields)
    return fields


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.update(version=2),
        lambda f: f.update(version=1.0),
        lambda f: f.update(version=True),
        lambda f: f.update(more="a field that this version does not know"),
        lambda f: f["cases"][0].update(record_id="R1"),
        lambda f: f["cases"][0]["notices"][0].pop("party_withheld"),
        lambda f: f["cases"].append(f["cases"][0]),
        lambda f: f.update(cases=[f["cases"][0]] * (MOST_CASES + 1)),
        lambda f: f["cases"][0].update(note="\x1b[2J"),
        lambda f: f["cases"][0].update(note=""),
        lambda f: f["cases"][0].update(case="A" * 64),
        lambda f: f["cases"][0].update(reported_at="2026-03-02T09:30:00Z"),
        lambda f: f["cases"][0].update(reported_at="2026-03-02T09:30:00.000000+01:00"),
        lambda f: f.update(sequence=2**63),
        lambda f: f.update(sequence=-1),
        lambda f: f.update(sequence=True),
    ],
)
def test_what_the_format_does_not_have_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    """Another version, a further field, a missing one, the same case twice, too many, control characters."""
    with pytest.raises(HandoverError, match="not as docs/exchange"):
        read_fields(_changed(change))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}\n",
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
)
def test_json_that_is_written_in_another_way_is_refused(content: bytes) -> None:
    """There is one way to write a document, so that what was signed is what is read."""
    with pytest.raises(HandoverError, match="no document"):
        parsed(content)


# --- the envelope ---------------------------------------------------------------------------------------------


@pytest.fixture
def sender(tmp_path: Path) -> SigningKey:
    (tmp_path / "sender").mkdir()
    return signing_key(tmp_path / "sender", create=True)


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    return write_identity(tmp_path / "identity.txt")


def _sealed(path: Path, content: bytes, identity: Identity) -> Path:
    return write_sealed(path, [content], public_keys(identity.public), lambda _: None).path


def _envelope(document: Document, key: SigningKey, /, **instead: Any) -> bytes:
    fields = document_fields(document)
    signature = base64.b64encode(key.sign(b"monitor-exchange-1\n" + canonical(fields))).decode()
    return canonical({"document": fields, "signature": signature, "signer": key.public, **instead})


def test_a_document_is_opened_by_its_receiver_with_the_one_who_signed_it(
    tmp_path: Path, sender: SigningKey, identity: Identity
) -> None:
    """The digest is that of the document, in whatever file it comes."""
    document = replace(DOCUMENT, head=replace(HEAD, sender=sender.fingerprint))
    for name in ("first.age", "second.age"):
        write_document(tmp_path / name, document, sender, public_keys(identity.public), lambda _: None)
        opened = read_document(tmp_path / name, [identity])
        assert (opened.document, opened.signer, opened.digest) == (document, sender.public, digest_of(document))
    assert (tmp_path / "first.age").read_bytes() != (tmp_path / "second.age").read_bytes()


def test_a_document_that_was_changed_after_it_was_signed_is_refused(
    tmp_path: Path, sender: SigningKey, identity: Identity
) -> None:
    """Also where somebody seals it anew, which anybody can who has the receiver's public key."""
    document = replace(DOCUMENT, head=replace(HEAD, sender=sender.fingerprint))
    other = document_fields(replace(document, cases=(replace(CASE, note="Call another desk"),)))
    path = _sealed(tmp_path / "changed.age", _envelope(document, sender, document=other), identity)
    with pytest.raises(HandoverError, match="signature does not fit"):
        read_document(path, [identity])


def test_a_signer_who_names_somebody_else_as_the_sender_is_refused(
    tmp_path: Path, sender: SigningKey, identity: Identity
) -> None:
    """The fingerprint inside is that of the key that signed."""
    path = _sealed(tmp_path / "other.age", _envelope(DOCUMENT, sender), identity)
    with pytest.raises(HandoverError, match="another sender"):
        read_document(path, [identity])


@pytest.mark.parametrize(
    "instead",
    [{"signature": 7}, {"signature": "é"}, {"signer": None}, {"signer": "marked"}, {"more": 1}, {"document": []}],
)
def test_an_envelope_of_another_form_is_refused(
    tmp_path: Path, sender: SigningKey, identity: Identity, instead: dict[str, Any]
) -> None:
    """One line for each, without what was in it."""
    document = replace(DOCUMENT, head=replace(HEAD, sender=sender.fingerprint))
    path = _sealed(tmp_path / "odd.age", _envelope(document, sender, **instead), identity)
    with pytest.raises(HandoverError) as raised:
        read_document(path, [identity])
    assert "marked" not in str(raised.value)


def test_a_file_that_would_fill_the_memory_is_refused_after_its_limit(tmp_path: Path, identity: Identity) -> None:
    """A sealed file of 200 MB of zeros: no more is read than a document may have."""
    pieces = (b"\0" * 1_000_000 for _ in range(200))
    write_sealed(tmp_path / "large.age", pieces, public_keys(identity.public), lambda _: None)
    with pytest.raises(HandoverError, match=f"too large.*{MOST_BYTES}"):
        read_document(tmp_path / "large.age", [identity])


def test_what_the_receiver_would_refuse_is_not_sent(tmp_path: Path, sender: SigningKey, identity: Identity) -> None:
    """Nothing is written either."""
    document = CaseDocument(replace(HEAD, sender=sender.fingerprint), (CASE, CASE))
    with pytest.raises(HandoverError, match="twice"):
        write_document(tmp_path / "twice.age", document, sender, public_keys(identity.public), lambda _: None)
    assert not (tmp_path / "twice.age").exists()


# --- names ----------------------------------------------------------------------------------------------------


def test_one_url_has_one_name_under_a_key_and_another_under_another() -> None:
    """And a host does not have the name of a URL with the same text."""
    one, other = bytes(32), b"1" * 32
    url = "https://images.example/a"
    assert target_name(one, TargetKind.URL, url) == target_name(one, TargetKind.URL, url)
    assert target_name(one, TargetKind.URL, url) != target_name(other, TargetKind.URL, url)
    assert target_name(one, TargetKind.URL, "a") != target_name(one, TargetKind.HOST, "a")
    assert key_digest(one) != key_digest(other)


def test_records_of_two_sides_or_two_sources_never_have_one_name() -> None:
    """Nor can parts be moved from one to the next."""
    key = bytes(32)
    made = [
        case_name(key, *parts) for parts in (("f", "a", "bc"), ("f", "ab", "c"), ("g", "a", "bc"), ("fa", "", "bc"))
    ]
    assert len(set(made)) == len(made)


# --- the schema in the documentation --------------------------------------------------------------------------


def _schema() -> Any:
    text = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")
    return json.loads(text.split("```json\n")[1].split("```")[0])


def _open(schema: Any, rule: Any) -> Any:
    return schema["$defs"][rule["$ref"].rsplit("/", 1)[1]] if "$ref" in rule else rule


def _wrong(schema: Any, rule: Any, value: Any) -> list[str]:
    """Where a value breaks a rule: as much of JSON Schema as the documentation uses."""
    rule = _open(schema, rule)
    if "anyOf" in rule:
        return [] if any(not _wrong(schema, each, value) for each in rule["anyOf"]) else ["anyOf"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    allowed = [rule["type"]] if isinstance(rule.get("type"), str) else rule.get("type", list(kinds))
    found = [] if type(value) in [kinds[kind] for kind in allowed] else ["type"]
    found += ["value"] if value not in rule.get("enum", [rule.get("const", value)]) else []
    if isinstance(value, str):
        found += [] if re.search(rule.get("pattern", ""), value) else ["pattern"]
        found += [] if rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", 2**31) else ["length"]
    if isinstance(value, int):
        found += [] if rule.get("minimum", 0) <= value <= rule.get("maximum", 2**63) else ["bounds"]
    if isinstance(value, list):
        found += ["maxItems"] if len(value) > rule["maxItems"] else []
        found += [wrong for each in value for wrong in _wrong(schema, rule["items"], each)]
    if isinstance(value, dict):
        found += [name for name in rule["required"] if name not in value]
        found += [name for name in value if name not in rule["properties"]]
        for name in value.keys() & rule["properties"].keys():
            found += [f"{name}: {wrong}" for wrong in _wrong(schema, rule["properties"][name], value[name])]
    return found


@given(documents)
def test_the_schema_in_the_documentation_takes_every_document_that_is_written(document: Document) -> None:
    """Of any content."""
    schema = _schema()
    assert _wrong(schema, schema, document_fields(document)) == []


def test_the_schema_takes_a_key_and_every_part_of_a_whole_document() -> None:
    """With every optional field filled in."""
    schema = _schema()
    for document in (DOCUMENT, KeyDocument(HEAD, bytes(32))):
        assert _wrong(schema, schema, document_fields(document)) == []


@given(st.sampled_from(PLACES), values)
def test_what_the_reader_takes_the_schema_takes(place: tuple[Any, ...], value: Any) -> None:
    """The schema promises nothing that is refused for its form, and refuses nothing that is taken."""
    fields = _with(place, value)
    try:
        read_fields(fields)
    except HandoverError:
        return
    schema = _schema()
    assert _wrong(schema, schema, fields) == []
