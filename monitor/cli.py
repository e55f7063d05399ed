"""The command line: words in, one call of the pipeline, figures out. Thin on purpose.

Standard output holds the result alone (with `--json` one JSON document); progress and messages go to standard
error. Every `MonitorError` becomes one line and its exit status, in one place.
"""

import dataclasses
import logging
import re
import resource
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

import monitor.starting  # first: what follows loads faster after it
from monitor import (
    __version__,
    caching,
    freezing,
    frozen_figures,
    inquiry,
    pipeline,
    present,
    present_comparison,
    present_release,
    publishing,
)
from monitor.clock import now
from monitor.commands import (
    backup,
    brief,
    checks,
    compare,
    correct,
    db,
    demo,
    doctor,
    explaining,
    forget,
    importing,
    live,
    proposals,
    provider_file,
    reconcile,
    refdata,
    revealing,
    simulate,
    status,
    verify,
)
from monitor.commands.archive import app as archive_app
from monitor.commands.exchange import app as exchange_app
from monitor.commands.groups import Group
from monitor.commands.handover import app as handover_app
from monitor.commands.hold import app as hold_app
from monitor.commands.keys import app as keys_app
from monitor.commands.letters import letters_app
from monitor.commands.orders import app as orders_app
from monitor.commands.privacy import app as privacy_app
from monitor.commands.providers import providers_app
from monitor.commands.research import app as research_app
from monitor.config import default_data_dir
from monitor.errors import MonitorError, NamingRefused, UsageError
from monitor.method import version_of_the_code
from monitor.model.comparison import Compared, Comparison
from monitor.model.period import Period
from monitor.model.release import Amendment
from monitor.model.words import NoticeKind, ReleaseKind, Role
from monitor.sample_config import sample_toml
from monitor.session import Session, instant, plain, word
from monitor.store import Store

INTERRUPTED = 130
"""What typer gives for Ctrl-C: 128 and the number of the signal."""
_PLAIN_WORD = re.compile(r"-{0,2}[a-z-]{1,20}")
"""Names of commands and options; anything else on a command line can be secret."""
_WITHOUT_SETTINGS = frozenset({"config", "doctor", "status", "version"})
"""What has to work with a wrong configuration: it is there to put it right, or to say that it is wrong."""
_HELP = frozenset({"--help"})

app = typer.Typer(
    cls=Group,
    help="Measure how long reported material stays online at hosting providers, and publish it fairly.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes [mandate] in a help text for markup and drops it
    pretty_exceptions_enable=False,
    add_completion=False,
)
providers_app.command("proposals")(proposals.proposals)
providers_app.command("addressees")(proposals.addressees)
app.add_typer(refdata.app, name="refdata")
app.add_typer(providers_app, name="providers")
app.add_typer(letters_app, name="letters")
app.add_typer(live.rdap, name="rdap")
app.add_typer(correct.app, name="correct")
app.add_typer(orders_app, name="orders")
app.command("import")(importing.import_)
app.command("resolve")(live.resolve)
app.command("check")(checks.check)
app.command("run")(checks.run)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("explain")(explaining.explain)
app.command("doubts")(explaining.doubts)
app.command("compare")(compare.compare)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
app.command("provider-file")(provider_file.provider_file)
app.command("reconcile")(reconcile.reconcile)
app.command("brief")(brief.brief)
app.command("reveal")(revealing.reveal)
app.add_typer(research_app, name="research")
app.add_typer(privacy_app, name="privacy")
app.command("verify")(verify.verify)
app.command("forget")(forget.forget)
app.add_typer(archive_app, name="archive")
app.add_typer(hold_app, name="hold")
app.add_typer(keys_app, name="keys")
app.add_typer(exchange_app, name="exchange")
app.add_typer(handover_app, name="handover")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(db.app, name="db")


