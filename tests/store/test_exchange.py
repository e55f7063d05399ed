"""What the store keeps of the exchange: links and their keys, documents, cases; nothing twice, and all of it sealed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import now
from monitor.errors import HandoverError, KeyProblem
from monitor.model.exchange import Address, ExchangeLink, TargetKind
from monitor.model.words import Assessment, Capacity, InputKind, NoticeKind, NoticeStatus
from monitor.store import Store, add_reports, begin_input, contexts, find_record, list_audit
from monitor.store.erasing import erase_remains
from monitor.store.exchange import (
    KeptCase,
    add_received,
    add_sent,
    kept_cases,
    list_documents,
    next_sequence,
    open_received_url,
)
from monitor.store.exchange_facts import record_facts, records_of, target_texts
from monitor.store.exchange_links import find_link, link_of_signer, list_links, set_link, set_shared_key, shared_key
from monitor.store.forgetting_cases import due_cases, forget_urls
from monitor.store.key_file import KeyRole, read_ring, replace_ring, ring_for
from monitor.store.rotating import rotate, split
from tests.engines import Engine, rows_in, store_of

URL = "https://marked.example/zq7xk9mw.jpg"
PUBLIC, OTHER = "ed25519:first", "ed25519:second"
KEY = bytes(range(32))
CASE = KeptCase("1" * 64, "2" * 64, False, b'{"case":"zq7xk9mw"}')
WITH_URL = KeptCase("3" * 64, "4" * 64, True, b'{"case":"zq7xk9mw"}', url=URL)


@pytest.fixture
def link(store: Store) -> ExchangeLink:
    set_link(store, "atkm", PUBLIC, "age1first", replace=False, by="clerk", reason="compared by telephone")
    return find_link(store, "atkm")


def _head(make: Any, sequence: int = 5) -> Address:
    return Address("a" * 64, "b" * 64, sequence, make.at(0), "0123456789abcdef")


def _said(store: Store) -> list[tuple[str, str, str]]:
    return [(entry.action, entry.subject, entry.reason) for entry in list_audit(store)]


# --- links ----------------------------------------------------------------------------------------------------


def test_a_link_is_made_once_and_the_same_again_changes_nothing(store: Store, link: ExchangeLink) -> None:
    """Its row on the audit log is there once."""
    assert not set_link(store, "atkm", PUBLIC, None, replace=False, by="clerk", reason="again")
    assert list_links(store) == (link,)
    assert _said(store) == [("exchange link", f"atkm, {PUBLIC}, age1first", "compared by telephone")]
    assert link_of_signer(store, PUBLIC) == link
    assert link_of_signer(store, OTHER) is None


def test_a_pinned_key_is_replaced_only_where_somebody_says_so(store: Store, link: ExchangeLink) -> None:
    """Whoever sends another key under a known name is not believed."""
    with pytest.raises(HandoverError, match="Another signing key is pinned"):
        set_link(store, "atkm", OTHER, None, replace=False, by="clerk", reason="")
    assert list_links(store) == (link,)
    assert set_link(store, "atkm", OTHER, None, replace=True, by="clerk", reason="their new key")
    assert (find_link(store, "atkm").public, find_link(store, "atkm").age) == (OTHER, "age1first")


def test_one_key_stands_for_one_organisation(store: Store, link: ExchangeLink) -> None:
    """The same key under a second name would let one side speak for another."""
    with pytest.raises(HandoverError, match="linked under another name"):
        set_link(store, "other", link.public, None, replace=True, by="clerk", reason="")


def test_a_shared_key_is_sealed_and_kept_until_somebody_replaces_it(store: Store, link: ExchangeLink) -> None:
    """It opens again, also after the store's own key was rotated, and lies nowhere in the clear."""
    with pytest.raises(HandoverError, match="No key is shared"):
        shared_key(store, link)
    assert set_shared_key(store, link, KEY, "digest", replace=False, by="clerk", how="made")
    assert not set_shared_key(store, link, KEY, "digest", replace=False, by="clerk", how="made")
    with pytest.raises(HandoverError, match="Another key is shared"):
        set_shared_key(store, link, bytes(32), "other", replace=False, by="clerk", how="made")
    rotate(store, lambda _done, _total: None)
    assert shared_key(store, link) == KEY
    ((sealed,),) = rows_in(store.data_dir, "SELECT shared_key FROM exchange_links")
    assert KEY not in bytes(sealed)
    assert set_shared_key(store, link, bytes(32), "other", replace=True, by="clerk", how="made")
    assert shared_key(store, link) == bytes(32)


# --- documents ------------------------------------------------------------------------------------------------


def test_the_same_document_twice_is_one(store: Store, link: ExchangeLink, make: Any) -> None:
    """The second time changes no row, the audit log among them."""
    assert add_received(store, link, _head(make), "digest", [CASE, WITH_URL], by="clerk")
    before = (list_documents(store), _said(store))
    assert not add_received(store, link, _head(make), "digest", [CASE, WITH_URL], by="clerk")
    assert (list_documents(store), _said(store)) == before
    assert [case.name for _, case in kept_cases(store)] == [CASE.name, WITH_URL.name]
    assert before[1][-1] == ("exchange import", "2 cases from atkm, 1 with URL, document digest", f"signed by {PUBLIC}")


