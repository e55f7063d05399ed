"""`backup` and `restore`: the same store comes back, whole or not at all; the file shows no secret and any change."""

import io
import json
import os
import random
import shutil
import signal
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import zstandard
from alembic import command

from monitor import briefing, exchanging, provider_files
from monitor.backup import Backup, Restored, Wanted, backup, restore, verify_backup
from monitor.backup.archive import write_archive
from monitor.backup.making import KEYED_CONTEXT
from monitor.backup.manifest import FOLDERS
from monitor.commands import privacy
from monitor.config import Database, Settings, load_settings
from monitor.errors import BackupError, KeyProblem, MonitorError, StoreError, StoreMissing, StoreNewer
from monitor.orders import file as order_file
from monitor.store import KEY_FILE, frozen_remeasured, open_store
from monitor.store.any_schema import open_of_any_schema
from monitor.store.chains import chain_heads
from monitor.store.copying import table_digests
from monitor.store.database import place_of
from monitor.store.engines import Work, make_engine, transaction
from monitor.store.frozen_manifest import folder_of
from monitor.store.letter_files import LETTERS
from monitor.store.schema import alembic_config
from monitor.store.sealing import load_key
from tests import forked
from tests.engines import Engine, copied, engine_of
from tests.line.test_leaks import forms

PERIOD = "2026H1"
END_BYTES = 80
CONFIG = "[sources.press]\ntrusted = false\n"
LETTER = "letters/7/brief.docx"
KILLED = """
import os, signal, sys
from pathlib import Path
from monitor.backup import Wanted, backup, restore
from monitor.config import Database, Settings

verb, at, path, data, key, url = sys.argv[1:]
seen = 0

def hook(event, args):
    global seen
    if event in ("os.rename", "os.link", "os.mkdir", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp"):
        seen += 1
        if seen == int(at):
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
silent = lambda done, total: None
if verb == "restore":
    restore(Wanted(Path(path), Path(data), Path(key), url or None, 5.0), silent)
else:
    backup(Path(data), Settings(database=Database(url=url or None)), None, Path(path), silent)
print(seen)
"""


def silent(_done: int, _total: int) -> None:
    pass


def settings_of(data: Path) -> Settings:
    return load_settings(data, None).model_copy(update={"database": Database(url=engine_of(data).url(data))})


def backed_up(data: Path, path: Path, progress: Callable[[int, int], None] = silent) -> Backup:
    return backup(data, settings_of(data), None, path, progress)


def wanted(path: Path, data: Path, key: Path | None) -> Wanted:
    return Wanted(path, data, key, engine_of(data).url(data), 5.0)


def digests(data: Path) -> Any:
    with open_of_any_schema(data, engine_of(data).url(data)) as store, store.read() as connection:
        return table_digests(connection)