@app.callback()
def options(
    context: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the store lives. Default: $MONITOR_DATA_DIR, else data/local.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file. Default: monitor.toml in the data folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages and no progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="More messages.")] = False,
) -> None:
    """Global options come before the command."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, stream=sys.stderr, format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    context.obj = Session(data_dir or default_data_dir(), config, as_json, quiet, verbose)
    caching.settle(context.obj.data_dir)
    if context.invoked_subcommand not in _WITHOUT_SETTINGS and not _HELP & set(sys.argv[1:]):
        context.obj.settings()  # a misspelt setting is said at once, also where the command would not read it


@app.command()
def attribute(
    context: typer.Context,
    again: Annotated[bool, typer.Option("--all", help="Start over instead of doing what is missing.")] = False,
) -> None:
    """Address and date to network, AS and provider, from the dated tables. Never uses the network."""
    session: Session = context.obj
    with session.store() as (opened, settings):
        refdata.say_age(session, pipeline.reference_tables(opened), settings)
        with session.bar("attribute") as progress:
            counts = pipeline.attribute(opened, again=again, progress=progress)
    session.result(dataclasses.asdict(counts), present.attribute_text(counts))


@app.command()
def freeze(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="2026H1, 2026Q1, 2026-03, 2026 or 2026-01-01..2026-06-30.")],
    cutoff: Annotated[
        str | None, typer.Option(help="Only facts before it count. Default: 31 days after the end.")
    ] = None,
) -> None:
    """Cut the immutable dataset of a period."""
    session: Session = context.obj
    chosen = Period.parse(period)
    until = instant(cutoff, "--cutoff") if cutoff else chosen.default_cutoff
    with session.store() as (opened, settings):
        for warning in freezing.freeze_warnings(chosen, until, now()):
            session.say(f"monitor: {warning}")
        refdata.say_age(session, pipeline.reference_tables(opened), settings, until.date())
        with session.bar("freeze"):
            frozen = freezing.freeze(opened, settings, chosen, until, lambda text: session.say(f"monitor: {text}"))
    session.result(present.frozen(frozen), present.frozen_text(frozen))


@app.command()
def rank(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="The period of a frozen dataset.")],
    role: Annotated[str, typer.Option(help="network, as, customer, proxy or site.")] = "network",
    norm: Annotated[str, typer.Option(help="request, order, or the name of another configured norm.")] = "request",
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
    compare: Annotated[
        str | None, typer.Option(help="role, refdata, fronting or method: how the ranking depends on that choice.")
    ] = None,
    final: Annotated[
        bool,
        typer.Option(
            "--final",
            help="With the classes of a final release: 'below' also holds for all together (Holm), in role network "
            "and against the request norm alone.",
        ),
    ] = False,
) -> None:
    """The ranking of a frozen period as a table, or how it depends on a choice."""
    session: Session = context.obj
    chosen, by_role = Period.parse(period), word(Role, role, "--role")
    if compare is not None:
        by = word(Compared, compare, "--compare")
        _check_compared(context, by, by_role)
        found = _compared(session, chosen, by, _compared_norm(by, norm, final=final), freeze)
        session.result(present_comparison.comparison(found), present_comparison.comparison_text(found))
        return
    with session.bar("rank"):
        made = frozen_figures.rank(session.data_dir, chosen, norm, by_role, freeze, final=final)
    session.result(present.ranking(made, final=final), present.ranking_text(made, final=final))


@app.command()
def remeasure(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="The period of a frozen dataset.")],
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
) -> None:
    """Measure an old freeze by the method in force and keep these figures beside those it was frozen with."""
    session: Session = context.obj
    with session.bar("remeasure"):
        path = frozen_figures.remeasure(session.data_dir, Period.parse(period), freeze)
    session.result({"path": str(path)}, str(path))


def _check_compared(context: typer.Context, by: Compared, role: Role) -> None:
    """A role that would be passed over in silence is wrong usage."""
    source = context.get_parameter_source("role")
    if source is None or source.name == "DEFAULT":
        return
    if by is Compared.ROLE:
        raise UsageError("--compare role compares the roles itself", "Leave --role out")
    if role is not Role.NETWORK:
        raise UsageError(f"--compare {by.value} reads the role network alone", "Leave --role out")


def _compared_norm(by: Compared, norm: str, *, final: bool) -> NoticeKind:
    """The clock whose norm is compared; what a comparison would pass over in silence is wrong usage."""
    if final:
        raise UsageError(f"--compare {by.value} holds no classes of a final release", "Leave --final out")
    if by is Compared.METHOD and norm != NoticeKind.REQUEST:
        raise UsageError("--compare method reads the norm request alone", "Leave --norm out")
    clocks = {kind.value: kind for kind in NoticeKind}
    if norm not in clocks:
        raise UsageError(
            f"--compare {by.value} reads the norms request and order alone", "Leave --norm out, or write --norm order"
        )
    return clocks[norm]


def _compared(session: Session, period: Period, by: Compared, clock: NoticeKind, freeze: str | None) -> Comparison:
    if by is Compared.ROLE:
        return inquiry.compare_roles(session.data_dir, period, clock, freeze)
    if by is Compared.METHOD:
        return inquiry.compare_methods(session.data_dir, period, freeze)
    with session.store() as (opened, settings), session.bar("compare") as progress:
        return inquiry.compare_tables(opened, settings, period, by, clock, freeze, progress)


@app.command()
def publish(
    context: typer.Context,
    period: Annotated[str | None, typer.Argument(help="The period of a frozen dataset.", show_default=False)] = None,
    kind: Annotated[str, typer.Option(help="interim, or final: names those who were heard.")] = "interim",
    out: Annotated[Path | None, typer.Option(help="Where releases go. Default: releases in the data folder.")] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First 8 characters of a freeze's digest. Default: the newest.")
    ] = None,
    supersedes: Annotated[
        int | None, typer.Option(min=1, help="Correct that version: the release replaces it and says what changed.")
    ] = None,
    reason_en: Annotated[str | None, typer.Option(help="What was wrong, in English; published.")] = None,
    reason_nl: Annotated[str | None, typer.Option(help="The same in Dutch.")] = None,
    verify: Annotated[Path | None, typer.Option(help="Check a release folder against its manifest instead.")] = None,
) -> None:
    """Write the release of a frozen period, correct one that is out, or verify one."""
    session: Session = context.obj
    if verify is not None:
        found = publishing.verify_release(verify)
        session.result(present_release.verified(found), present_release.verified_text(found))
        raise typer.Exit(1 if found.differences else 0)
    if period is None:
        raise UsageError("No period was given", "Write `monitor publish 2026H1`")
    chosen, which = Period.parse(period), word(ReleaseKind, kind, "--kind")
    asked = _amendment(supersedes, reason_en, reason_nl)
    try:
        with session.bar("publish"), _register(session, which) as db:
            made = publishing.publish(session.data_dir, session.settings(), chosen, which, out, freeze, asked, db)
    except NamingRefused as refusal:
        if session.json:
            session.result(present_release.refused(refusal), "")
        typer.echo(present_release.refused_text(refusal), err=True)
        raise typer.Exit(refusal.exit_status) from None
    if made.superseded_by:
        session.say(f"monitor: this release was replaced by {made.superseded_by}")
    session.result(present_release.release(made), present_release.release_text(made))


@contextmanager
def _register(session: Session, kind: ReleaseKind) -> Iterator[Store | None]:
    """The store for a final release alone: an interim one needs none, nor its key."""
    if kind is ReleaseKind.INTERIM:
        yield None
        return
    with session.store() as (opened, _):
        yield opened


def _amendment(supersedes: int | None, reason_en: str | None, reason_nl: str | None) -> Amendment | None:
    """A correction says what was wrong, in both languages; without a correction there is nothing to say."""
    if supersedes is None and reason_en is None and reason_nl is None:
        return None
    if supersedes is None:
        raise UsageError("A reason belongs to a correction", "Write --supersedes and the number of the wrong version")
    if not (reason_en or "").strip() or not (reason_nl or "").strip():
        raise UsageError("A correction says what was wrong in both languages", "Write --reason-en and --reason-nl")
    return Amendment(supersedes, plain(reason_en or "", "--reason-en"), plain(reason_nl or "", "--reason-nl"))


@app.command("config")
def config_(context: typer.Context) -> None:
    """Print a configuration file with every setting at its default, commented."""
    session: Session = context.obj
    session.result({"monitor.toml": sample_toml()}, sample_toml())


@app.command()
def version(context: typer.Context) -> None:
    """The version of the program."""
    session: Session = context.obj
    session.result({"version": __version__, "code": version_of_the_code()}, version_of_the_code())


def _options_first(words: list[str]) -> list[str]:
    """`monitor rank 2026H1 --json` is what people write: the global flags may stand anywhere."""
    end = words.index("--") if "--" in words else len(words)
    flags = [word for word in words[:end] if word in ("--json", "-q", "--quiet", "-v", "--verbose")]
    return flags + [word for word in words[:end] if word not in flags] + words[end:]


def main() -> None:
    """The console script: the one place where errors become exit statuses."""
    monitor.starting.streams_held()
    monitor.starting.settled()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the key
    try:
        status = app(args=_options_first(sys.argv[1:]), standalone_mode=False)
    except TyperException as error:  # wrong usage; without a message the help was shown instead
        if message := error.format_message():
            said = without_values(message, sys.argv[1:]).rstrip(".")
            typer.echo(f"monitor: {said}{'' if said.endswith('?') else '.'} See --help", err=True)
        sys.exit(2)
    except MonitorError as error:
        typer.echo(f"monitor: {error}", err=True)
        sys.exit(error.exit_status)
    except OSError as error:
        # Only the kind of failure: the message of an OSError names paths.
        what = error.strerror or type(error).__name__
        typer.echo(f"monitor: the disk or a file does not allow it ({what}). Check space and permissions", err=True)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 (a defect: its message may hold anything, so only its kind and place are shown)
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        typer.echo(f"monitor: a defect in the program ({type(error).__name__} in {where}); please report it", err=True)
        sys.exit(1)
    if status == INTERRUPTED:
        typer.echo("monitor: stopped; what was stored stays, the same command goes on", err=True)
    sys.exit(status)


def without_values(message: str, typed: Sequence[str]) -> str:
    """What is wrong with the words of a command, without those that can be a URL or the name of an input."""
    values = {part for word in typed for part in (word, *word.split("=")) if not _PLAIN_WORD.fullmatch(part)}
    for value in sorted(values - {""}, key=len, reverse=True):
        message = message.replace(value, "...").replace(repr(value)[1:-1], "...")
    return message


monitor.starting.loaded()
