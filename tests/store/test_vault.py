"""The vault: what an operator's key file seals away and cannot open again, and what stays open to it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor.errors import KeyProblem
from monitor.model.observation import Due, Standing
from monitor.model.words import DueReason, InputKind
from monitor.status_vault import vault
from monitor.store import (
    Plan,
    Store,
    add_reports,
    begin_input,
    contexts,
    drop_plans_of_others,
    find_record,
    hosts_to_resolve,
    is_planned,
    mark_planned,
    open_store,
    open_url,
    plan_targets,
    take_due,
    targets_to_plan,
)
from monitor.store.forgetting import due_targets, forget_targets
from monitor.store.key_file import (
    KEY_FILE,
    KeyRole,
    hand_out,
    new_vault_key,
    parse_ring,
    read_ring,
    replace_ring,
    ring_for,
    take_keys,
)
from monitor.store.rotating import rotate, split
from monitor.store.sealing import load_key
from monitor.store.tables import HostRow, TargetRow, table_of
from monitor.store.vault import Vault
from monitor.store.verifying import verify
from tests.engines import Engine

LIVE, RECORDED, SHARED = "https://live.example/a", "https://recorded.example/b", "https://shared.example/c"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_TARGETS, _HOSTS = table_of(TargetRow), table_of(HostRow)


def _quietly(_done: int, _total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def filled(store: Store, make: Any) -> Store:
    """A Target of a live source, one of a recorded source, one of both; on hosts of their own."""
    key = begin_input(store, "a" * 64, InputKind.REPORTS, 1)
    rows = [
        make.report("L1", row=1, source="live", target=_target(make, LIVE)),
        make.report("R1", row=2, source="recorded", target=_target(make, RECORDED)),
        make.report("L2", row=3, source="live", target=_target(make, SHARED)),
        make.report("R2", row=4, source="recorded", target=_target(make, SHARED)),
    ]
    assert add_reports(store, key, rows).accepted == 4
    store.sealer.spare(["live"])
    return store


def _target(make: Any, url: str) -> Any:
    host, path = url.removeprefix("https://").split("/")
    return make.target(host=host, path=path)


def _as(store: Store, engine: Engine, folder: Path, role: KeyRole) -> Store:
    """The same database with the key file of a role, in a data folder of its own."""
    folder.mkdir(exist_ok=True)
    hand_out(folder / KEY_FILE, ring_for(read_ring(store.data_dir), role))
    url = engine.url(store.data_dir) or f"sqlite:///{store.data_dir / 'monitor.sqlite'}"
    database = None if url.startswith("sqlite") else url
    if database is None:
        (folder / "monitor.sqlite").symlink_to(store.data_dir / "monitor.sqlite")
    opened = open_store(folder, database, create=False)
    opened.sealer.spare(["live"])
    return opened


def _openable(store: Store) -> set[str]:
    """Every URL and host name that the store's key file opens."""
    found = set()
    with store.read() as connection:
        for column, context in ((_TARGETS.c.url, contexts.TARGET_URL), (_HOSTS.c.name, contexts.HOST_NAME)):
            for (sealed,) in connection.execute(select(column).where(column.is_not(None))):
                try:
                    found.add(store.sealer.unseal(bytes(sealed), context).decode())
                except KeyProblem as error:
                    assert error.message == "This key file may not open URLs: ask the hotline"
    return found


EVERYTHING = {LIVE, RECORDED, SHARED, "live.example", "recorded.example", "shared.example"}
OF_THE_OPERATOR = {LIVE, SHARED, "live.example", "shared.example"}


def test_after_the_split_the_operator_opens_what_a_live_source_names_and_no_more(
    filled: Store, engine: Engine, tmp_path: Path
) -> None:
    """The hotline opens all; the store is whole for both."""
    assert split(filled, _quietly) is not None
    assert _openable(filled) == EVERYTHING
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        assert _openable(operator) == OF_THE_OPERATOR
        assert not verify(operator, (), _quietly).problems
    assert not verify(filled, (), _quietly).problems


