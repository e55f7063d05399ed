"""Where compiled arithmetic is kept, and other caches of libraries: a place that takes what is written, or none."""

import os
import re
import threading
from pathlib import Path

import numba
import pytest

import monitor
from monitor.caching import FOLDER, can_be_written, settle, user_caches
from monitor.survival.compiled import first_writable, for_each_group

NAMED = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR")


def test_every_function_is_compiled_where_the_folder_is_chosen() -> None:
    """Numba's own decorator ends a program that has nowhere to keep what was compiled."""
    package = Path(monitor.__file__).parent
    users = [path for path in package.rglob("*.py") if re.search(r"\bn?jit\(|@\w*\.?n?jit\b", path.read_text("utf-8"))]
    assert [path.name for path in users] == ["compiled.py"]


def test_the_first_folder_that_can_be_written_is_taken_and_none_is_needed(tmp_path: Path) -> None:
    """Below a file there is no folder; that is no error."""
    (tmp_path / "file").touch()
    assert first_writable([tmp_path / "file" / "x", tmp_path / "a" / "b", tmp_path / "c"]) == tmp_path / "a" / "b"
    assert not (tmp_path / "c").exists()
    assert first_writable([tmp_path / "file" / "x"]) is None


@pytest.mark.parametrize(("n_rows", "shared"), [(10, False), (1_000_000, True)])
def test_many_rows_are_shared_between_threads_and_few_are_not(
    n_rows: int, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each group is done once, whoever does it; more threads than groups there are not."""
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 3)
    together = threading.Barrier(2, timeout=60)
    done: list[tuple[int, int]] = []

    def work(group: int) -> None:
        if shared:
            together.wait()
        done.append((group, threading.get_ident()))

    for_each_group(work, 2, n_rows)
    assert sorted(group for group, _ in done) == [0, 1]
    assert len({thread for _, thread in done}) == (2 if shared else 1)
    assert (threading.get_ident() in {thread for _, thread in done}) is not shared


def test_what_fails_in_a_thread_fails_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """No group is left out in silence."""
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 2)
    with pytest.raises(ZeroDivisionError):
        for_each_group(lambda group: 1 // group and None, 4, 1_000_000)


def test_a_user_without_a_home_keeps_its_caches_hidden_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made before it is needed; in a data folder that is not there, nothing is named at all."""
    (tmp_path / "file").touch()
    for name in NAMED:
        monkeypatch.setenv(name, str(tmp_path / "file" / "home") if name == "HOME" else "")
    settle(tmp_path / "data")
    assert not can_be_written(user_caches())
    (tmp_path / "data").mkdir()
    settle(tmp_path / "data")
    assert user_caches() == tmp_path / "data" / FOLDER
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "data" / FOLDER / "matplotlib")
    assert [*(tmp_path / "data").iterdir()] == []


def test_a_folder_that_nobody_can_look_into_is_no_error_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is too long, for one: what the command needs of the folder it says itself."""
    for name in NAMED:
        monkeypatch.setenv(name, "")
    settle(Path("x" * 5000))
    assert [os.environ[name] for name in NAMED[1:]] == ["", "", ""]


def test_a_home_that_can_be_written_to_stays_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder is the last resort."""
    for name in NAMED:
        monkeypatch.setenv(name, str(tmp_path / "home") if name == "HOME" else "")
    (tmp_path / "data").mkdir()
    settle(tmp_path / "data")
    assert user_caches() == tmp_path / "home" / ".cache"
    assert [os.environ[name] for name in NAMED[1:]] == ["", "", ""]