def kept(data: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a data folder that is not the database, a lock or hidden: its mode and bytes.

    The settings come back for their owner alone, whatever they were before.
    """
    paths = (path for path in sorted(data.rglob("*")) if path.is_file() and not path.name.startswith("."))
    left_out, shown = ("monitor.sqlite", "checks.lock"), {".toml": 0o700}
    return {
        str(path.relative_to(data)): (path.stat().st_mode & shown.get(path.suffix, 0o777), path.read_bytes())
        for path in paths
        if not path.name.startswith(left_out)
    }


@dataclass(frozen=True)
class Made:
    """One backup of the line's store, with a letter. Not to be changed."""

    path: Path
    data: Path
    made: Backup

    @property
    def key(self) -> Path:
        return self.data / KEY_FILE

    @property
    def content(self) -> bytes:
        return self.path.read_bytes()


@pytest.fixture
def made(
    engine: Engine,
    once: Callable[..., Made],
    make: Callable[..., Any],
    inputs: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Made:
    """The hand-made cases up to the freeze, and files such as later commands write."""

    def made_once() -> Made:
        monitor, path = make("backed-up", CONFIG), tmp_path_factory.mktemp("backup") / "a.backup"
        tables = ["refdata", "import", *inputs.tables]
        monitor.documents(["import", inputs.reports], ["import", inputs.checks], tables, ["freeze", PERIOD])
        for name, mode in (
            (LETTER, 0o400),
            ("releases/2026H1-interim-v1/nl/index.html", 0o644),
            ("refused/x.txt", 0o600),
        ):
            (monitor.data / name).parent.mkdir(parents=True)
            (monitor.data / name).write_bytes(f"what {name} holds".encode())
            (monitor.data / name).chmod(mode)
        (monitor.data / "letters" / "8").mkdir()
        return Made(path, monitor.data, backed_up(monitor.data, path))

    return once(engine, "backup", made_once)


@pytest.fixture
def target(engine: Engine, tmp_path: Path) -> Path:
    """A data folder that is not there yet, with an empty database where the engine needs one."""
    engine.place(tmp_path / "new")
    return tmp_path / "new"


def _gives(target: Path) -> StoreError | None:
    """What opening says, None where there is a store."""
    try:
        open_store(target, engine_of(target).url(target), create=False).close()
    except StoreError as error:
        return error
    return None


# --- there and back -------------------------------------------------------------------------------------------


def test_what_was_backed_up_comes_back(made: Made, target: Path) -> None:
    """Every table, file, mode and chain; and the manifest says so, file by file."""
    back = restore(wanted(made.path, target, made.key), silent)
    assert back.tables == made.made.tables == digests(target) == digests(made.data)
    assert kept(target) == kept(made.data)
    assert kept(target)[LETTER] == (0o400, f"what {LETTER} holds".encode())
    assert (target / "letters" / "8").is_dir()
    assert target.stat().st_mode & 0o777 == 0o700
    with open_store(target, engine_of(target).url(target), create=False) as store:
        heads = chain_heads(store)
    assert dict(back.heads) == {"observations": heads.observations, "audit": heads.audit}
    manifest, digest = verify_backup(made.path)
    assert digest == back.digest == made.made.digest == sha256(made.content).hexdigest()
    hashes = {name: sha256(content).hexdigest() for name, (_, content) in kept(made.data).items() if name != KEY_FILE}
    assert {file.path: file.sha256 for file in manifest.files if file.path != "monitor.sqlite"} == hashes


def test_a_restored_store_freezes_and_publishes_the_same(copy: Any, make: Callable[..., Any], line: Any) -> None:
    """By the commands: same digest of the freeze, the releases verify, and the next release is the same one."""
    restored, file = make("restored"), copy.cwd / "a.backup"
    said = copy.json("backup", file)
    assert said["key"] is False
    assert said["left_out"] == 0
    assert said["bytes"] == file.stat().st_size
    assert said["digest"] == sha256(file.read_bytes()).hexdigest()
    checked = copy.json("restore", file, "--check")
    back = restored.json("restore", file, "--key", copy.data / KEY_FILE)
    assert back["tables"] == said["tables"] == checked["tables"]
    frozen, published = restored.documents(["freeze", PERIOD], ["publish", PERIOD])
    assert frozen["digest"] == line.said["freeze"]["digest"]
    assert published["digest"] == line.said["publish"]["digest"]
    (release,) = (restored.data / "releases").iterdir()
    assert restored.run("publish", "--verify", release).status == 0
    assert restored.json("verify")["ok"]


def test_a_backup_goes_from_either_engine_to_a_file_in_the_folder(made: Made, tmp_path: Path) -> None:
    """Of a server too, the database in a backup is a SQLite file: one restores without a server."""
    back = restore(Wanted(made.path, tmp_path / "lite", made.key, None, 5.0), silent)
    assert back.tables == made.made.tables
    with open_store(tmp_path / "lite", None, create=False) as store, store.read() as connection:
        assert table_digests(connection) == made.made.tables


def test_the_tools_of_any_machine_open_a_backup(made: Made) -> None:
    """A plain Zstandard frame with a plain tar in it: the manifest first, then each of its files."""
    content = zstandard.ZstdDecompressor().stream_reader(made.content, read_across_frames=False).read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        names = tar.getnames()
    assert names[0] == "manifest.json"
    assert names[1:] == [file.path for file in verify_backup(made.path)[0].files]


def test_an_older_schema_is_backed_up_and_comes_back(engine: Engine, made: Made, tmp_path: Path, target: Path) -> None:
    """A backup comes before `db upgrade`; the restored store wants that upgrade, and says so."""
    data = copied(made.data, tmp_path / "older")
    opened = make_engine(place_of(data, engine.url(data)), 5.0)
    with transaction(opened, Work.WRITE) as connection:
        command.downgrade(alembic_config(connection), "0005")
    opened.dispose()
    old = backed_up(data, tmp_path / "old.backup")
    assert old.older_schema
    assert old.heads == {}
    back = restore(wanted(tmp_path / "old.backup", target, made.key), silent)
    assert back.older_schema
    assert back.tables == old.tables == digests(target)
    assert "db upgrade" in str(_gives(target))


def test_a_backup_while_an_import_is_going_on_is_of_one_moment(make: Callable[..., Any], tmp_path: Path) -> None:
    """The import does not notice; what comes back holds whole batches, and the same import again completes it."""
    n, start = 10_500, datetime(2026, 1, 2, tzinfo=UTC)
    first, second, file = make("importing"), make("put back"), tmp_path / "a.backup"
    rows = [f"R{i},http://h{i}.example/x,{(start + timedelta(minutes=i)).isoformat()}\n" for i in range(n)]
    (tmp_path / "reports.csv").write_text("record_id,url,reported_at\n" + "".join(rows), encoding="utf-8")
    (tmp_path / "one.csv").write_text(f"record_id,url,reported_at\n{rows[0]}", encoding="utf-8")
    first.json("import", tmp_path / "one.csv")
    process = first.start("import", tmp_path / "reports.csv")
    while process.poll() is None and first.rows("SELECT count(*) FROM reports")[0][0] < 2:
        pass
    backed_up(first.data, file)
    assert process.wait() == 0
    assert first.rows("SELECT count(*) FROM reports") == [(n,)]
    restore(wanted(file, second.data, first.data / KEY_FILE), silent)
    ((n_taken,),) = second.rows("SELECT count(*) FROM reports")
    assert n_taken % 5_000 in (0, n % 5_000)
    assert second.rows("SELECT count(*) FROM records") == [(n_taken,)]
    said = second.json("import", tmp_path / "reports.csv")
    assert (said["read"], said["accepted"] + said["duplicate"], said["rejected"]) == (n, n, 0)
    assert second.rows("SELECT count(*) FROM reports") == [(n,)]


# --- what is in the file --------------------------------------------------------------------------------------


def test_no_byte_of_a_backup_shows_a_url_host_or_address(copy: Any, tmp_path: Path, inputs: Any) -> None:
    """Each that was imported is searched for in the archive and in all that it unpacks to; nor is the key in it."""
    backed_up(copy.data, tmp_path / "a.backup")
    content = (tmp_path / "a.backup").read_bytes()
    whole = content + zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=False).read()
    reports = inputs.reports.read_text(encoding="utf-8").splitlines()
    columns = reports[0].split(",")
    planted = set()
    for line in reports[1:]:
        row = dict(zip(columns, line.split(","), strict=False))
        planted |= {row.get(name, "") for name in ("url", "host", "ip", "origin_ip")}
        planted |= {row["url"].split("/")[2]} if row.get("url") else set()
    key = json.loads((copy.data / KEY_FILE).read_text())
    planted |= {key["encryption_key"], key["index_key"], "planted-secret.example"}
    planted = {text for text in planted if len(text) > 6}
    assert len(planted) > 40
    lower = whole.lower()
    assert [text for text in planted for form in forms(text.lower()) if form in lower] == []


def test_what_is_not_the_monitors_is_left_out_and_counted(made: Made, tmp_path: Path) -> None:
    """Files of other people, links, hidden drafts, locks, the key, and backups that lie in the data folder."""
    data = copied(made.data, tmp_path / "data")
    for ours in ("worker-a.lock", f"{KEY_FILE}.before-0badcafe", "monitor.sqlite-journal"):
        (data / ours).touch()
    (data / "export.csv").write_text("http://planted-secret.example/")
    (data / "backups").mkdir()
    (data / "letters" / "link.docx").symlink_to(data / "export.csv")
    (data / "letters" / ".~lock.brief.docx#").write_text("somebody")
    (data / "releases" / ".release-half").mkdir()
    again = backed_up(data, data / "backups" / "a.backup")
    assert again.n_left_out == 3
    assert again.n_files == made.made.n_files
    manifest, _ = verify_backup(again.path)
    assert manifest.files == verify_backup(made.path)[0].files
    assert [path.name for path in (data / "backups").iterdir()] == ["a.backup"]


def test_every_folder_that_a_command_fills_is_taken() -> None:
    """Those that have a name of their own in the code; a new one has to be added to a backup."""
    named = {briefing.FOLDER, exchanging.FOLDER, provider_files.FOLDER, order_file.FOLDER}
    named |= {LETTERS, frozen_remeasured.FOLDER, folder_of(Path()).name, privacy.FOLDER}
    assert named < set(FOLDERS)


def test_a_backup_is_for_its_owner_alone(made: Made) -> None:
    """0600 whatever the umask."""
    assert made.path.stat().st_mode & 0o777 == 0o600


def test_any_changed_byte_is_noticed(made: Made, tmp_path: Path, target: Path) -> None:
    """One bit at the start, at the end or anywhere between, a byte more or a part less: BackupError, nothing made."""
    content, changed, draw = made.content, tmp_path / "changed.backup", random.Random(8)
    places = [*range(40), *range(len(content) - END_BYTES - 8, len(content))]
    places += [draw.randrange(len(content)) for _ in range(300)]
    for place in places:
        byte = content[place] ^ (1 << draw.randrange(8))
        changed.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
        with pytest.raises(BackupError):
            verify_backup(changed)
    for other in (content + b"\0", content[1:], b"", content[:END_BYTES], *(content[:-n] for n in (1, 80, 81, 5000))):
        changed.write_bytes(other)
        with pytest.raises(BackupError):
            restore(wanted(changed, target, made.key), silent)
    assert not target.exists()


def test_a_backup_is_never_written_over(made: Made, tmp_path: Path) -> None:
    """Nor a file of another kind, nor what a link leads to; a folder that is not there is said."""
    before = made.content
    with pytest.raises(BackupError, match="already"):
        backed_up(made.data, made.path)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BackupError, match="already"):
        backed_up(made.data, tmp_path / "link")
    with pytest.raises(BackupError, match="folder that is there"):
        backed_up(made.data, tmp_path / "missing" / "a.backup")
    assert made.content == before
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_a_file_that_changes_while_it_is_packed_is_packed_anew(made: Made, tmp_path: Path) -> None:
    """A letter that somebody saves meanwhile: the backup holds what it is now; where it never rests, that is said."""
    data = copied(made.data, tmp_path / "data")
    letter, n_saved = data / LETTER, [0]
    letter.chmod(0o600)

    def saving(until: int) -> Callable[[int, int], None]:
        def progress(_done: int, _total: int) -> None:
            if n_saved[0] < until:
                n_saved[0] += 1
                letter.write_bytes(f"saved {n_saved[0]} times".encode())

        return progress

    backed_up(data, tmp_path / "a.backup", saving(1))
    (entry,) = (file for file in verify_backup(tmp_path / "a.backup")[0].files if file.path == LETTER)
    assert entry.sha256 == sha256(b"saved 1 times").hexdigest()
    with pytest.raises(BackupError, match="change all the time"):
        backed_up(data, tmp_path / "b.backup", saving(10**6))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.backup", "data"]


