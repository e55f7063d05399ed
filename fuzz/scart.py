"""Harnesses of SCART's files: their headers, exports one at a time, tables together.

What must hold: every row read is told, rejected or joined, and no row twice; nothing is raised but InputError; no
message, reason or warning repeats text of a file; a value has passed its column; and neither the order of a header's
columns nor a blank around their names changes what the file is.
"""

from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

from fuzz.scratch import as_file, folder
from fuzz.target import Draws, Target
from fuzz.told import error_repeats_nothing, reasons_repeat_nothing
from monitor.errors import InputError
from monitor.intake.files import InputFile
from monitor.intake.scart import FORMS, ScartFile, ScartOptions, is_scart, read_scart
from monitor.intake.scart.file import read_header
from monitor.intake.scart.forms import form_of, known_names
from monitor.model.report import RecordedCheck, Report

_ZONE = ZoneInfo("Europe/Amsterdam")
_EXPORTED = datetime(2026, 3, 1, 9, tzinfo=UTC)
_BETWEEN = b"\n\x1d"
"""Between the files of one input."""
_OPTIONS = (
    ScartOptions("fuzz", _ZONE, batch_rows=3),
    ScartOptions("fuzz", _ZONE, _EXPORTED, batch_rows=3),
)


def exports(data: bytes) -> None:
    """One file of any form."""
    draws = Draws(data)
    _read([draws.rest()], _OPTIONS[len(data) % 2])


def tables(data: bytes) -> None:
    """Several files of one command, in any order."""
    _read(data.split(_BETWEEN)[:6], _OPTIONS[len(data) % 2])


def _read(contents: list[bytes], options: ScartOptions) -> None:
    whole = b"\n".join(contents)
    with ExitStack() as stack:
        try:
            files = [stack.enter_context(ScartFile(path, n)) for n, path in enumerate(_paths(contents), start=1)]
        except InputError as error:
            error_repeats_nothing(error, whole)
            return
        _account(files, options, whole)


def _paths(contents: list[bytes]) -> list[Path]:
    return [as_file(content or b"\n", f"scart-{n}") for n, content in enumerate(contents)]


def _account(files: list[ScartFile], options: ScartOptions, whole: bytes) -> None:
    n_rows = [sum(1 for _ in file.rows()) for file in files]
    counted, rejected = Counter[int](), list[tuple[int, int]]()
    try:
        for batch in read_scart(files, options):
            counted[batch.place] += len(batch.told) + len(batch.rejects) + batch.n_joined
            rejected += [(batch.place, reject.row) for reject in batch.rejects]
            reasons_repeat_nothing((reject.reason for reject in batch.rejects), whole)
            reasons_repeat_nothing(batch.warnings, whole)
            for told in batch.told:
                _hold(told.reports, [check for _, check in told.checks])
    except InputError as error:
        error_repeats_nothing(error, whole)
        return
    assert [counted[place] for place in range(len(files))] == n_rows
    assert len(rejected) == len(set(rejected))


def _hold(reports: tuple[Report, ...], checks: list[RecordedCheck]) -> None:
    times = [report.reported_at for report in reports] + [check.checked_at for check in checks]
    times += [at for report in reports if report.notice for at in [report.notice.notified_at] if at is not None]
    assert all(at.utcoffset() is not None and not at.utcoffset() for at in times)
    for value in (*reports, *checks):
        assert value.record_id == value.record_id.strip() != ""
    for report in reports:
        assert report.target.url is None or report.target.host.name in report.target.url


def header(data: bytes) -> None:
    """What a first line is taken for does not hang on the order of its columns, nor on blanks and capitals."""
    path = as_file(data or b"\n")
    try:
        with InputFile(path) as file:
            found = read_header(file)
    except InputError as error:
        error_repeats_nothing(error, data)
        assert not is_scart(path)
        return
    assert is_scart(path) == (found is not None)
    if found is None:
        return
    assert form_of(tuple(reversed(found.names))) is found.form
    assert set(found.spec.known_by) <= set(found.names)
    assert {name for name, _ in found.taken} <= known_names(found.form)
    assert len(found.left) + sum(found.names.count(name) for name in set(found.spec.takes)) == len(found.names)
    reasons_repeat_nothing((why for _, why in found.left), data)


@cache
def _dumps() -> dict[str, bytes]:
    """SCART's files of the tests, one of each form."""
    from tests.intake.scart_files import small_world  # noqa: PLC0415 (they are made by the same code)

    world, place = small_world(), Path(mkdtemp(dir=folder()))
    made = world.tables(place)
    for name in ("reports_csv", "classified", "whois", "all", "ntd", "ntdclosed"):
        made[name] = getattr(world, name)(place / f"{name}.csv")
    return {name: path.read_bytes() for name, path in made.items()}


def _first_lines(content: bytes, n: int) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:n])


_LONGEST = 4096
_TABLES = ("input", "ntd", "ntd_url", "abusecontact", "input_history")
_ONE = tuple(_first_lines(content, 4)[: _LONGEST - 1] for content in _dumps().values())
_FEW = tuple(_first_lines(_dumps()[name], 5) for name in _TABLES)
_COLUMNS = tuple(
    sorted({name.encode() for form in FORMS for name in known_names(form) if name.isprintable() and name.isascii()})
)
_WORDS = (
    *(b"close_offline", b"close_offline_manual", b"abusecontact_changed", b"sent_succes", b"sent_api_succes"),
    *(b"STATUS", b"HOSTER", b"CLASSIFY", b"ICCAM", b"hoster", b"input", b"not_illegal", b"mainurl", b"NULL"),
    *(b"2026-03-29 02:30:00", b"2026-10-25 02:30:00", b"0000-00-00 00:00:00", b'";"', b'\\"', b'""', b";\n"),
)
TARGETS = {
    "scart-headers": Target(
        header, tuple(_first_lines(content, 1) for content in _dumps().values()), (*_COLUMNS, b'"', b";"), 2048
    ),
    "scart-exports": Target(exports, _ONE, (*_COLUMNS, *_WORDS), _LONGEST),
    "scart-tables": Target(
        tables,
        (_BETWEEN.join(_FEW), _BETWEEN.join(reversed(_FEW)), _BETWEEN.join((_FEW[0], _FEW[4]))),
        (*_COLUMNS, *_WORDS, _BETWEEN),
        8192,
    ),
}
