"""`handover`: the same store comes out on an empty machine, under other keys; nothing but its receiver reads it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from monitor.handover.bundle_file import sealed_part, verify
from monitor.handover.identity import opened_within, read_identity
from monitor.store import KEY_FILE
from monitor.store.letter_files import keep_document, open_document
from monitor.store.tables import METADATA
from monitor.store.tables.base import SEALED
from tests.engines import SQLITE_FILE, URL_VARIABLE, Engine, engine_of, store_of
from tests.line.test_leaks import HOST, STEM, URL, forms

PERIOD = "2026H1"
REPLY = b"what a provider wrote: " + URL.encode()
KILLED = """
import os, signal, sys
from pathlib import Path
from monitor import bundles
from monitor.config import Database, Settings
from monitor.handover.identity import read_identity
from monitor.store import open_store

verb, at, path, data, url = sys.argv[1:]
seen = 0

def hook(event, args):
    global seen
    if event in ("os.rename", "os.link", "os.mkdir", "shutil.rmtree", "tempfile.mkstemp", "os.remove", "os.chmod"):
        seen += 1
        if seen == int(at):
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
silent = lambda done, total: None
if verb == "import":
    identity = read_identity(Path(path + ".key"))
    bundles.take_over(bundles.Wanted(Path(path), identity, None, Path(data), url or None, 5.0, "clerk"), silent)
else:
    with open_store(Path(data), url or None, create=False) as store:
        bundles.export(store, bundles.Asked(Path(path), (), "clerk", "test", None), silent)
print(seen)
"""


def plain_of(bundle: Path) -> bytes:
    """The sealed part, opened with the one-time key."""
    found = verify(bundle, None, lambda done, total: None)
    with (
        sealed_part(bundle, found) as part,
        opened_within(part, [read_identity(Path(f"{bundle}.key"))]) as stream,
        zstandard.ZstdDecompressor().stream_reader(stream) as plain,
    ):
        return plain.read()


def url_of(data: Path) -> str:
    return engine_of(data).url(data) or ""


@pytest.fixture
def bundle(copy: Any) -> Path:
    """One of the line's store, with a one-time key."""
    copy.json("handover", "export", copy.cwd / "a.bundle")
    return copy.cwd / "a.bundle"


# --- there and back -------------------------------------------------------------------------------------------


def test_an_empty_machine_gets_the_same_digests_and_the_same_report(
    copy: Any, make: Callable[..., Any], line: Any, tree_of: Callable[[Path], dict[str, bytes]]
) -> None:
    """The freeze cut anew has the digest of before, and the release has the same bytes on both machines."""
    file, there = copy.cwd / "a.bundle", make("taken-over")
    made = copy.json("handover", "export", file, "--reason", "moved to the authority", "--by", "A. Clerk")
    assert made["ok"]
    assert made["key_file"] == f"{file}.key"
    seen = make("anybody").json("handover", "verify", file)
    taken = there.json("handover", "import", file, "--signer", made["signer"])
    for name in ("files", "digest", "signer", "freezes", "releases", "rows", "heads"):
        assert made[name] == seen[name] == taken[name], name
    assert made["freezes"] == {f"{PERIOD}-{line.said['freeze']['digest'][:8]}": line.said["freeze"]["digest"]}
    assert (seen["pinned"], taken["pinned"]) == (False, True)
    assert there.json("verify")["ok"]
    shutil.rmtree(there.data / "frozen")
    again, published = there.documents(["freeze", PERIOD], ["publish", PERIOD, "--out", there.cwd / "out"])
    assert again["digest"] == line.said["freeze"]["digest"]
    here = copy.json("publish", PERIOD, "--out", copy.cwd / "out")
    assert published["digest"] == here["digest"]
    assert tree_of(Path(published["path"])) == tree_of(Path(here["path"])) != {}
    assert tree_of(there.data / "releases") == tree_of(copy.data / "releases") != {}


@pytest.mark.postgresql_only("a store goes from a server into a file, and from there onto a server")
def test_a_server_and_a_file_hand_over_to_one_another(copy: Any, make: Callable[..., Any], line: Any) -> None:
    """The same rows by table and the same freeze digest after both ways; each store is whole."""
    at_home = {name: value for name, value in copy.env.items() if name != URL_VARIABLE}
    on_file, on_server = replace(make("on-file"), env=at_home), make("on-server")
    first, second = copy.cwd / "first.bundle", copy.cwd / "second.bundle"
    made = copy.json("handover", "export", first)
    assert on_file.json("handover", "import", first)["rows"] == made["rows"]
    assert (on_file.data / SQLITE_FILE).is_file()
    assert on_file.json("verify")["ok"]
    on_file.json("handover", "export", second)
    taken = on_server.json("handover", "import", second)
    assert not (on_server.data / SQLITE_FILE).exists()
    assert taken["freezes"] == made["freezes"]
    shutil.rmtree(on_server.data / "frozen")
    assert on_server.json("freeze", PERIOD)["digest"] == line.said["freeze"]["digest"]
    assert on_server.json("verify")["ok"]


