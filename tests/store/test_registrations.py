"""Registries' answers at rest: sealed, once each, and read back; which addresses are still to be asked about."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.errors import KeyProblem, ReferenceDataError, StoreError
from monitor.model.registration import Organisation, RegisteredNetwork
from monitor.model.report import Address
from monitor.model.words import AddressKind, InputKind, RegistrationStatus
from monitor.store import Store, add_checks, add_reports, begin_input, load_registry, open_store
from monitor.store.registration_gaps import addresses_to_ask, load_addresses, open_coverage
from monitor.store.registrations import (
    NewAnswer,
    add_answer,
    add_answers,
    count_registrations,
    list_organisations,
    load_answers,
)
from monitor.store.registry_log import add_first_sight
from monitor.store.registry_organisations import SeenOrganisation
from monitor.store.tables import AddressRow, HostRow, ResolutionAddressRow, ResolutionRow, table_of
from tests.engines import Engine

Make = Any  # conftest's Maker
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACME = Organisation("org-test-acme", "test", "ACME", "Acme Example Hosting", natural_person=False)
PERSON = Organisation("org-test-zzmarkedperson", "test", "ZZMARKEDPERSON", None, natural_person=True)


def document(start: str = "192.0.2.0", **said: object) -> dict[str, object]:
    return {"startAddress": start, "handle": "NET-1", **said}


def parse(document: Mapping[str, object], registry: str) -> RegisteredNetwork:
    """Reads the made-up documents above."""
    if "broken" in document:
        raise ReferenceDataError("The answer names no address range")
    first = Address(bytes(int(octet) for octet in str(document["startAddress"]).split(".")))
    return RegisteredNetwork(registry, "NET-1", None, first, first, None, False, False, None, None)


def found(make: Make, hours: float = 0, start: str = "192.0.2.0", **said: Any) -> NewAnswer:
    covers = (make.address(start), make.address("192.0.2.255"))
    values = {"address_id": None, "document": document(start), "registry": "test", "covers": covers, **said}
    return NewAnswer(asked_at=NOW + timedelta(hours=hours), server="test", status=RegistrationStatus.FOUND, **values)


def failed(address_id: int, status: RegistrationStatus, hours: float) -> NewAnswer:
    return NewAnswer(address_id, NOW + timedelta(hours=hours), "test", status)


@pytest.fixture
def addresses(store: Store, make: Make) -> Callable[[str], int]:
    """The key of an address that some report of a recorded source names."""

    def add(text: str) -> int:
        rows = [make.report(f"A-{text}", source="recorded", address=make.address(text))]
        add_reports(store, begin_input(store, text, InputKind.REPORTS, 1), rows)
        index = store.sealer.index(make.address(text), "addresses.address")
        with store.read() as connection:
            c = table_of(AddressRow).c
            return int(connection.execute(c.id.table.select().where(c.address_index == index)).one().id)

    return add


def test_an_answer_comes_back_as_it_was_given(store: Store, make: Make, addresses: Callable[[str], int]) -> None:
    """Time, server, range and what the document says, the oldest first; questions without an answer are no answers."""
    key = addresses("192.0.2.9")
    later, earlier = found(make, 5, address_id=key), found(make, 1, "192.0.2.128", recorded=True)
    assert add_answers(store, [later, earlier, failed(key, RegistrationStatus.TIMEOUT, 2)]) == 3
    first, second = load_answers(store, parse)
    assert (first.asked_at, first.server, first.recorded, first.covers) == (
        earlier.asked_at, "test", True, earlier.covers,
    )  # fmt: skip
    assert first.network is not None and first.network.first == make.address("192.0.2.128")
    assert first.network.registry == "test"
    assert (second.asked_at, second.covers, second.recorded) == (later.asked_at, later.covers, False)
    assert count_registrations(store) == (2, 1)


def test_the_same_answer_is_kept_once(store: Store, make: Make, rows_of: Callable[[Store], dict[str, int]]) -> None:
    """Same time, server, address and document: one answer, in one batch or in two, with or without an address."""
    assert add_answers(store, [found(make), found(make)]) == 1
    before = rows_of(store)
    assert not add_answer(store, found(make, document=dict(reversed(document().items()))))
    assert rows_of(store) == before
    assert add_answers(store, [found(make, 1), found(make, document=document(x=1)), found(make, registry="other")]) == 3


def test_a_failure_is_kept_once_too(store: Store, addresses: Callable[[str], int]) -> None:
    """The same failure again changes nothing; another address or time is another question."""
    one, two = addresses("192.0.2.1"), addresses("192.0.2.2")
    timeout = RegistrationStatus.TIMEOUT
    assert add_answers(store, [failed(one, timeout, 0), failed(two, timeout, 0), failed(one, timeout, 1)]) == 3
    assert add_answers(store, [failed(one, timeout, 0), failed(two, timeout, 0)]) == 0
    assert count_registrations(store) == (0, 3)


def test_one_document_is_kept_and_parsed_once(
    store: Store, make: Make, rows_of: Callable[[Store], dict[str, int]]
) -> None:
    """Fifty answers with one document: one sealed row, one parse, fifty answers."""
    parsed: list[str] = []

    def counted(document: Mapping[str, object], registry: str) -> RegisteredNetwork:
        parsed.append(registry)
        return parse(document, registry)

    add_answers(store, [found(make, hours) for hours in range(50)])
    assert rows_of(store)["registrations"] == 1
    assert len(load_answers(store, counted)) == 50
    assert parsed == ["test"]


def test_an_answer_that_no_longer_parses_stays_and_says_nothing(store: Store, make: Make) -> None:
    """It is counted and read without a network, and the others are not lost with it."""
    add_answers(store, [found(make, document={"broken": 1}), found(make, 1)])
    assert [each.network is None for each in load_answers(store, parse)] == [True, False]


def test_a_batch_is_kept_whole_or_not_at_all(
    store: Store, make: Make, rows_of: Callable[[Store], dict[str, int]]
) -> None:
    """An answer about an address that is not there fails the batch, and nothing of it stays."""
    before = rows_of(store)
    with pytest.raises(StoreError) as raised:
        add_answers(store, [found(make, organisation=ACME), failed(4711, RegistrationStatus.TIMEOUT, 0)])
    assert "192" not in str(raised.value)
    assert rows_of(store) == before


@pytest.mark.parametrize("batches", [[[5], [1], [3], [2], [4]], [[4, 2, 1], [3, 5]], [[1], [2], [3, 4, 5]]])
def test_an_organisation_bears_the_name_of_its_latest_answer_whatever_came_first(
    store: Store, make: Make, batches: list[list[int]]
) -> None:
    """Earlier names are former ones, each dated by the last answer that says it; in one batch or in many."""
    named = {
        hours: Organisation(ACME.key, "test", handle, name, natural_person=person)
        for hours, name, handle, person in (
            (1, "First Example", "ACME", None),
            (4, "Acme Example Hosting", "ACME", False),
            (2, "Renamed Example", "acme", None),
            (3, None, None, None),
            (5, "Renamed Example", "ACME", None),
        )
    }
    for batch in batches:
        add_answers(store, [found(make, hours, organisation=named[hours]) for hours in batch])
    (known,) = list_organisations(store)
    assert (known.provider_id, known.name, known.handle) == ("org-test-acme", "Renamed Example", "ACME")
    assert known.former == ("First Example", "Acme Example Hosting")
    assert (known.natural_person, known.first_seen_at) == (False, NOW + timedelta(hours=1))
    registry = load_registry(store, NOW.date())
    assert registry.providers[ACME.key].aliases == ("Acme Example Hosting", "First Example")
    assert registry.find("first example") == ACME.key


def test_an_organisation_that_another_store_knows_as_a_person_is_never_named(store: Store, make: Make) -> None:
    """Its file says so; an answer that names it does not bring the name in."""
    with store.write() as connection:
        person = SeenOrganisation(ACME.key, "test", None, None, natural_person=True, first_seen_at=NOW)
        add_first_sight(connection, [], [person])
    add_answers(store, [found(make, 1, organisation=ACME)])
    (known,) = list_organisations(store)
    assert (known.name, known.handle, known.natural_person, known.former) == (None, None, True, ())


def test_a_natural_person_is_listed_without_name_and_handle(store: Store, make: Make) -> None:
    """The id says nothing of who it is, and is the same when the person is met again."""
    add_answers(store, [found(make, hours, organisation=PERSON) for hours in range(3)])
    (known,) = list_organisations(store)
    assert (known.handle, known.name, known.natural_person) == (None, None, True)
    assert known.provider_id.startswith("org-test-person-")
    assert "zzmarked" not in known.provider_id


def test_nothing_of_a_document_or_a_person_lies_open(
    store: Store, engine: Engine, make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """Marked texts and addresses stand in no byte of the folder and in nothing printed, open and closed."""
    secret = document(remarks=["zzmarkedremark"], abuse="zzmarkedmail@images.example", parent="203.0.113.77")
    covers = (make.address("203.0.113.64"), make.address("203.0.113.127"))
    answers = [found(make, document=secret, covers=covers, organisation=PERSON)]
    add_answers(store, answers)
    (known,) = load_answers(store, parse)
    assert known.covers == covers
    data_dir = store.data_dir
    forms = [b"zzmarked", b"ZZMARKED", b"203.0.113.77", *covers, covers[0].hex().encode()]
    assert any(form in repr(answers).encode() for form in forms)  # the search can find them

    def leaks() -> list[bytes]:
        files = engine.files(data_dir).values()
        return [form for form in forms for content in files if form in content]

    assert leaks() == []
    store.close()
    assert leaks() == []
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


def test_a_document_that_was_moved_or_changed_does_not_open(store: Store, make: Make) -> None:
    """A sealed document in the place of another column's value is refused."""
    add_answers(store, [found(make)])
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE registrations SET document = (SELECT covers FROM registration_answers)")
    with pytest.raises(KeyProblem):
        load_answers(store, parse)