def test_another_document_under_a_known_number_is_refused_and_nothing_is_kept(
    store: Store, link: ExchangeLink, make: Any
) -> None:
    """Two documents cannot have one number."""
    add_received(store, link, _head(make), "digest", [CASE], by="clerk")
    with pytest.raises(HandoverError, match="same number"):
        add_received(store, link, _head(make), "other", [WITH_URL], by="clerk")
    assert [case.name for _, case in kept_cases(store)] == [CASE.name]


def test_a_newer_state_stands_beside_the_older_one(store: Store, link: ExchangeLink, make: Any) -> None:
    """Facts are added, never replaced, in whatever order they come."""
    for sequence, details in ((9, b"new"), (7, b"old")):
        head, case = _head(make, sequence), KeptCase(CASE.name, CASE.target, False, details)
        add_received(store, link, head, f"digest {sequence}", [case], by="clerk")
    assert [(document.sequence, case.details) for document, case in kept_cases(store)] == [(9, b"new"), (7, b"old")]


def test_a_document_whose_writing_fails_leaves_nothing(store: Store, link: ExchangeLink, make: Any) -> None:
    """A case that is in it twice breaks a rule of the database: no document, no case, no audit row."""
    before = _said(store)
    with pytest.raises(Exception):  # noqa: B017 (whatever the driver calls it)
        add_received(store, link, _head(make), "digest", [CASE, CASE], by="clerk")
    assert (list_documents(store), kept_cases(store), _said(store)) == ((), [], before)


def test_numbers_of_what_is_sent_grow_even_if_the_clock_does_not(store: Store, link: ExchangeLink, make: Any) -> None:
    """A number is never used twice, also where the clock was set back by a century."""
    later = next_sequence(store, link) + 10**15
    add_sent(store, link, _head(make, later), "digest", [CASE], by="clerk", reason="asked")
    assert next_sequence(store, link) == later + 1


def test_what_was_said_and_a_url_that_came_are_sealed(store: Store, link: ExchangeLink, make: Any) -> None:
    """Neither lies in the clear; after a rotation both open."""
    add_received(store, link, _head(make), "digest", [WITH_URL], by="clerk")
    found = rows_in(store.data_dir, "SELECT details, url FROM exchange_cases")
    assert not any(b"zq7xk9mw" in bytes(value) for row in found for value in row)
    rotate(store, lambda _done, _total: None)
    ((_, case),) = kept_cases(store)
    assert case.details == WITH_URL.details
    assert open_received_url(store, case, "atkm", by="clerk", reason="to act on it") == URL
    assert _said(store)[-1] == ("exchange show --reveal", f"case {case.name} from atkm", "to act on it")


def test_a_received_url_lies_in_the_vault_where_there_is_one(store: Store, link: ExchangeLink, make: Any) -> None:
    """One from before the key file was split, and one from after; an operator's key file opens neither."""
    later = replace(WITH_URL, name="5" * 64)
    add_received(store, link, _head(make, 5), "first", [WITH_URL], by="clerk")
    split(store, lambda _done, _total: None)
    add_received(store, link, _head(make, 6), "second", [later], by="clerk")
    rotate(store, lambda _done, _total: None)
    assert [open_received_url(store, case, "atkm", by="clerk", reason="x") for _, case in kept_cases(store)] == [
        URL,
        URL,
    ]
    replace_ring(store.data_dir, ring_for(read_ring(store.data_dir), KeyRole.OPERATOR))
    with store_of(store.data_dir) as operator:
        for (_, case), (sealed,) in zip(
            kept_cases(operator), rows_in(store.data_dir, "SELECT url FROM exchange_cases ORDER BY id"), strict=True
        ):
            with pytest.raises(KeyProblem):
                open_received_url(operator, case, "atkm", by="clerk", reason="x")
            with pytest.raises(KeyProblem):
                operator.sealer.unseal(bytes(sealed), contexts.EXCHANGE_URL)


def test_a_url_past_its_term_goes_and_what_was_said_stays(store: Store, link: ExchangeLink, make: Any) -> None:
    """Later a URL of that case cannot be shown any more."""
    add_received(store, link, _head(make), "digest", [CASE, WITH_URL], by="clerk")
    ((_, first), (_, second)) = kept_cases(store)
    assert due_cases(store, make.at(0), urls=True) == []
    due = due_cases(store, now() + timedelta(seconds=1), urls=True)
    assert due == [second.case_id]
    assert forget_urls(store, due, now()) == (1, 0)
    assert kept_cases(store)[1][1] == second
    assert second.has_url
    assert not first.has_url
    with pytest.raises(HandoverError, match="forgotten"):
        open_received_url(store, second, "atkm", by="clerk", reason="to act on it")