def test_two_backups_to_one_name_end_in_one(made: Made, tmp_path: Path) -> None:
    """The second that is done finds the name taken; the first is whole."""
    said: list[MonitorError] = []
    first: list[Backup] = []

    def progress(done: int, total: int) -> None:
        if done == total:
            first.append(backed_up(made.data, tmp_path / "a.backup"))

    try:
        backed_up(made.data, tmp_path / "a.backup", progress)
    except BackupError as error:
        said.append(error)
    assert "already" in str(said[0])
    assert verify_backup(tmp_path / "a.backup")[1] == first[0].digest
    assert [path.name for path in tmp_path.iterdir()] == ["a.backup"]


def test_without_a_store_or_its_key_there_is_no_backup(made: Made, engine: Engine, tmp_path: Path) -> None:
    """Each said at once, and no file is made."""
    engine.place(tmp_path / "none")
    with pytest.raises(StoreMissing):
        backed_up(tmp_path / "none", tmp_path / "a.backup")
    data = copied(made.data, tmp_path / "data")
    (data / KEY_FILE).rename(tmp_path / "kept.key")
    with pytest.raises(KeyProblem):
        backed_up(data, tmp_path / "a.backup")
    assert not (tmp_path / "a.backup").exists()
    assert not (data / KEY_FILE).exists()