def test_what_is_fresh_or_failed_lately_is_left_alone(
    store: Store, make: Make, addresses: Callable[[str], int]
) -> None:
    """Ranges with a fresh answer, failures within the retry time, and addresses freshly not found."""
    keys = [addresses(f"192.0.2.{n}") for n in range(1, 6)]
    add_answers(
        store,
        [
            found(make, -24 * 89),
            found(make, -24 * 91, "192.0.2.64"),
            found(make, -1, "192.0.2.96", covers=None),
            failed(keys[0], RegistrationStatus.TIMEOUT, -23),
            failed(keys[1], RegistrationStatus.TIMEOUT, -25),
            failed(keys[2], RegistrationStatus.NOT_FOUND, -24 * 89),
            failed(keys[3], RegistrationStatus.NOT_FOUND, -24 * 91),
            failed(keys[4], RegistrationStatus.RATE_LIMITED, -1),
        ],
    )
    covered, left_alone = open_coverage(store, now=NOW, fresh_days=90, retry_hours=24)
    assert covered == [(make.address("192.0.2.0"), make.address("192.0.2.255"))]
    assert left_alone == {keys[0], keys[2], keys[4]}


def _resolve(store: Store, make: Make, host_id: int, addresses: Mapping[str, AddressKind]) -> None:
    """Write a Resolution of a host; its addresses must be there."""
    resolution, resolved = table_of(ResolutionRow), table_of(ResolutionAddressRow)
    keys = {text: store.sealer.index(make.address(text), "addresses.address") for text in addresses}
    c = table_of(AddressRow).c
    with store.write() as connection:
        row = {"id": 1, "host_id": host_id, "resolved_at": NOW, "resolver": "r", "status": "answered"}
        connection.execute(resolution.insert().values(**row, ttl_seconds=1, n_questions=2, seconds=0.1))
        for text, kind in addresses.items():
            key = connection.execute(c.id.table.select().where(c.address_index == keys[text])).one().id
            connection.execute(
                resolved.insert().values(resolution_id=1, address_id=key, kind=kind.value, ttl_seconds=1)
            )


