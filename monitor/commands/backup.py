"""`monitor backup` and `monitor restore`: all of a store but its key as one file, and the store from that file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.clock import now
from monitor.commands.db import warn_of_password
from monitor.errors import UsageError
from monitor.remains import note_backup, note_begun, remove_drafts
from monitor.session import Session
from monitor.store import KEY_FILE

if TYPE_CHECKING:
    from monitor.backup import Restored
    from monitor.store.copying import TableDigest

_NO_KEY = f"the key is not in a backup: keep a copy of {KEY_FILE} elsewhere, without it nothing in a backup opens"


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The backup; no such file may be there yet.", show_default=False)],
    check: Annotated[
        bool, typer.Option("--check", help="Look at every byte of it again before it counts as the last backup.")
    ] = False,
) -> None:
    """Write all of the store but its key to one file, while other commands go on working.

    In it: the database as of one moment, frozen datasets, releases, letters and what else the monitor keeps in the data
    folder, and the settings. Any changed byte of it is noticed. --json: path, files, bytes, digest (SHA-256 of the
    file), heads (of the hash chains), tables (name, n_rows, digest), left_out (entries of the data folder that are not
    the monitor's), and key, which is always false.
    """
    from monitor import backup as backups  # noqa: PLC0415 (it loads what reads and writes archives)

    session: Session = context.obj
    begun_at = now()
    remove_drafts(session.data_dir)

    def finished(draft: Path) -> None:
        if not check:  # else it counts once it was looked at
            note_begun(session.data_dir, begun_at, draft, file)

    with session.bar("backup") as progress:
        made = backups.backup(session.data_dir, session.settings(), session.config, file, progress, finished)
    if check:
        backups.verify_backup(file)
    note_backup(session.data_dir, begun_at)
    session.say(f"monitor: {_NO_KEY}")
    if made.n_left_out:
        session.say(f"monitor: {made.n_left_out} entries in the data folder are not the monitor's and were left out")
    fields = {"path": str(made.path), "files": made.n_files, "bytes": made.n_bytes}
    fields |= _proof(made.digest, made.heads, made.tables) | {"left_out": made.n_left_out, "key": False}
    session.result(fields, f"{made.path}\n{_summary(fields)}")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup.", show_default=False)],
    key: Annotated[
        Path | None, typer.Option(help="The key file of that store. Default: the one in the data folder.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="URL of an empty database. Default: [database] url, else a SQLite file in the data folder."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only look whether every byte of the backup is right.")
    ] = False,
) -> None:
    """Put a backup into an empty data folder, everything verified before anything is in place.

    Where it is broken off, there is no store, and the same command goes on. --json: path, made_at, files, digest
    (SHA-256 of the file), heads, tables (name, n_rows, digest), older_schema, url_left_out and settings_kept (whether
    [database] url of the backup's settings was left out, and whether settings that were there stay).
    """
    from monitor import backup as backups  # noqa: PLC0415 (it loads what reads and writes archives)

    session: Session = context.obj
    if check:
        if key is not None or to is not None:
            raise UsageError("--check only looks at the file", "Leave --key and --to out")
        manifest, digest = backups.verify_backup(file)
        fields = {"made_at": manifest.made_at.isoformat(), "files": len(manifest.files)}
        fields |= _proof(digest, manifest.heads, manifest.tables)
        session.result(fields, f"made at {fields['made_at']}\n{_summary(fields)}")
        return
    database = session.settings().database
    warn_of_password(session, to)
    wanted = backups.Wanted(file, session.data_dir, key, to or database.url, database.busy_seconds)
    with session.bar("restore") as progress:
        made = backups.restore(wanted, progress)
    for line in _said(made):
        session.say(f"monitor: {line}")
    if to is not None:
        session.say("monitor: write the URL of the restored database into [database] url of monitor.toml")
    fields = _fields(made)
    session.result(fields, f"{made.data_dir}\n{_summary(fields)}")


def _fields(made: "Restored") -> dict[str, Any]:
    return {
        "path": str(made.data_dir),
        "made_at": made.made_at.isoformat(),
        "files": made.n_files,
        **_proof(made.digest, made.heads, made.tables),
        "older_schema": made.older_schema,
        "url_left_out": made.settings.url_left_out,
        "settings_kept": made.settings.kept,
    }


def _proof(digest: str, heads: Mapping[str, str], tables: "Sequence[TableDigest]") -> dict[str, Any]:
    return {"digest": digest, "heads": dict(heads), "tables": [*map(asdict, tables)]}


def _summary(fields: Mapping[str, Any]) -> str:
    """A few lines to write down beside the file."""
    rows = sum(table["n_rows"] for table in fields["tables"])
    heads = [f"head of the chain of {name}: {head}" for name, head in fields["heads"].items()]
    return "\n".join([f"{fields['files']} files, {rows} rows", f"SHA-256 {fields['digest']}", *heads])


def _said(made: "Restored") -> Iterator[str]:
    """What the operator should know before anything else is done."""
    if made.older_schema:
        yield "the backup has an older schema: run `monitor db upgrade` next"
    if made.settings.url_left_out:
        yield "[database] url was left out of monitor.toml, so that nothing opens the store of before by mistake"
    if made.settings.kept:
        yield "the monitor.toml that was there stays; that of the backup was not put in place"
