"""`monitor handover`: a whole store handed over to somebody else, looked at on the way, and taken over there.

In: names of files, public keys, a fingerprint. Out: counts and digests. What would surprise: `verify` needs neither
store nor key and makes nothing; and who signed a bundle is told by a fingerprint, which is worth something only if the
receiver had it over a second way.
"""

import getpass
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.db import warn_of_password
from monitor.commands.groups import Group
from monitor.errors import HandoverError, UsageError
from monitor.handover.bundle_file import Verified
from monitor.handover.bundle_file import verify as verify_bundle
from monitor.handover.identity import Identity, read_identity, write_identity
from monitor.handover.seal import public_keys
from monitor.handover.signing import signing_key
from monitor.session import Session, plain
from monitor.store import KEY_FILE

if TYPE_CHECKING:
    from monitor.bundles import Made, Taken

app = typer.Typer(
    cls=Group, no_args_is_help=True, help="Hand a whole store over in one signed and sealed file, or take one over."
)
_KEY_ENDING = ".key"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_FILE = Annotated[Path, typer.Argument(help="A bundle.", show_default=False)]
_SIGNER = Annotated[
    str | None, typer.Option(help="Fingerprint of who has to have signed it, as `handover signer` prints it there.")
]


@app.command("export")
def export_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The bundle; no such file may be there yet.", show_default=False)],
    to: Annotated[
        list[str] | None,
        typer.Option(help="A receiver's public key (age1...); again for each further one. Default: a one-time key."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; goes on the audit log.")] = "hand-over",
    by: Annotated[str | None, typer.Option(help="Who does it. Default: the user of this machine.")] = None,
) -> None:
    """Write everything to one file: facts, frozen datasets, releases, letters, registry, settings, documentation.

    Sealed for its receivers and signed. Without --to a one-time key is written to FILE.key (0600). --json: ok, path,
    files, bytes, digest (SHA-256 of the file), signer, keys (fingerprints), key_file, freezes, releases, rows, heads,
    left_out (settings that are secret), foreign (entries of the data folder that are not the monitor's).
    """
    from monitor import bundles  # noqa: PLC0415 (it loads what reads and writes archives)

    session: Session = context.obj
    public_keys(to or []) if to else None
    who, why = plain(by or getpass.getuser(), "--by"), plain(reason, "--reason")
    with session.store() as (opened, _), session.bar("handover export") as progress:
        made = bundles.export(opened, bundles.Asked(file, to or (), who, why, session.config), progress)
    for line in _warnings(made):
        session.say(f"monitor: {line}")
    more: dict[str, Any] = {"key_file": str(made.key_file) if made.key_file else None, "bytes": made.n_bytes}
    more |= {"left_out": list(made.left_out), "foreign": made.n_foreign}
    session.result({"ok": True, "path": str(made.path), **_told(made.verified), **more}, _exported(made))


@app.command()
def verify(context: typer.Context, file: _FILE, signer: _SIGNER = None) -> None:
    """Look at every byte of a bundle, without a key or a store. Status 1 where one is not as its signer wrote it.

    --json: ok, files, digest (SHA-256 of the file), signer, pinned (whether --signer named it), problems; and where it
    is whole made_at, code_version, schema, method, keys, freezes, releases, rows, heads.
    """
    session: Session = context.obj
    wanted = _fingerprint(signer)
    try:
        with session.bar("handover verify") as progress:
            found = verify_bundle(file, wanted, progress)
    except HandoverError as problem:
        if not session.json:
            raise
        fields = {"ok": False, "files": 0, "digest": None, "signer": None, "pinned": False, "problems": [str(problem)]}
        session.result(fields, "")
        raise typer.Exit(problem.exit_status) from None
    fields = {"ok": True, **_told(found), "pinned": wanted is not None, "problems": []}
    session.result(fields, f"{_text(found)}\n{_who(found.signer, pinned=wanted is not None)}")


@app.command("import")
def import_(
    context: typer.Context,
    file: _FILE,
    key: Annotated[Path | None, typer.Option(help="Your secret age key. Default: FILE.key.")] = None,
    signer: _SIGNER = None,
    to: Annotated[
        str | None,
        typer.Option(help="URL of an empty database. Default: [database] url, else a SQLite file in the data folder."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who does it. Default: the user of this machine.")] = None,
) -> None:
    """Make a store of a bundle in an empty data folder, under a new key of its own; all of it, verified, or nothing.

    Where it is broken off there is no store, and the same command goes on. --json: ok, path, files, digest (SHA-256 of
    the file), signer, pinned, made_at, freezes, releases, rows, heads, older_schema, settings_kept, left_out.
    """
    from monitor import bundles  # noqa: PLC0415 (it loads what reads and writes archives)

    session: Session = context.obj
    database, wanted = session.settings().database, _fingerprint(signer)
    warn_of_password(session, to)
    identity = _receiver(file, key)
    if identity.others_may_read:
        session.say("monitor: other users of this machine can read the secret key. Run `chmod 600` on it")
    who = plain(by or getpass.getuser(), "--by")
    asked = bundles.Wanted(file, identity, wanted, session.data_dir, to or database.url, database.busy_seconds, who)
    with session.bar("handover import") as progress:
        taken = bundles.take_over(asked, progress)
    session.say(f"monitor: a new key was made, {session.data_dir / KEY_FILE}. Copy it to a safe place now")
    for line in _notes(taken, to):
        session.say(f"monitor: {line}")
    more: dict[str, Any] = {
        "pinned": wanted is not None,
        "older_schema": taken.older_schema,
        "settings_kept": taken.settings_kept,
    }
    more |= {"left_out": list(taken.left_out)}
    fields = {"ok": True, "path": str(session.data_dir), **_told(taken.verified), **more}
    session.result(
        fields, f"{session.data_dir}\n{_text(taken.verified)}\n{_who(taken.verified.signer, pinned=wanted is not None)}"
    )


@app.command()
def key(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Where the secret key goes; no such file may be there.", show_default=False)
    ],
) -> None:
    """Make a key pair to receive with: the secret one to FILE (0600), the public one printed, for the sender.

    --json: path, public, fingerprint.
    """
    session: Session = context.obj
    (public,) = public_keys(write_identity(file).public)
    fields = {"path": str(file), "public": public.text, "fingerprint": public.fingerprint}
    session.result(fields, public.text)


@app.command("signer")
def signer_(context: typer.Context) -> None:
    """Print the fingerprint of the key that signs here; tell it to the receiver over a second way.

    --json: fingerprint, public.
    """
    session: Session = context.obj
    with session.store():
        signing = signing_key(session.data_dir, create=True)
    session.result({"fingerprint": signing.fingerprint, "public": signing.public}, signing.fingerprint)


def _receiver(file: Path, key: Path | None) -> Identity:
    """The secret key that was named, else the one beside the bundle."""
    beside = file.with_name(file.name + _KEY_ENDING)
    if key is None and not os.path.lexists(beside):
        what = "There is no secret key beside the bundle, in a file of its name that ends in .key"
        raise HandoverError(what, "Name your own with --key, or put the one-time key there that the sender made")
    return read_identity(key or beside)


def _fingerprint(text: str | None) -> str | None:
    if text is None:
        return None
    bare = text.strip().lower().replace(":", "").replace(" ", "")
    if not _FINGERPRINT.fullmatch(bare):
        raise UsageError("--signer is no fingerprint", "Write the 64 characters that `monitor handover signer` printed")
    return bare


def _told(found: Verified) -> dict[str, Any]:
    head = found.head
    return {
        "files": head.n_files,
        "digest": found.digest,
        "signer": found.signer,
        "made_at": head.made_at.isoformat(),
        "code_version": head.code_version,
        "schema": head.revision,
        "method": head.method,
        "keys": list(head.receivers),
        "freezes": {each.name: each.digest for each in head.freezes},
        "releases": {each.name: each.digest for each in head.releases},
        "rows": {each.name: each.n_rows for each in head.tables},
        "heads": dict(head.heads),
    }


def _text(found: Verified) -> str:
    head = found.head
    rows = sum(table.n_rows for table in head.tables)
    return "\n".join(
        (
            f"made at {head.made_at:%Y-%m-%d %H:%M} UTC by {head.code_version}, schema {head.revision}",
            f"{head.n_files} files, {rows} rows",
            *(f"freeze {each.name} {each.digest}" for each in head.freezes),
            *(f"release {each.name} {each.digest}" for each in head.releases),
            *(f"head of the chain of {name}: {value}" for name, value in head.heads.items()),
            f"SHA-256 {found.digest}",
        )
    )


def _who(fingerprint: str, *, pinned: bool) -> str:
    if pinned:
        return f"every byte is as {fingerprint} signed it"
    return f"every byte is as signed by {fingerprint}: compare this with the sender over a second way, or use --signer"


def _exported(made: "Made") -> str:
    key_file = [f"key {made.key_file}"] if made.key_file else []
    return "\n".join((str(made.path), *key_file, _text(made.verified), f"signed by {made.verified.signer}"))


def _warnings(made: "Made") -> list[str]:
    found = []
    if made.key_file:
        found.append("whoever has the bundle and its key reads every URL: send the key over another way than the file")
    if made.left_out:
        found.append(f"settings that were left out: {', '.join(made.left_out)}")
    if made.n_foreign:
        found.append(f"{made.n_foreign} entries in the data folder are not the monitor's and were left out")
    return found


def _notes(taken: "Taken", to: str | None) -> list[str]:
    found = []
    if taken.older_schema:
        found.append("the bundle has an older schema: run `monitor db upgrade` next")
    if taken.settings_kept:
        found.append("the monitor.toml that was there stays; that of the bundle was not put in place")
    if taken.left_out:
        found.append(f"settings that were not sent along: {', '.join(taken.left_out)}")
    if to is not None:
        found.append("write the URL of the database into [database] url of monitor.toml")
    return found
