"""Whether a store is what it was: chains, what imports brought, what refers to what, seals, letters, frozen datasets.

In: an open store, and heads of the chains that somebody wrote down. Out: what was counted and each problem in words.
What would surprise: nothing is repaired, and of what is sealed replies to Letters alone are opened; a wrong or lost key
is said when the store is opened.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, select

from monitor.errors import FreezeError, KeyProblem, LetterError
from monitor.store.chain_checks import ChainWalk, Progress, walk_audit, walk_observations
from monitor.store.chains import ChainHeads, heads_in
from monitor.store.database import Store
from monitor.store.frozen_manifest import freezes, read_manifest, verify_files
from monitor.store.import_checks import check_inputs
from monitor.store.letter_files import open_document
from monitor.store.seal_counts import sealed_counts, sealed_files
from monitor.store.seals import seals_in
from monitor.store.tables import ObservationRow, OutcomeRow, table_of
from monitor.store.vault import Vault

_OBSERVATIONS, _OUTCOMES = table_of(ObservationRow), table_of(OutcomeRow)
_NAMED_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found; all is well where there is no problem."""

    n_observations: int
    n_links: int
    n_audit: int
    n_inputs: int
    n_not_covered: int  # inputs from before there were sums of what they brought
    n_sealed: int
    n_freezes: int
    heads: ChainHeads
    problems: tuple[str, ...]


def verify(store: Store, heads: Collection[str], progress: Progress) -> Verified:
    """Walk through everything, in one state of the database. `heads`: links in hex. Raises StoreError, StoreBusy."""
    wanted = {head.lower() for head in heads}
    with store.read() as connection:
        observed = walk_observations(connection, wanted, progress)
        audited = walk_audit(connection, wanted, progress)
        now = heads_in(connection)
        counts = sealed_counts(connection)
        imported = check_inputs(connection, store.sealer, progress)
        problems = [
            *observed.problems,
            *audited.problems,
            *_unknown_heads(wanted, observed, audited),
            *_outcomes(connection),
            *imported.problems,
            *_seals(connection, counts, store.sealer.vault),
        ]
    problems.extend(_letters(store))
    folders = freezes(store.data_dir)
    for done, folder in enumerate(folders):
        progress(done, len(folders))
        try:
            verify_files(folder, read_manifest(folder))
        except FreezeError as error:
            problems.append(f"frozen datasets: {error.message}")
    return Verified(
        n_observations=observed.n_rows,
        n_links=observed.n_links,
        n_audit=audited.n_rows,
        n_inputs=imported.n_rows,
        n_not_covered=imported.n_not_covered,
        n_sealed=sum(counts.values()),
        n_freezes=len(folders),
        heads=now,
        problems=tuple(problems),
    )


def _unknown_heads(wanted: Collection[str], *walks: ChainWalk) -> Iterator[str]:
    for head in sorted(set(wanted) - {found for walk in walks for found in walk.found}):
        yield f"the head {head[:16]}... is in no chain: its end was cut off, or what was before it was changed"


def _outcomes(connection: Connection) -> Iterator[str]:
    """A foreign key holds this, unless somebody wrote past it."""
    both = _OUTCOMES.outerjoin(_OBSERVATIONS, _OBSERVATIONS.c.id == _OUTCOMES.c.observation_id)
    lost = select(_OUTCOMES.c.observation_id).select_from(both).where(_OBSERVATIONS.c.id.is_(None))
    for key in connection.scalars(lost.order_by(_OUTCOMES.c.observation_id).limit(_NAMED_AT_MOST)):
        yield f"outcomes: the observation {key} is not there"


def _letters(store: Store) -> Iterator[str]:
    """Every reply of a Provider opens, and is what it was when it was kept: its name is its SHA-256."""
    for path, letter_id in sealed_files(store.data_dir):
        try:
            digest = sha256(open_document(store, int(letter_id), path.stem)).hexdigest()
        except (KeyProblem, LetterError) as error:
            yield f"letters: a sealed file of letter {letter_id}: {error.message}"
        else:
            if digest != path.stem:
                yield f"letters: a sealed file of letter {letter_id} is not what was kept under its name"


def _seals(connection: Connection, counts: dict[tuple[str, str], int], vault: Vault | None) -> Iterator[str]:
    """Every sealed value names a key that the store knows and has in use."""
    in_use = {seal.key_id for seal in seals_in(connection) if seal.retired_at is None}
    in_use.update(() if vault is None else vault.key_ids)
    for (column, key_id), n in sorted(counts.items()):
        if key_id not in in_use:
            yield f"seals: {n} of {column} name a key that does not seal this store"