def test_what_was_taken_over_is_on_both_audit_logs(copy: Any, make: Callable[..., Any], bundle: Path) -> None:
    """Who gave it, why, to which key; who took it, signed by whom; and the chain goes on from the old one."""
    there = make("logged")
    taken = there.json("handover", "import", bundle, "--by", "B. Clerk")
    ((actor, subject, said),) = there.rows("SELECT actor, subject, reason FROM audit WHERE action = 'handover import'")
    assert (actor, subject) == ("B. Clerk", f"bundle {taken['digest'][:16]}")
    assert taken["signer"] in said
    assert taken["digest"] in said
    ((reason,),) = copy.rows("SELECT reason FROM audit WHERE action = 'handover export'")
    assert taken["digest"] in reason
    assert there.json("verify", "--head", taken["heads"]["audit"])["ok"]


def test_the_receiver_has_a_key_of_its_own(copy: Any, make: Callable[..., Any], bundle: Path, inputs: Any) -> None:
    """Another key seals there: neither opens the other's values; what is sealed opens, and is found by its index."""
    there = make("other key")
    there.json("handover", "import", bundle)
    ours, theirs = (json.loads((each.data / KEY_FILE).read_text()) for each in (copy, there))
    assert ours["encryption_key"] != theirs["encryption_key"]
    assert ours["key_id"] != theirs["key_id"]
    assert (there.data / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert there.data.stat().st_mode & 0o777 == 0o700
    sealed = [(t.name, c.name) for t in METADATA.tables.values() for c in t.columns if c.info.get(SEALED)]
    for table, column in sealed:
        heads = there.rows(f'SELECT DISTINCT substr("{column}", 1, 5) FROM "{table}" WHERE length("{column}") > 5')
        assert {bytes(head)[1:].hex() for (head,) in heads} <= {theirs["key_id"]}, table
    words = ("explain", "a01", "--source", "hotline", "--reveal", "--reason", "a look")
    ours_says, theirs_says = copy.json(*words), there.json(*words)
    assert {**ours_says, "cutoff": None} == {**theirs_says, "cutoff": None}
    again = there.json("import", inputs.reports, inputs.checks)
    assert (again["accepted"], again["duplicate"]) == (0, again["read"] - again["rejected"])
    rotated = there.json("keys", "rotate")
    assert rotated["key_id"] != theirs["key_id"]
    assert there.json("verify")["ok"]


def test_a_missing_key_is_told_from_one_that_cannot_be_read(copy: Any, make: Callable[..., Any], bundle: Path) -> None:
    """Who forgot --key is told of it; no store is made."""
    there = make("keyless")
    Path(f"{bundle}.key").rename(copy.cwd / "elsewhere.key")
    ran = there.run("handover", "import", bundle)
    assert ran.status == 1
    assert "no secret key beside the bundle" in ran.err
    assert "--key" in ran.err
    assert ran.err.count("\n") == 1
    assert not (there.data / KEY_FILE).exists()
    assert there.json("handover", "import", bundle, "--key", copy.cwd / "elsewhere.key")["ok"]


def test_replies_to_letters_are_sealed_anew(copy: Any, make: Callable[..., Any]) -> None:
    """What a provider sent lies sealed there too, under the new key, and opens."""
    with copy.store() as store:
        digest = keep_document(store, 7, REPLY)
    copy.json("handover", "export", copy.cwd / "a.bundle")
    there = make("letters")
    there.json("handover", "import", copy.cwd / "a.bundle")
    name = Path("letters") / "7" / f"{digest}.sealed"
    assert (there.data / name).read_bytes() != (copy.data / name).read_bytes()
    with store_of(there.data) as store:
        assert open_document(store, 7, digest) == REPLY


def test_settings_go_along_without_what_lets_somebody_in(copy: Any, make: Callable[..., Any]) -> None:
    """[database] url and a URL with a password stay here, and both sides hear of it."""
    path = copy.data / "monitor.toml"
    path.write_text(
        path.read_text()
        + '[letters]\norganisation = "Voorbeeld"\n[vantages.one]\nproxy = "socks5://me:geheim@192.0.2.9:1080"\n',
        encoding="utf-8",
    )
    made = copy.json("handover", "export", copy.cwd / "a.bundle")
    assert made["left_out"] == ["vantages.one.proxy"]
    there = make("settings")
    taken = there.json("handover", "import", copy.cwd / "a.bundle")
    assert taken["left_out"] == ["vantages.one.proxy"]
    text = (there.data / "monitor.toml").read_text(encoding="utf-8")
    assert "Voorbeeld" in text
    assert "geheim" not in text
    assert b"geheim" not in plain_of(copy.cwd / "a.bundle")


def test_documentation_versions_and_registry_go_along(copy: Any, bundle: Path) -> None:
    """And each table as rows that any program reads; but no key that seals."""
    plain = plain_of(bundle)
    for name in (b"documentation/runbook.md", b"versions.json", b"registry.toml", b"rows/reports/000001.json"):
        assert name + b"\0" in plain
    key = json.loads((copy.data / KEY_FILE).read_text())
    assert key["encryption_key"].encode() not in plain
    assert (copy.data / "signing.key").read_bytes() not in plain


# --- receivers and keys ---------------------------------------------------------------------------------------


def test_with_a_receivers_key_no_key_file_is_made(copy: Any, make: Callable[..., Any]) -> None:
    """The receiver makes a pair, sends the public half, and opens it with the other; nobody else can."""
    there, file = make("receiver"), copy.cwd / "to.bundle"
    pair = there.json("handover", "key", there.cwd / "ours.key")
    assert (there.cwd / "ours.key").stat().st_mode & 0o777 == 0o600
    assert there.run("handover", "key", there.cwd / "ours.key").status == 1
    made = copy.json("handover", "export", file, "--to", pair["public"])
    assert made["keys"] == [pair["fingerprint"]]
    assert made["key_file"] is None
    assert not Path(f"{file}.key").exists()
    stranger = make("stranger")
    stranger.json("handover", "key", stranger.cwd / "other.key")
    refused = stranger.run("handover", "import", file, "--key", stranger.cwd / "other.key")
    assert refused.status == 1
    assert "another key" in refused.err
    assert not stranger.data.exists() or list(stranger.data.iterdir()) == []
    assert there.json("handover", "import", file, "--key", there.cwd / "ours.key")["digest"] == made["digest"]


def test_the_signer_is_pinned_by_its_fingerprint(copy: Any, make: Callable[..., Any], bundle: Path) -> None:
    """As `handover signer` prints it; another one is refused by `verify` and by `import`, before anything is made."""
    there, fingerprint = make("pinning"), copy.json("handover", "signer")["fingerprint"]
    assert there.json("handover", "verify", bundle, "--signer", fingerprint.upper())["pinned"]
    said = there.json("handover", "verify", bundle, "--signer", "0" * 64, status=1)
    assert (said["ok"], len(said["problems"])) == (False, 1)
    assert there.run("handover", "import", bundle, "--signer", "0" * 64).status == 1
    assert there.run("handover", "verify", bundle, "--signer", "me").status == 2
    assert not there.data.exists()
    told = there.run("handover", "verify", bundle)
    assert fingerprint in told.out
    assert "second way" in told.out


def test_verify_makes_nothing_and_needs_no_store(make: Callable[..., Any], bundle: Path) -> None:
    """No folder, no file; and what is no bundle is one line and status 1."""
    there = make("looking")
    assert there.json("handover", "verify", bundle)["ok"]
    (there.cwd / "none").write_bytes(b"record_id,url\n1,http://planted.example/\n")
    ran = there.run("handover", "verify", there.cwd / "none")
    assert (ran.status, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1
    assert there.run("handover", "verify", there.cwd / "missing").status == 1
    assert not there.data.exists()
    assert [path.name for path in there.cwd.iterdir()] == ["none"]


# --- refusals and kills ---------------------------------------------------------------------------------------


def test_nothing_is_written_over(copy: Any, bundle: Path, dump_of: Callable[[Path], str]) -> None:
    """Neither a bundle nor its key nor a store; a data folder with something else in it stays as it is."""
    before, key = bundle.read_bytes(), Path(f"{bundle}.key").read_bytes()
    assert copy.run("handover", "export", bundle).status == 1
    rows = dump_of(copy.data)
    refused = copy.run("handover", "import", bundle)
    assert refused.status == 1
    assert "already" in refused.err
    assert (bundle.read_bytes(), Path(f"{bundle}.key").read_bytes()) == (before, key)
    assert dump_of(copy.data) == rows


def test_a_folder_that_is_not_empty_is_refused(make: Callable[..., Any], bundle: Path) -> None:
    """A key, an export: nothing is mixed with what was there."""
    there = make("not empty")
    there.data.mkdir(mode=0o700)
    (there.data / KEY_FILE).write_text("a key")
    refused = there.run("handover", "import", bundle)
    assert refused.status == 1
    assert "not empty" in refused.err
    assert [path.name for path in there.data.iterdir()] == [KEY_FILE]


def test_an_export_without_a_store_says_so_and_makes_nothing(make: Callable[..., Any]) -> None:
    there = make("nothing")
    assert there.run("handover", "export", there.cwd / "a.bundle").status == 1
    assert list(there.cwd.iterdir()) == []


def test_a_wrong_public_key_costs_nothing(copy: Any) -> None:
    """It is looked at before anything is written, and not repeated."""
    ran = copy.run("handover", "export", copy.cwd / "a.bundle", "--to", "age1nobody")
    assert ran.status == 1
    assert "age1nobody" not in ran.err + ran.out
    assert list(copy.cwd.iterdir()) == []


def _places(n: int) -> list[int]:
    """The first step, the last ones, and some between."""
    return sorted({1, *range(5, n, max(1, n // 3)), *range(max(1, n - 4), n + 1)})


def _killed(at: int, verb: str, file: Path, data: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", KILLED, verb, str(at), str(file), str(data), url_of(data)]
    ran = subprocess.run(words, env=_environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == (-signal.SIGKILL if at else 0), (at, ran.stderr[-1000:])
    return ran


def test_an_import_killed_anywhere_left_no_store_and_goes_on(
    copy: Any, bundle: Path, tmp_path: Path, engine: Engine
) -> None:
    """After any step on the disk: the same call makes the store, whole, and tidies up."""
    ((n_reports,),) = copy.rows("SELECT count(*) FROM reports")
    engine.place(tmp_path / "whole")
    for at in _places(int(_killed(0, "import", bundle, tmp_path / "whole").stdout)):
        data = tmp_path / f"at-{at}"
        engine.place(data)
        _killed(at, "import", bundle, data)
        _killed(0, "import", bundle, data)
        with store_of(data) as store, store.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM reports").scalar() == n_reports
        assert not [path.name for path in data.iterdir() if path.name.startswith(".taking")]
        assert {path.name for path in data.iterdir()} >= {KEY_FILE, "frozen", "releases"}


def test_an_export_killed_anywhere_leaves_a_whole_bundle_or_none(copy: Any, tmp_path: Path) -> None:
    """And the same call again makes it, with the one-time key that may be there already; no draft stays."""
    (tmp_path / "whole").mkdir()
    copy.json("handover", "signer")  # its key is made once
    for at in _places(int(_killed(0, "export", tmp_path / "whole" / "a.bundle", copy.data).stdout)):
        folder = tmp_path / f"at-{at}"
        folder.mkdir()
        file = folder / "a.bundle"
        _killed(at, "export", file, copy.data)
        if not file.exists():
            _killed(0, "export", file, copy.data)
            assert {path.name for path in folder.iterdir()} == {"a.bundle", "a.bundle.key"}
        assert plain_of(file)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}


# --- secrets --------------------------------------------------------------------------------------------------


def test_no_byte_of_a_bundle_or_of_what_is_printed_shows_a_secret(
    make: Callable[..., Any], csv_file: Callable[..., Path]
) -> None:
    """Marked URLs, hosts and references are searched in the file, in every output and in the new data folder.

    Inside the seal they are there: that is what is handed over.
    """
    here, there = make("marked"), make("marked-taken")
    row = {"record_id": "R1", "url": URL, "reported_at": "2026-01-02T00:00:00Z", "source": "hotline"}
    row |= {"notified_at": "2026-01-02T01:00:00Z", "notice_ref": f"{STEM}-ref", "notified_party": f"{STEM} party"}
    rows = [row, {"record_id": "R2", "host": f"two.{HOST}", "reported_at": "2026-01-03T00:00:00Z", "source": "hotline"}]
    here.json("import", csv_file(here.cwd / "reports.csv", rows))
    with here.store() as store:
        keep_document(store, 3, REPLY)
    file = here.cwd / "a.bundle"
    ran = [
        here.run("handover", "export", file),
        here.run("--json", "handover", "verify", file),
        there.run("-v", "handover", "verify", file),
        there.run("-v", "handover", "import", file),
        there.run("--json", "handover", "signer"),
    ]
    assert [each.status for each in ran] == [0] * 5, ran
    printed = "".join(each.out + each.err for each in ran).encode()
    looked = [file.read_bytes(), printed, *engine_of(there.data).files(there.data).values()]
    wanted = {form.lower() for text in (STEM, HOST, URL) for form in forms(text)}
    assert not any(form in content.lower() for content in looked for form in wanted)
    assert STEM.encode() not in b"".join(path.read_bytes() for path in here.cwd.iterdir() if path.suffix == ".key")
    key = json.loads((there.data / KEY_FILE).read_text())
    assert not any(key["encryption_key"].encode() in content for content in looked[:2])
    assert plain_of(file).count(STEM.encode()) >= 1