def test_no_byte_of_a_received_url_is_left_in_the_database(
    store: Store, engine: Engine, link: ExchangeLink, make: Any
) -> None:
    """Neither in freed pages nor in dead rows; a server's own log is not ours to cut."""
    add_received(store, link, _head(make), "digest", [WITH_URL], by="clerk")
    ((sealed,),) = rows_in(store.data_dir, "SELECT url FROM exchange_cases")
    assert forget_urls(store, due_cases(store, now() + timedelta(seconds=1), urls=True), now()) == (1, 0)
    assert erase_remains(store)
    left = {name: content for name, content in engine.files(store.data_dir).items() if name != "log"}
    assert left and not [name for name, content in left.items() if bytes(sealed)[5:] in content]


def test_a_url_that_did_not_come_is_an_error_and_no_audit_row(store: Store, link: ExchangeLink, make: Any) -> None:
    """Nothing was opened, so nothing is said."""
    add_received(store, link, _head(make), "digest", [CASE], by="clerk")
    before = _said(store)
    ((_, case),) = kept_cases(store)
    with pytest.raises(HandoverError, match="No URL"):
        open_received_url(store, case, "atkm", by="clerk", reason="to act on it")
    assert _said(store) == before


def test_each_url_that_leaves_has_an_audit_row_of_its_own(store: Store, link: ExchangeLink, make: Any) -> None:
    """By its record; the URL itself is not kept a second time."""
    sent = KeptCase(CASE.name, CASE.target, True, CASE.details, record=("hotline", "R1"))
    add_sent(store, link, _head(make), "digest", [sent, WITH_URL], by="clerk", reason="asked")
    assert [said[:2] for said in _said(store)[-2:]] == [
        ("exchange export", "2 cases to atkm, document digest"),
        ("exchange export --with-url", "record R1 of hotline, to atkm, document digest"),
    ]


# --- facts ----------------------------------------------------------------------------------------------------


def _add(store: Store, *reports: Any) -> None:
    add_reports(store, begin_input(store, "f" * 64, InputKind.REPORTS, 1), list(reports))


def test_a_record_is_told_with_its_notices_as_they_hold(store: Store, make: Any) -> None:
    """A later statement that a message bounced replaces the first; the newest assessment counts; parties as written."""
    told = {"party": "Alpha Hosting", "capacity": Capacity.HOSTING, "sender": "Hotline"}
    _add(
        store,
        make.report(row=1, notice=make.notice(1, **told, reference="R1-mail")),
        make.report(row=2, notice=make.notice(1, **told, reference="R1-mail", status=NoticeStatus.BOUNCED)),
        make.report(row=3, notice=make.notice(5, kind=NoticeKind.ORDER, deadline_hours=1.5)),
        make.report(row=4, assessment=Assessment.NOT_ILLEGAL, assessed_at=make.at(9)),
    )
    (facts,) = record_facts(store, [find_record(store, "R1")])
    assert (facts.target.kind, facts.target.text) == (TargetKind.URL, "https://images.example/a")
    assert (facts.reported_at, facts.assessment) == (make.at(0), Assessment.NOT_ILLEGAL)
    assert [(n.status, n.notified_at, n.party, n.deadline_seconds) for n in facts.notices] == [
        (NoticeStatus.BOUNCED, make.at(1), "Alpha Hosting", None),
        (NoticeStatus.SENT, make.at(5), None, 5400),
    ]
    assert [order.served_at for order in facts.orders] == [make.at(0) + timedelta(hours=5)]


def test_every_target_has_its_text_and_its_records(store: Store, make: Any) -> None:
    """A host where the path was withheld; two records of one URL."""
    withheld = make.target(host="secret.example", withheld=True)
    _add(store, make.report("R1"), make.report("R2", row=2), make.report("R3", row=3, target=withheld))
    texts = {each.text: each for some in target_texts(store) for each in some}
    assert {text: each.kind for text, each in texts.items()} == {
        "https://images.example/a": TargetKind.URL,
        "secret.example": TargetKind.HOST,
    }
    key = texts["https://images.example/a"].target_id
    assert records_of(store, {key}) == {key: [("hotline", "R1"), ("hotline", "R2")]}
    assert "images" not in repr(texts["https://images.example/a"])


def test_a_value_moved_to_another_column_does_not_open(store: Store, link: ExchangeLink, make: Any) -> None:
    """Each sealed column of the exchange has a context of its own."""
    add_received(store, link, _head(make), "digest", [WITH_URL], by="clerk")
    ((sealed,),) = rows_in(store.data_dir, "SELECT url FROM exchange_cases")
    with pytest.raises(KeyProblem):
        store.sealer.unseal(bytes(sealed), contexts.EXCHANGE_CASE)


def test_a_link_that_is_not_there_is_an_error(store: Store, tmp_path: Path) -> None:
    """By name."""
    assert tmp_path.is_dir()
    with pytest.raises(HandoverError, match="No organisation of that name"):
        find_link(store, "nobody")