def test_only_addresses_of_live_sources_are_asked_about(
    store: Store, make: Make, addresses: Callable[[str], int]
) -> None:
    """`ip`, `origin_ip`, literal hosts, checks and resolved global addresses of their records; nobody else's."""
    for text in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
        addresses(text)
    rows = [
        make.report("L1", source="live", address=make.address("192.0.2.1"), origin_address=make.address("192.0.2.2")),
        make.report("L2", source="live", target=make.literal("192.0.2.3")),
        make.report(
            "R1", source="recorded", target=make.literal("203.0.113.1"), origin_address=make.address("203.0.113.2")
        ),
        make.report("R2", source="recorded", target=make.target(host="recorded.example")),
    ]
    add_reports(store, begin_input(store, "aa", InputKind.REPORTS, 1), rows)
    checks = [
        make.check("L1", source="live", address=make.address("2001:db8::4")),
        make.check("R1", source="recorded", address=make.address("203.0.113.4")),
    ]
    add_checks(store, begin_input(store, "bb", InputKind.CHECKS, 1), checks)
    with store.read() as connection:
        index = store.sealer.index(b"images.example", "hosts.name")
        hosts = table_of(HostRow)
        host = connection.execute(hosts.select().where(hosts.c.name_index == index)).one().id
    _resolve(store, make, host, {"198.51.100.1": AddressKind.GLOBAL, "198.51.100.2": AddressKind.BOGON})
    wanted = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::4", "198.51.100.1"}
    for batch in (1, 2, 100):
        batches = list(addresses_to_ask(store, ("live",), batch=batch))
        given = [pair for some in batches for pair in some]
        assert {address for _, address in given} == {make.address(text) for text in wanted}
        assert [key for key, _ in given] == sorted(key for key, _ in given)
        assert max(map(len, batches)) <= batch
    assert list(addresses_to_ask(store, ())) == []


def test_every_address_is_loaded_with_its_id(store: Store, make: Make, addresses: Callable[[str], int]) -> None:
    """Ids ascend, and each stands beside its own address."""
    keys = {addresses(text): make.address(text) for text in ("192.0.2.9", "2001:db8::1", "192.0.2.3")}
    ids, opened = load_addresses(store)
    assert ids.tolist() == sorted(keys)
    assert dict(zip(ids.tolist(), opened, strict=True)) == keys


def test_answers_outlive_the_process(store: Store, engine: Engine, make: Make) -> None:
    """What was kept before the store was closed is read when it is opened again."""
    add_answers(store, [found(make, organisation=ACME)])
    store.close()
    with open_store(store.data_dir, engine.url(store.data_dir), create=False) as again:
        assert len(load_answers(again, parse)) == 1
        assert len(list_organisations(again)) == 1