def test_what_lay_about_from_before_the_split_opens_with_no_key_of_the_operator(
    filled: Store, engine: Engine, tmp_path: Path
) -> None:
    """Freed pages and old backups hold values under the key from before, which is in neither key file."""
    with filled.read() as connection:
        before = [bytes(row[0]) for row in connection.execute(select(_TARGETS.c.url))]
    split(filled, _quietly)
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        for sealed in before:
            with pytest.raises(KeyProblem):
                operator.sealer.unseal(sealed, contexts.TARGET_URL)


def test_an_operator_imports_and_finds_repeats_without_reading(
    filled: Store, engine: Engine, make: Any, tmp_path: Path
) -> None:
    """A repeat is found by its index, a new URL of a recorded source goes into the vault, which the hotline opens."""
    split(filled, _quietly)
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        key = begin_input(operator, "b" * 64, InputKind.REPORTS, 1)
        again = make.report("R1", row=1, source="recorded", target=_target(make, RECORDED))
        new = make.report("R3", row=2, source="recorded", target=_target(make, "https://new.example/d"))
        done = add_reports(operator, key, [again, new])
        assert (done.accepted, done.duplicate) == (1, 1)
        assert _openable(operator) == OF_THE_OPERATOR
        with pytest.raises(KeyProblem, match="ask the hotline"):
            open_url(operator, find_record(operator, "L1"), actor="op", reason="curious")
    assert _openable(filled) == EVERYTHING | {"https://new.example/d", "new.example"}


def test_a_live_source_brings_a_target_out_of_the_vault(
    filled: Store, engine: Engine, make: Any, tmp_path: Path
) -> None:
    """The operator checks it from then on: its URL stood in the file just read, so no secret key was needed."""
    split(filled, _quietly)
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        key = begin_input(operator, "b" * 64, InputKind.REPORTS, 1)
        add_reports(operator, key, [make.report("L3", row=1, source="live", target=_target(make, RECORDED))])
        assert _openable(operator) == EVERYTHING


def test_a_source_that_is_no_longer_live_goes_into_the_vault_with_the_next_key_file(
    filled: Store, engine: Engine, tmp_path: Path
) -> None:
    """And one that became live comes out; nothing else is touched, and no key is renewed for it."""
    split(filled, _quietly)
    filled.sealer.spare(["recorded"])
    before = read_ring(filled.data_dir)
    assert split(filled, _quietly) is None
    assert read_ring(filled.data_dir) == before
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        assert _openable(operator) == EVERYTHING - {LIVE, "live.example"}


def test_a_source_that_became_live_ends_no_round_of_the_operator(filled: Store, engine: Engine, tmp_path: Path) -> None:
    """What still lies in the vault is neither planned nor resolved, and the rest is; the next key file brings it."""
    split(filled, _quietly)
    both, live = ["live", "recorded"], {_key_of(filled, name) for name in ("L1", "L2")}
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        operator.sealer.spare(both)
        assert {each.target_id for batch in targets_to_plan(operator, both) for each in batch} == live
        names = {host.name for batch in hosts_to_resolve(operator, both, now=NOW) for host in batch.hosts}
        assert names == {"live.example", "shared.example"}
        assert [finding.figures["live_in_vault"] for finding in vault(operator)] == [1]  # status tells of it
        mark_planned(operator, "as it was")
        filled.sealer.spare(both)
        split(filled, _quietly)
        assert [finding.figures["live_in_vault"] for finding in vault(operator)] == [0]
        assert not is_planned(operator, "as it was")
        planned = {each.target_id for batch in targets_to_plan(operator, both) for each in batch}
        assert planned == live | {_key_of(filled, "R1")}


def test_what_was_planned_and_went_into_the_vault_is_taken_from_the_schedule(
    filled: Store, engine: Engine, tmp_path: Path
) -> None:
    """Else an operator whose settings still call the source live would stop at it in every round."""
    split(filled, _quietly)
    key, due = _key_of(filled, "R1"), Due(NOW, DueReason.FIRST)
    plan_targets(filled, [Plan(key, due, (), Standing())])
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        assert drop_plans_of_others(operator, ["live", "recorded"]) == 1
        assert take_due(operator, NOW, 10) == ()