# --- what is refused ------------------------------------------------------------------------------------------


def test_a_restore_wants_the_key_of_that_store(made: Made, target: Path, tmp_path: Path) -> None:
    """None, another store's, a damaged one, or another than lies in the folder: KeyProblem, and nothing is in place."""
    open_store(tmp_path / "other", None, create=True).close()
    (tmp_path / "damaged.key").write_text('{"format": ')
    for key in (None, tmp_path / "other" / KEY_FILE, tmp_path / "damaged.key", tmp_path / "missing.key"):
        with pytest.raises(KeyProblem):
            restore(wanted(made.path, target, key), silent)
        assert not target.exists()
    target.mkdir()
    shutil.copy(tmp_path / "other" / KEY_FILE, target)
    before = (target / KEY_FILE).read_bytes()
    for key in (None, made.key):
        with pytest.raises(KeyProblem):
            restore(wanted(made.path, target, key), silent)
        assert [path.name for path in target.iterdir()] == [KEY_FILE]
    assert (target / KEY_FILE).read_bytes() == before


def test_the_key_may_lie_in_the_folder_already(made: Made, target: Path) -> None:
    """Then --key is not needed."""
    target.mkdir(mode=0o700)
    shutil.copy(made.key, target)
    restore(wanted(made.path, target, None), silent)
    assert digests(target) == made.made.tables


