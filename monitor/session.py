"""What every command shares: the global options, the store they open, how results and messages come out."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import typer

from monitor import pipeline
from monitor.config import Settings, load_settings
from monitor.errors import UsageError
from monitor.intake import IntakeProblem, clear_text
from monitor.intake.values import looks_like_url
from monitor.store import KEY_FILE, Store, open_store
from monitor.store.key_file import others_may_read

REJECTED_SOME = 3
"""Exit status: done, but some rows were rejected."""
_COPY_IT = "Copy it to a safe place now: no backup holds it, and without it nothing in the database can be opened"

Word = TypeVar("Word", bound=Enum)


@dataclass(frozen=True, slots=True)
class Session:
    """What the global options say."""

    data_dir: Path
    config: Path | None
    json: bool
    quiet: bool
    verbose: bool

    def settings(self) -> Settings:
        return load_settings(self.data_dir, self.config)

    @contextmanager
    def store(self, *, create: bool = False) -> Iterator[tuple[Store, Settings]]:
        settings = self.settings()
        at, wait = settings.database.url, settings.database.busy_seconds
        had_key = (self.data_dir / KEY_FILE).exists()
        with open_store(self.data_dir, at, create=create, busy_seconds=wait) as opened:
            opened.sealer.spare(name for name, source in settings.sources.items() if source.live)
            if others_may_read(self.data_dir):
                self.say(f"monitor: other users of this machine can read {KEY_FILE}. Run `chmod 600` on it")
            if not had_key:
                self.say(f"monitor: a new key was made, {self.data_dir / KEY_FILE}. {_COPY_IT}")
            yield opened, settings

    def say(self, message: str) -> None:
        if not self.quiet:
            typer.echo(message, err=True)

    def result(self, value: object, text: str) -> None:
        """The one thing on standard output."""
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str) if self.json else text)

    @contextmanager
    def bar(self, label: str) -> Iterator[pipeline.Progress]:
        """A progress bar on a terminal, nothing elsewhere."""
        if self.quiet or not sys.stderr.isatty():
            yield pipeline.silent
            return
        from rich.console import Console  # noqa: PLC0415 (a bar alone needs it)
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
            task = progress.add_task(label, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total or None)


def word(words: type[Word], text: str, option: str) -> Word:
    """The member that a person's word stands for."""
    try:
        return words(text)
    except ValueError:
        raise UsageError(
            f"{option} does not know that word", f"Use one of: {', '.join(w.value for w in words)}"
        ) from None


def plain(text: str, option: str) -> str:
    """Text that is kept in the clear: nothing in it may look like a URL, host or address."""
    try:
        return clear_text(text.strip(), option)
    except IntakeProblem:
        hint = "Write up to 200 characters, without any URL, host or address: this is kept unsealed"
        raise UsageError(f"{option} cannot be kept as it is", hint) from None


def prose(text: str, option: str, longest: int = 1000) -> str:
    """Text of a person in one or more lines, which others will read: no URL, host, address or e-mail in it."""
    text = "\n".join(line.strip() for line in text.strip().splitlines())
    if not text or len(text) > longest or not all(char.isprintable() or char == "\n" for char in text):
        raise UsageError(f"{option} cannot be kept as it is", f"Write 1 to {longest} characters, without control codes")
    from monitor.publication.disclosure_find import found_in  # noqa: PLC0415 (loads what draws charts)

    if any(_gives_away(word) or any(found_in(word, frozenset())) for word in text.split()):
        hint = "Say it in other words; where it is none, put a space after the full stop that makes it look like one"
        raise UsageError(f"{option} holds what looks like a URL, host, address or e-mail address", hint)
    return text


def _gives_away(word: str) -> bool:
    bare = word.strip(".,;:!?()[]{}<>\"'«»“”‘’…-")
    return "@" in bare or looks_like_url(bare)


def zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        raise UsageError("--timezone is not a known zone", "Write it like Europe/Amsterdam") from None


def day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} is not a day", "Write it like 2026-01-01") from None


def instant(text: str, option: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # in UTC it can lie before the first day that a calendar has
        raise UsageError(f"{option} is not a time", "Write it like 2026-08-01 or 2026-08-01T00:00:00Z") from None


def date_in_name(path: Path) -> date | None:
    """Public tables carry their day in the file's name; only that day is kept."""
    found = re.search(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)", path.name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
