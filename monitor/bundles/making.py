"""A bundle made: one signed file with a whole store, sealed for its receivers.

In: an open store, a name, public keys or none. Out: that file (0600), there whole or not at all, and where no key was
given a one-time key beside it (FILE.key, 0600). What would surprise: every byte is looked at again before the file has
its name, and the audit log says that it was made before anybody can have it. The store's own keys do not go along, but
the key of the blind indexes does, sealed (decision 023).
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from monitor.backup.archive import SourceChanged
from monitor.backup.manifest import SETTINGS
from monitor.bundles.packing import Packing, Progress
from monitor.clock import now
from monitor.disk import give_name, locked_draft, remove_drafts_of, remove_left_over
from monitor.errors import HandoverError
from monitor.handover.bundle_file import Verified, verify, write_bundle
from monitor.handover.identity import read_identity, write_identity
from monitor.handover.seal import PublicKey, public_keys
from monitor.handover.signing import signing_key
from monitor.store import Store, audit

ACTION = "handover export"
KEY_ENDING = ".key"
_DRAFT = (".new-", ".bundle")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """`keys`: public keys of receivers; none: a one-time key is made. `config`: the settings' file, if elsewhere."""

    path: Path
    keys: Sequence[str]
    by: str
    reason: str
    config: Path | None


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle. `key_file`: of the one-time key; `n_foreign`: entries of the data folder that are not the monitor's."""

    path: Path
    verified: Verified
    n_bytes: int
    key_file: Path | None
    left_out: tuple[str, ...]
    n_foreign: int


def export(store: Store, asked: Asked, progress: Progress) -> Made:
    """Raises HandoverError, KeyProblem where this key file may not open what is sealed, StoreError, BackupError."""
    store.sealer.check_may_reveal()
    try:
        remove_left_over(asked.path.absolute().parent, *_DRAFT)
        if os.path.lexists(asked.path):
            raise _taken()
        with _one_time_key(asked) as (key_file, keys):
            return _written(store, asked, keys, key_file, progress)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "unknown reason"
        raise HandoverError(f"The bundle cannot be written: {reason}", "Make room or give access") from None


@contextmanager
def _one_time_key(asked: Asked) -> Iterator[tuple[Path | None, tuple[PublicKey, ...]]]:
    """The receivers' keys, or one made for this file alone, which goes again where there will be no such file.

    One that is there already was left by an export that was killed: it is used, and never written over.
    """
    if asked.keys:
        yield None, public_keys(asked.keys)
        return
    path = asked.path.with_name(asked.path.name + KEY_ENDING)
    remove_drafts_of(path)
    there = os.path.lexists(path)
    identity = read_identity(path) if there else write_identity(path)
    try:
        yield path, public_keys(identity.public)
    except BaseException:
        if not there:
            with suppress(OSError):
                path.unlink()
        raise


def _written(
    store: Store, asked: Asked, keys: tuple[PublicKey, ...], key_file: Path | None, progress: Progress
) -> Made:
    signer = signing_key(store.data_dir, create=True)
    for _ in range(_TRIES):
        handle, draft = locked_draft(asked.path.absolute().parent, *_DRAFT)
        try:
            with os.fdopen(handle, "wb") as file, suppress(SourceChanged):
                config = asked.config or store.data_dir / SETTINGS
                packing = Packing(store, config, now(), asked.by, asked.reason, progress)
                with closing(packing.pieces()) as pieces:
                    write_bundle(file, pieces, keys, partial(packing.head, keys), signer)
                file.flush()
                os.fsync(file.fileno())
                verified = verify(draft, signer.fingerprint, progress)
                _say(store, asked, keys, verified)
                _put_in_place(draft, asked.path)
                n_bytes = asked.path.stat().st_size
                return Made(asked.path, verified, n_bytes, key_file, packing.left_out, packing.n_foreign)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    raise HandoverError(
        "Files in the data folder change all the time", "Close the documents that are open, and try again"
    )


def _say(store: Store, asked: Asked, keys: tuple[PublicKey, ...], made: Verified) -> None:
    """Who gets everything, and why, is on the audit log before the file has its name."""
    to = ", ".join(key.fingerprint[:16] for key in keys)
    said = f"{asked.reason} (sealed for {to}; SHA-256 {made.digest})"
    audit.add_audit(store, actor=asked.by, action=ACTION, subject=f"bundle {made.digest[:16]}", reason=said)


def _put_in_place(draft: Path, path: Path) -> None:
    """Under its name, on disk; never over another file."""
    try:
        give_name(draft, path)
    except FileExistsError:
        raise _taken() from None


def _taken() -> HandoverError:
    return HandoverError("A file of that name is there already", "Name another file, or move that one away")
