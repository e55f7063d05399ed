"""`monitor keys`: a new key for everything that is sealed, and which keys there are.

In: an open store. Out: ids of keys and counts, never a key. What would surprise: a rotation that was killed is gone on
with by the same command, and every other command works meanwhile; other hosts need the new key file first.
"""

import dataclasses
from datetime import datetime
from typing import Annotated

import typer

from monitor.present import aligned
from monitor.session import Session
from monitor.store.key_file import KEY_FILE
from monitor.store.rotating import Rotated
from monitor.store.rotating import prepare as prepare_key
from monitor.store.rotating import rotate as rotate_keys
from monitor.store.seal_counts import KeyInfo, list_keys

app = typer.Typer(help="The keys that seal the store.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def rotate(
    context: typer.Context,
    prepare: Annotated[
        bool,
        typer.Option(
            "--prepare",
            help="Only put the new key into the key file, to copy that to the other hosts before it is used.",
        ),
    ] = False,
) -> None:
    """Reseal everything with a new key. Killed half-way, the same command goes on; other commands work meanwhile.

    Other hosts that share the database need the new key file. --json: key_id, retired, n_values, n_files, kept (the
    file that still holds the retired keys, for backups from before), went_on.
    """
    session: Session = context.obj
    with session.store() as (opened, _):
        if prepare:
            key_id = prepare_key(opened)
            session.result({"prepared": key_id}, _prepared(key_id))
            return
        with session.bar("keys rotate") as progress:
            done = rotate_keys(opened, progress)
    session.result(dataclasses.asdict(done), _rotated(done))


@app.command("list")
def list_(context: typer.Context) -> None:
    """Every key by its id: since when, until when, and how many values it still seals.

    --json: keys, each with key_id, seals (now), in_file, made_at, retired_at, n_values, n_files.
    """
    session: Session = context.obj
    with session.store() as (opened, _):
        keys = list_keys(opened)
    session.result({"keys": [dataclasses.asdict(key) for key in keys]}, _listed(keys))


def _prepared(key_id: str) -> str:
    return (
        f"key {key_id} is in {KEY_FILE}, not used yet\n"
        f"copy {KEY_FILE} to every other host and to where your backup of it lies, then run `monitor keys rotate`"
    )


def _rotated(done: Rotated) -> str:
    begun = "the rotation that was broken off is done" if done.went_on else "done"
    return (
        f"{begun}: key {done.key_id} seals everything, {', '.join(done.retired)} nothing\n"
        f"{done.n_values} values and {done.n_files} files resealed\n"
        f"copy {KEY_FILE} to every other host and to where your backup of it lies\n"
        f"backups of the store from before open with {done.kept} only: keep it with them, away from here"
    )


def _listed(keys: tuple[KeyInfo, ...]) -> str:
    head = ("key", "made", "retired", "in the key file", "values", "files")
    rows = [
        (
            f"{key.key_id}{' (seals)' if key.seals else ''}",
            _day(key.made_at) if key.made_at else "not used yet",
            _day(key.retired_at) if key.retired_at else "",
            "yes" if key.in_file else "no",
            str(key.n_values),
            str(key.n_files),
        )
        for key in keys
    ]
    return aligned(head, rows)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