def test_what_a_live_source_named_comes_back_outside_of_the_vault(
    filled: Store, engine: Engine, make: Any, tmp_path: Path
) -> None:
    """Also where a recorded source names it again after it was forgotten: the live one's checks go on."""
    split(filled, _quietly)
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        assert forget_targets(operator, due_targets(operator, NOW), NOW, NOW).n_targets == 3
        rows = [make.report("R9", row=1, source="recorded", target=_target(make, LIVE), reported_at=NOW)]
        rows.append(make.report("R8", row=2, source="recorded", target=_target(make, RECORDED), reported_at=NOW))
        assert add_reports(operator, begin_input(operator, "c" * 64, InputKind.REPORTS, 1), rows).accepted == 2
        assert _openable(operator) == {LIVE, "live.example", ""}  # "": the host that stays forgotten
    assert _openable(filled) == {LIVE, RECORDED, "live.example", "recorded.example", ""}


def _key_of(store: Store, record_id: str) -> int:
    return find_record(store, record_id).target_id


def test_keys_are_rotated_after_a_split_by_either_and_the_other_takes_the_new_one(
    filled: Store, engine: Engine, tmp_path: Path
) -> None:
    """The operator renews the working key alone, the hotline that of the vault too; each opens what it did."""
    split(filled, _quietly)
    vault = read_ring(filled.data_dir).vaults[-1].key_id
    with _as(filled, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
        rotate(operator, _quietly)
        assert read_ring(operator.data_dir).vaults[-1].key_id == vault
        assert _openable(operator) == OF_THE_OPERATOR
    with pytest.raises(KeyProblem, match="retired"):
        open_store(filled.data_dir, engine.url(filled.data_dir), create=False)
    assert take_keys(filled.data_dir, tmp_path / "operator" / KEY_FILE)
    with open_store(filled.data_dir, engine.url(filled.data_dir), create=False) as hotline:
        hotline.sealer.spare(["live"])
        assert _openable(hotline) == EVERYTHING
        rotate(hotline, _quietly)
        assert read_ring(hotline.data_dir).vaults[-1].key_id != vault
        assert _openable(hotline) == EVERYTHING and not verify(hotline, (), _quietly).problems
    with pytest.raises(KeyProblem):
        open_store(tmp_path / "operator", engine.url(filled.data_dir), create=False)


def test_a_split_that_was_broken_off_goes_on(filled: Store, engine: Engine, tmp_path: Path) -> None:
    """Killed when the key file was written and nothing resealed yet, the same call does the rest."""
    ring = read_ring(filled.data_dir)
    fresh = replace(ring, role=KeyRole.HOTLINE, vaults=(new_vault_key(),))
    replace_ring(filled.data_dir, replace(fresh, keys=(*ring.keys, replace(ring.keys[0], key_id="01020304"))))
    with open_store(filled.data_dir, engine.url(filled.data_dir), create=False) as again:
        again.sealer.spare(["live"])
        assert split(again, _quietly) is not None
        with _as(again, engine, tmp_path / "operator", KeyRole.OPERATOR) as operator:
            assert _openable(operator) == OF_THE_OPERATOR
        assert _openable(again) == EVERYTHING


def test_the_operators_file_holds_no_secret_half_and_neither_does_what_is_kept_beside(filled: Store) -> None:
    """Nor has an old key file any role: it loads as before."""
    assert load_key(filled.data_dir).role is KeyRole.OWNER
    done = split(filled, _quietly)
    assert done is not None
    ring = read_ring(filled.data_dir)
    assert ring.role is KeyRole.HOTLINE and ring.vaults[-1].secret is not None
    assert all(key.secret is None for key in ring_for(ring, KeyRole.OPERATOR).vaults)
    assert parse_ring((filled.data_dir / done.kept).read_bytes()).vaults == ()


def test_a_value_in_the_vault_that_was_changed_or_moved_does_not_open() -> None:
    """Each byte counts, and so does the column."""
    vault = Vault([new_vault_key()])
    sealed = vault.seal(b"https://a.example/b", contexts.TARGET_URL)
    assert vault.unseal(sealed, contexts.TARGET_URL) == b"https://a.example/b"
    for place in range(5, len(sealed)):
        with pytest.raises(KeyProblem):
            vault.unseal(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], contexts.TARGET_URL)
    with pytest.raises(KeyProblem):
        vault.unseal(sealed, contexts.HOST_NAME)