def test_a_folder_or_database_that_is_not_empty_is_left_alone(made: Made, target: Path) -> None:
    """Whatever lies in the folder; and a store that is there is not written over, whether it is the same or not."""
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    with pytest.raises(BackupError, match="not empty"):
        restore(wanted(made.path, target, made.key), silent)
    assert [path.name for path in target.iterdir()] == ["notes.txt"]
    (target / "notes.txt").unlink()
    open_store(target, engine_of(target).url(target), create=True).close()
    before = digests(target)
    with pytest.raises(BackupError, match="a store already"):
        restore(wanted(made.path, target, made.key), silent)
    assert digests(target) == before


def _keyed(made: Made) -> Callable[[bytes], bytes]:
    sealer = load_key(made.data)
    return lambda body: sealer.index(body, KEYED_CONTEXT)


def _sealed(tar: bytes, keyed: Callable[[bytes], bytes]) -> bytes:
    """A tar as an archive whose end is right, as only the holder of the key could make it."""
    body = zstandard.ZstdCompressor(write_checksum=True).compress(tar)
    name = b"monitor-backup-1".ljust(24, b"\0")
    end = (0x184D2A5E).to_bytes(4, "little") + (72).to_bytes(4, "little") + name + keyed(sha256(body).digest())
    return body + end + sha256(body + end).digest()


def _members(made: Made) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    content = zstandard.ZstdDecompressor().stream_reader(made.content, read_across_frames=False).read()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            yield member, tar.extractfile(member).read()


def _tar(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        "letters/../../outside",
        "/outside",
        "letters//7/x",
        "letters/./x",
        "letters/.hidden",
        "monitor.key",
        ".restoring",
        "checks.lock",
        "elsewhere/x",
        "letters",
        "letters/9/x",
        "monitor.sqlite-wal",
        "",
        "letters/7/brief.docx",
        "letters/7/nul\0",
    ],
)
def test_a_path_that_is_not_one_of_a_backup_is_refused(made: Made, target: Path, tmp_path: Path, path: str) -> None:
    """Even where the rest is right and the holder of the key made it; nothing is unpacked."""
    manifest, _ = verify_backup(made.path)
    extra = replace(manifest.files[-1], path=path)
    content = replace(manifest, files=(*manifest.files, extra)).to_json()
    info = tarfile.TarInfo("manifest.json")
    info.size = len(content)
    crafted = tmp_path / "crafted.backup"
    crafted.write_bytes(_sealed(_tar([(info, content)]), _keyed(made)))
    with pytest.raises(BackupError, match="do not belong"):
        restore(wanted(crafted, target, made.key), silent)
    assert not target.exists()
    assert not (tmp_path / "outside").exists()


