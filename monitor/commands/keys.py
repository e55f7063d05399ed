"""`monitor keys`: a new key for everything that is sealed, and which keys there are.

In: an open store. Out: ids of keys and counts, never a key. What would surprise: a rotation that was killed is gone on
with by the same command, and every other command works meanwhile; other hosts need the new key file first. And a key
file for another role is made once everything lies so that its keys cannot open what that role may not see.
"""

import dataclasses
import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.groups import Group
from monitor.errors import UsageError
from monitor.present import aligned
from monitor.session import Session, plain, word
from monitor.store import add_audit
from monitor.store.key_file import KEY_FILE, KeyRole, check_is_new, hand_out, read_ring, ring_for, take_keys
from monitor.store.rotating import Rotated, split
from monitor.store.rotating import prepare as prepare_key
from monitor.store.rotating import rotate as rotate_keys
from monitor.store.seal_counts import KeyInfo, list_keys

app = typer.Typer(cls=Group, help="The keys that seal the store.", no_args_is_help=True, rich_markup_mode=None)


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


@app.command()
def role(
    context: typer.Context,
    role: Annotated[str, typer.Argument(help="operator or hotline.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="The key file for that role; none may be there yet. Needed.")] = None,
    by: Annotated[str | None, typer.Option(help="Who makes it. Default: the user of this machine.")] = None,
) -> None:
    """Write the key file of a role; the first time, put URLs and host names into a vault.

    The operator's opens no URL and no host name but those of live sources; the hotline's opens all. The first time
    everything is sealed with a new key, as by `keys rotate`. --json: role, path, key_id, vault, split (whether it was
    done now), kept (the file with the keys from before, null where there is none).
    """
    session: Session = context.obj
    chosen = word(KeyRole, role, "ROLE")
    if chosen not in (KeyRole.OPERATOR, KeyRole.HOTLINE):
        raise UsageError("There is no key file for that role", "operator or hotline; see `monitor research export`")
    if out is None:
        raise UsageError("Where the key file goes was not said", "Write --out FILE")
    who = plain(by or getpass.getuser(), "--by")
    check_is_new(out)  # before everything is sealed anew, and before the audit log says that it was handed out
    with session.store() as (opened, _):
        with session.bar("keys role") as progress:
            done = split(opened, progress)
        ring = ring_for(read_ring(opened.data_dir), chosen)
        said = f"key {ring.key_ids[-1]}, vault {ring.vaults[-1].key_id}"
        add_audit(opened, actor=who, action=f"keys role {chosen.value}", subject=said, reason="key file handed out")
        hand_out(out, ring)
    fields = {
        "role": chosen.value,
        "path": str(out),
        "key_id": ring.key_ids[-1],
        "vault": ring.vaults[-1].key_id,
        "split": done is not None,
        "kept": None if done is None else done.kept,
    }
    session.result(fields, _handed_out(chosen, out, done))


@app.command()
def take(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Another key file of the same store.", show_default=False)],
) -> None:
    """Take the working keys of another role's key file, after keys were rotated there; the vault's keys stay.

    --json: taken (ids of the keys that were new).
    """
    session: Session = context.obj
    taken = take_keys(session.data_dir, file)
    session.result({"taken": taken}, f"taken: {', '.join(taken)}" if taken else "it holds no key that is new here")


@app.command("list")
def list_(context: typer.Context) -> None:
    """Every key by its id: since when, until when, and how many values it still seals.

    --json: role (whose key file this is), keys, each with key_id, seals (now), in_file, made_at, retired_at, n_values,
    n_files, vault, opens.
    """
    session: Session = context.obj
    with session.store() as (opened, _):
        keys, whose = list_keys(opened), opened.sealer.role.value
    fields = {"role": whose, "keys": [dataclasses.asdict(key) for key in keys]}
    session.result(fields, f"key file of the {whose}\n{_listed(keys)}")


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


def _handed_out(chosen: KeyRole, out: Path, done: Rotated | None) -> str:
    lines = [f"{out}", f"the key file of the {chosen.value}: bring it there as {KEY_FILE}, on a way of its own"]
    if done is not None:
        lines += [
            f"URLs and host names that no live source names lie in the vault; {done.n_values} values resealed",
            f"{KEY_FILE} here is the hotline's now: the operator's host must not keep it, nor {done.kept}",
        ]
    return "\n".join(lines)


def _listed(keys: tuple[KeyInfo, ...]) -> str:
    head = ("key", "made", "retired", "in the key file", "values", "files")
    rows = [
        (
            f"{key.key_id}{' (vault)' if key.vault else ' (seals)' if key.seals else ''}",
            _day(key.made_at) if key.made_at else "" if key.vault else "not used yet",
            _day(key.retired_at) if key.retired_at else "",
            ("yes" if key.opens else "seals only") if key.in_file else "no",
            str(key.n_values),
            str(key.n_files),
        )
        for key in keys
    ]
    return aligned(head, rows)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
