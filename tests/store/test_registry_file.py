"""The registry as one file: what goes out comes in again, in any store, and what a person writes is taken once."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import InputError, RegistryError, UsageError
from monitor.model.words import ChangeAction
from monitor.session import plain
from monitor.store import Store, changes, ensure_providers, list_audit, load_registry
from monitor.store import merge as merge_
from monitor.store.registry_changes import assign, distinct, merge, override, set_traits_of, split, undo, void_changes
from monitor.store.registry_file import export_registry
from monitor.store.registry_import import ImportedChanges, import_registry
from monitor.store.registry_log import SeenOrganisation, add_first_sight

TODAY = date(2026, 6, 1)
WHO = {"by": "clerk", "why": "says the trade register"}
ORGANISATIONS = ("org-ripencc-beta", "org-arin-name-epsilon")
IDS = ("as64500", "as64501", "as64502", *ORGANISATIONS)
MARK = "zq7xk9mw"
ENTRY = '[[change]]\naction = "merge"\nsubject = "as64500"\ninto = "as64501"\nby = "Jo"\nwhy = "one owner"\n'

ids = st.sampled_from([*IDS, "as64500-2", "as64501-2", f"{ORGANISATIONS[0]}--2"])
assets = st.fixed_dictionaries(
    {},
    optional={
        "asn": st.lists(st.sampled_from(["64500", "64501", "64502", "64503"]), min_size=1, max_size=2),
        "organisation": st.lists(st.sampled_from(ORGANISATIONS), min_size=1, max_size=2),
        "network": st.lists(st.sampled_from(["192.0.2.0/24", "2001:db8::/32"]), min_size=1),
        "valid_from": st.sampled_from(["2026-01-01", "2026-03-01"]),
        "until": st.sampled_from(["2026-02-01", "2026-06-01"]),
    },
)
texts = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=12)
traits = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("name", "legal_name", "register_number", "group"), texts),
        "postal_address": st.sampled_from(["Street 1\nTown", 'A "quoted" \\ line', ""]),
        "alias": st.lists(texts, max_size=2),
        "remove_alias": texts,
        "natural_person": st.sampled_from(["yes", "no", ""]),
        "capacity": st.lists(st.sampled_from(["hosting", "access"]), min_size=1),
        "remove_contact": st.just("abuse=a@b.example"),
    },
)
known_from = st.sampled_from(
    [{}, {"country": "NL", "country_source": "register"}, {"contact": "abuse=a@b.example", "contact_source": "RDAP"}]
)
actions = st.one_of(
    st.tuples(st.just(merge), ids, ids),
    st.tuples(st.just(distinct), ids, ids),
    st.tuples(st.just(assign), ids, assets),
    st.tuples(st.just(split), ids, st.builds(dict.__or__, assets, st.sampled_from([{}, {"name": "Part"}]))),
    st.tuples(st.just(set_traits_of), ids, st.builds(dict.__or__, traits, known_from)),
    st.tuples(st.just(override), ids, st.sampled_from(["R1", "R2"])),
    st.tuples(st.just(undo), st.integers(1, 14), st.none()),
)


def _seed(store: Store) -> None:
    """Every id is named by a change at least, so that another store comes to know it."""
    ensure_providers(store, [64500, 64501, 64502])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with store.write() as connection:
        seen = [SeenOrganisation(key, key.split("-")[1], "H", key[-4:], None, at) for key in ORGANISATIONS]
        add_first_sight(connection, (), seen)
    for number, provider_id in enumerate(IDS):
        set_traits_of(store, provider_id, {"group": f"Group {number}"}, **WHO)


def _do(store: Store, sequence: list[tuple[Callable[..., int], object, object]]) -> None:
    """What is possible of a sequence; the rest was refused."""
    for act, first, second in sequence:
        try:
            act(store, first, *([] if second is None else [second]), **WHO)
        except RegistryError:
            continue


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.lists(actions, max_size=14))
def test_a_file_makes_the_same_registry_in_an_empty_store(
    new_store: Callable[[Path], Store], sequence: list[tuple[Callable[..., int], object, object]]
) -> None:
    """Whatever people did: equal registry, the same changes without effect, and the same file again."""
    with (
        tempfile.TemporaryDirectory() as folder,
        new_store(Path(folder) / "one") as one,
        new_store(Path(folder) / "other") as other,
    ):
        _seed(one)
        _do(one, sequence)
        text, log = export_registry(one), changes(one)
        unreported = tuple(entry for entry, made in enumerate(log, start=1) if made.action == ChangeAction.OVERRIDE)
        assert import_registry(other, text, by=None) == ImportedChanges(len(log), len(log), 0, (), unreported)
        assert load_registry(other, TODAY) == load_registry(one, TODAY)
        assert changes(other) == log
        assert void_changes(other) == void_changes(one)
        assert export_registry(other) == text
        for store in (one, other):
            assert import_registry(store, text, by=None) == ImportedChanges(len(log), 0, len(log), ())
        assert changes(one) == log


def test_the_sequences_of_that_test_do_every_action(new_store: Callable[[Path], Store], tmp_path: Path) -> None:
    """A generator whose changes were all refused would prove nothing."""
    done: set[str] = set()

    @settings(derandomize=True, max_examples=30, deadline=None, database=None)
    @given(st.lists(actions, min_size=5, max_size=14))
    def run(sequence: list[tuple[Callable[..., int], object, object]]) -> None:
        with tempfile.TemporaryDirectory() as folder, new_store(Path(folder) / "one") as store:
            _seed(store)
            _do(store, sequence)
            done.update(change.action for change in changes(store)[len(IDS) :])

    run()
    assert done == {action.value for action in ChangeAction}


def test_the_file_says_in_words_what_was_done_and_what_became_of_it(store: Store) -> None:
    """Names of today in comments, undone changes marked, how to edit it on top."""
    ensure_providers(store, [64500, 64501])
    set_traits_of(store, "as64501", {"name": "Beta Hosting"}, **WHO)
    made = merge(store, "as64500", "as64501", **WHO)
    undo(store, made, **WHO)
    text = export_registry(store)
    assert text.startswith("# The registry of providers") and "To edit:" in text
    assert "# 2. as64500 (AS64500) is merged into as64501 (Beta Hosting)\n# UNDONE by change 3" in text
    assert "# 3. Takes change 2 back" in text


def test_a_natural_person_is_named_in_no_comment(store: Store) -> None:
    """The entry that names the person does so, the words beside it do not."""
    ensure_providers(store, [64500])
    set_traits_of(store, "as64500", {"name": "Pat Person", "natural_person": "yes"}, **WHO)
    lines = [line for line in export_registry(store).splitlines() if "Pat" in line]
    assert lines == ['name = "Pat Person"']


def test_an_entry_without_a_time_is_taken_once(store: Store) -> None:
    """By hand: the ids are seen for the first time by it, the moment of the import is its time."""
    assert import_registry(store, ENTRY, by="Importer") == ImportedChanges(1, 1, 0, ())
    assert import_registry(store, ENTRY, by="Importer") == ImportedChanges(1, 0, 1, ())
    assert import_registry(store, ENTRY + ENTRY, by="Importer") == ImportedChanges(2, 0, 2, ())
    assert load_registry(store, TODAY).by_asn == {64500: "as64501", 64501: "as64501"}
    said = [(entry.actor, entry.action, entry.subject) for entry in list_audit(store)]
    assert said == [("Jo", "providers merge", "as64500 into as64501"), ("Importer", "providers import", "registry")]


def test_the_same_entry_with_another_time_or_ground_is_a_change_of_its_own(store: Store) -> None:
    """After an undoing the merge can be made again."""
    undo(store, _accepted(store, ENTRY), **WHO)
    assert import_registry(store, ENTRY, by=None).n_duplicate == 1
    assert import_registry(store, ENTRY + "at = 2026-05-01T00:00:00Z\n", by=None).n_accepted == 1
    assert import_registry(store, ENTRY + "at = 2026-05-01T02:00:00+02:00\n", by=None).n_duplicate == 1


@pytest.mark.parametrize("at", ["", "at = 2026-05-01T00:00:00Z\n"])
def test_a_split_by_hand_gets_the_next_free_id_once(store: Store, at: str) -> None:
    """`into` is left out, with and without a time."""
    entry = '[[change]]\naction = "split"\nsubject = "as64500"\nnetwork = ["192.0.2.0/24"]\nby = "Jo"\nwhy = "x"\n' + at
    assert import_registry(store, entry, by=None).n_accepted == 1
    assert import_registry(store, entry, by=None).n_duplicate == 1
    assert "as64500-2" in load_registry(store, TODAY).providers


def test_an_undoing_by_hand_names_the_beginning_of_an_id(store: Store) -> None:
    """Six characters at least, and of one change only."""
    _accepted(store, ENTRY)
    full = next(line.split('"')[1] for line in export_registry(store).splitlines() if line.startswith("id = "))
    undoing = '[[change]]\naction = "undo"\nundoes = "{}"\nby = "Jo"\nwhy = "mistake"\n'
    for wrong in (full[:5], "", "f" * 64 if full[0] != "f" else "0" * 64):
        assert import_registry(store, undoing.format(wrong), by=None).rejects
    assert import_registry(store, undoing.format(full[:6]), by=None).n_accepted == 1
    assert import_registry(store, undoing.format(full[:9]), by=None).n_duplicate == 1
    assert load_registry(store, TODAY).by_asn[64500] == "as64500"


def test_an_exported_entry_that_was_edited_is_refused(store: Store) -> None:
    """Its id no longer fits; without id and time it is a change of its own."""
    _accepted(store, ENTRY)
    edited = export_registry(store).replace('why = "one owner"', 'why = "two owners"')
    (reject,) = import_registry(store, edited, by=None).rejects
    assert (reject.row, reject.code) == (1, "edited")
    assert "two owners" not in reject.reason


def test_organisations_come_along_and_unknown_ones_are_rejected(store: Store) -> None:
    """With the name given; the rest of the file goes on."""
    entry = '[[change]]\naction = "merge"\nsubject = "{}"\ninto = "as64500"\nby = "Jo"\nwhy = "x"\n'
    text = '[[organisation]]\nid = "org-ripencc-beta"\nname = "Beta GmbH"\n'
    text += entry.format(f"org-ripencc-{MARK}") + entry.format("org-ripencc-beta")
    made = import_registry(store, text, by=None)
    assert (made.n_accepted, [reject.row for reject in made.rejects]) == (1, [1])
    assert MARK not in repr(made)
    assert load_registry(store, TODAY).providers["as64500"].aliases == ("Beta GmbH",)
    assert list(load_registry(store, TODAY).by_organisation) == ["org-ripencc-beta"]


@pytest.mark.parametrize(
    ("entry", "code", "said"),
    [
        (ENTRY.replace("merge", "merg"), "unknown-word", "merge"),
        (ENTRY + f'legl_name = "{MARK}"\n', "unknown-name", "the nearest right one is"),
        (ENTRY.replace("merge", "set") + 'legl_name = "x"\n', "unknown-name", "legal_name"),
        (ENTRY.replace('subject = "as64500"\n', ""), "missing-value", "subject"),
        (ENTRY.replace('"as64500"', f'"{MARK}"'), "not-possible", "This id is not a provider"),
        (ENTRY.replace('"as64500"', "64500"), "wrong-type", "subject"),
        (ENTRY.replace("by =", "#"), "missing-value", "who decided"),
        (ENTRY + "at = 2026-05-01T00:00:00\n", "bad-time", "offset"),
        (ENTRY + 'at = "soon"\n', "bad-time", "offset"),
        (ENTRY + f'id = "{"0" * 64}"\n', "edited", "id"),
        (ENTRY + f'id = "{"0" * 64}"\nat = 2026-05-01T00:00:00Z\n', "edited", "id"),
        (ENTRY.replace("one owner", f"see https://{MARK}.example/"), "bad-text", "in the clear"),
        ("change = [1]\n", "not-a-table", "table"),
        (
            f'[[change]]\naction = "set"\nsubject = "as64500"\nname = "www.{MARK}.example"\nby = "J"\nwhy = "x"\n',
            "bad-text",
            "in the clear",
        ),
        (
            '[[change]]\naction = "assign"\nsubject = "as64500"\nnetwork = "192.0.2.7/32"\nby = "J"\nwhy = "x"\n',
            "not-possible",
            "would name a host",
        ),
    ],
)
def test_a_wrong_entry_is_rejected_with_its_number_and_the_rest_goes_on(
    store: Store, entry: str, code: str, said: str
) -> None:
    """The reason names our fields and the nearest right word, never what was written."""
    good = ENTRY.replace("64500", "64510").replace("64501", "64511")
    text = entry if entry.startswith("change") else entry + good
    made = import_registry(store, text, by=None, clear=plain)
    assert [(reject.row, reject.code) for reject in made.rejects] == [(1, code)]
    assert said in made.rejects[0].reason
    assert MARK not in repr(made)
    assert made.n_accepted == made.n_read - 1
    assert "as64500" not in load_registry(store, TODAY).providers


@pytest.mark.parametrize("text", ["[[change]\n", f'{MARK} = "x', "[change]\na = 1\n", f"[[{MARK}]]\n", "\x00"])
def test_what_is_no_such_file_is_one_line(store: Store, text: str) -> None:
    """The place in the file is said, its text is not; nothing changed."""
    with pytest.raises(InputError) as raised:
        import_registry(store, text, by=None)
    assert MARK not in str(raised.value) and "\n" not in str(raised.value)
    assert changes(store) == ()


def test_the_check_of_clear_texts_is_the_command_lines_own() -> None:
    """`plain` refuses what the entries above were refused for."""
    with pytest.raises(UsageError):
        plain("www.pad.example", "name")


def _accepted(store: Store, text: str) -> int:
    assert import_registry(store, text, by=None).n_accepted
    return changes(store)[-1].change_id


def test_a_merge_of_the_spines_own_function_is_exported_like_any_other(store: Store) -> None:
    """`monitor.store.merge` is the same action."""
    ensure_providers(store, [64500, 64501])
    merge_(store, "as64500", "as64501", **WHO)
    assert 'action = "merge"' in export_registry(store)