def test_an_archive_that_is_not_what_its_manifest_says_is_refused(made: Made, target: Path, tmp_path: Path) -> None:
    """A link in the place of a file, other bytes, a file less, one more, another order, no manifest, another format."""
    members = list(_members(made))
    link = tarfile.TarInfo(members[-1][0].name)
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    other = members[-1][0], b"x" * members[-1][0].size
    manifest = json.loads(members[0][1])
    formats = json.dumps({**manifest, "format": "monitor-backup-9"}).encode(), b"{}", b"[]", b"no json"
    wrong = [
        [*members[:-1], (link, b"")],
        [*members[:-1], other],
        members[:-1],
        [*members, members[-1]],
        [members[0], *members[2:], members[1]],
        members[1:],
        *([(_named("manifest.json", content), content), *members[1:]] for content in formats),
    ]
    crafted = tmp_path / "crafted.backup"
    for tar in wrong:
        crafted.write_bytes(_sealed(_tar(tar), _keyed(made)))
        with pytest.raises(BackupError):
            restore(wanted(crafted, target, made.key), silent)
        assert not target.exists()


def _named(name: str, content: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info


def test_rows_that_differ_from_the_manifest_are_refused(made: Made, target: Path, tmp_path: Path) -> None:
    """A database in which somebody changed a row, with a manifest that has its new hash but the old table's digest."""
    data = copied(made.data, tmp_path / "data")
    engine_of(data).change(data, "UPDATE checks SET row = row + 1")
    backed_up(data, tmp_path / "changed.backup")
    ours, _ = verify_backup(made.path)
    theirs, _ = verify_backup(tmp_path / "changed.backup")
    folder = tmp_path / "unpacked"
    for member, content in _members(Made(tmp_path / "changed.backup", data, made.made)):
        (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / member.name).write_bytes(content)
    sources = {file.path: folder / file.path for file in theirs.files}
    with (tmp_path / "crafted.backup").open("wb") as file:
        write_archive(file, replace(theirs, tables=ours.tables), sources, _keyed(made), silent)
    with pytest.raises(BackupError, match="not what its manifest says"):
        restore(wanted(tmp_path / "crafted.backup", target, made.key), silent)
    assert not target.exists()


def test_a_backup_that_somebody_without_the_key_made_anew_is_refused(made: Made, target: Path, tmp_path: Path) -> None:
    """Every hash in it is right but the keyed one."""
    crafted = tmp_path / "crafted.backup"
    crafted.write_bytes(_sealed(_tar(list(_members(made))), lambda _body: b"0" * 16))
    assert verify_backup(crafted)[0] == verify_backup(made.path)[0]
    with pytest.raises(KeyProblem, match="without the key"):
        restore(wanted(crafted, target, made.key), silent)
    assert not target.exists()


def test_a_backup_of_a_newer_version_is_refused(made: Made, target: Path, tmp_path: Path) -> None:
    """By its schema, before anything is unpacked."""
    manifest, _ = verify_backup(made.path)
    content = replace(manifest, revision="9999").to_json()
    crafted = tmp_path / "crafted.backup"
    crafted.write_bytes(_sealed(_tar([(_named("manifest.json", content), content)]), _keyed(made)))
    with pytest.raises(StoreNewer):
        restore(wanted(crafted, target, made.key), silent)
    assert not target.exists()


# --- settings -------------------------------------------------------------------------------------------------


def _with_url(made: Made, folder: Path, url: str) -> Path:
    data = copied(made.data, folder / "with-url")
    text = f'# ours\n[database]\nurl = "{url}"\nbusy_seconds = 7\n'
    (data / "monitor.toml").write_text(text, encoding="utf-8")
    settings = settings_of(made.data)
    backup(
        data,
        settings.model_copy(update={"database": Database(url=engine_of(data).url(data))}),
        None,
        folder / "u.backup",
        silent,
    )
    return folder / "u.backup"


def test_the_place_of_the_old_database_does_not_come_back(made: Made, target: Path, tmp_path: Path) -> None:
    """A drill must not open the store that is at work: the URL is left out, the rest of the settings stays."""
    file = _with_url(made, tmp_path, "postgresql://monitor@db.example/monitor")
    back: Restored = restore(wanted(file, target, made.key), silent)
    assert back.settings.url_left_out
    text = (target / "monitor.toml").read_text(encoding="utf-8")
    assert text.startswith("# ours\n")
    assert load_settings(target, None).database == Database(busy_seconds=7)


def test_settings_that_are_there_stay(made: Made, target: Path) -> None:
    """Such as those that say where the restored database is to be. So does what is hidden, as in a user's home."""
    target.mkdir(mode=0o700)
    (target / ".cache").mkdir()
    (target / ".pgpass").write_text("theirs", encoding="utf-8")
    (target / "monitor.toml").write_text("[database]\nbusy_seconds = 9\n", encoding="utf-8")
    assert restore(wanted(made.path, target, made.key), silent).settings.kept
    assert load_settings(target, None).database.busy_seconds == 9
    assert (target / ".pgpass").read_text(encoding="utf-8") == "theirs"


# --- killed ---------------------------------------------------------------------------------------------------


def _killed(verb: str, at: int, path: Path, data: Path, key: Path) -> tuple[int, int]:
    url = engine_of(data).url(data) or ""
    words = [sys.executable, "-c", KILLED, verb, str(at), str(path), str(data), str(key), url]
    status, out, err = forked.run(words, Path("/"), os.environ)
    assert status in (0, -signal.SIGKILL), err[-2000:]
    return status, int(out or 0)


def test_a_restore_that_is_killed_left_no_store_and_the_same_command_goes_on(
    engine: Engine, made: Made, tmp_path: Path
) -> None:
    """By SIGKILL before the n-th step on the disk, over the whole course: then the same store as undisturbed."""
    engine.place(tmp_path / "whole")
    status, n_steps = _killed("restore", 0, made.path, tmp_path / "whole", made.key)
    assert status == 0
    undisturbed, n_stores = kept(tmp_path / "whole"), 0
    for at in sorted({1, 3, n_steps // 2, *range(n_steps - 3, n_steps + 1)}):
        data = tmp_path / f"killed-{at}"
        engine.place(data)
        assert _killed("restore", at, made.path, data, made.key)[0] == -signal.SIGKILL
        if _gives(data) is None:
            n_stores += 1
            assert digests(data) == made.made.tables
        assert _killed("restore", 0, made.path, data, made.key)[0] == 0
        assert digests(data) == made.made.tables
        assert kept(data) == undisturbed
        assert [path.name for path in data.iterdir() if path.name.startswith(".")] == []
    assert n_stores > 0


def test_after_a_killed_restore_another_backup_is_not_mixed_in(engine: Engine, made: Made, tmp_path: Path) -> None:
    """What the first put in place is of that backup alone: the other one is refused until the folder is emptied."""
    other, data = tmp_path / "b.backup", tmp_path / "mixed"
    backed_up(made.data, other)
    engine.place(tmp_path / "whole")
    engine.place(data)
    _, n_steps = _killed("restore", 0, made.path, tmp_path / "whole", made.key)
    _killed("restore", n_steps - 1, made.path, data, made.key)
    with pytest.raises(BackupError):
        restore(wanted(other, data, made.key), silent)
    assert _killed("restore", 0, made.path, data, made.key)[0] == 0


def test_a_backup_that_is_killed_is_not_to_be_seen(made: Made, tmp_path: Path) -> None:
    """Nothing under its name, or all of it; the next one takes away what was left over."""
    (tmp_path / "first").mkdir()
    _, n_steps = _killed("backup", 0, tmp_path / "first" / "a.backup", made.data, made.key)
    for at in range(1, n_steps + 1):
        folder = tmp_path / f"killed-{at}"
        folder.mkdir()
        assert _killed("backup", at, folder / "a.backup", made.data, made.key)[0] == -signal.SIGKILL
        if (folder / "a.backup").exists():
            verify_backup(folder / "a.backup")
        assert backed_up(made.data, folder / "b.backup").tables == made.made.tables
        assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
