"""`monitor providers ...`: the registry as people edit it, with who and why for each change.

In: ids and texts. Out: numbers of changes, lists, one readable file. What would surprise: who, why, names and aliases
are kept or shown in the clear and refuse whatever looks like a URL, host or address; all other texts are sealed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from monitor import pipeline, present_providers
from monitor.clock import now
from monitor.commands import providers_file
from monitor.commands.groups import Group
from monitor.commands.providers_file import NOT_YET_REPORTED
from monitor.errors import RecordMissing, RegistryError, UsageError
from monitor.session import Session, plain
from monitor.store import Store, find_record
from monitor.store.registry_changes import (
    assign,
    changes,
    distinct,
    merge,
    natural_persons,
    override,
    set_traits_of,
    split,
    undo,
    void_changes,
)
from monitor.store.registry_details import DetailProblem

_OPTIONS = {"valid_from": "from"}
"""Where an option is not called like its field."""

providers_app = typer.Typer(
    cls=Group,
    help="The registry of providers, with who and why for each change.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
By = Annotated[str, typer.Option(help="Who decided it.")]
Why = Annotated[str, typer.Option(help="On what grounds.")]
Id = Annotated[str, typer.Argument(help="Id of a provider, from `providers list`.", show_default=False)]
Asn = Annotated[list[str] | None, typer.Option("--asn", help="AS number. May be given again.")]
Organisation = Annotated[
    list[str] | None, typer.Option("--organisation", help="Id of a registered organisation. May be given again.")
]
Network = Annotated[list[str] | None, typer.Option("--network", help="Prefix. May be given again.")]
From = Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD. Default: always was.")]
Until = Annotated[str | None, typer.Option(help="First day on which it no longer holds. Default: open.")]


@providers_app.command("list")
def list_(context: typer.Context) -> None:
    """Every provider with its names, AS numbers and organisations."""
    session: Session = context.obj
    with session.store() as (opened, _):
        registry = pipeline.registry(opened, now().date())
    session.result({"providers": present_providers.listed(registry)}, present_providers.listed_text(registry))


@providers_app.command()
def show(
    context: typer.Context, provider: Annotated[str, typer.Argument(help="Id, name or AS number.", show_default=False)]
) -> None:
    """One provider: legal identity, names, numbers, networks, contacts, and every change that touched it."""
    session: Session = context.obj
    with session.store() as (opened, _):
        registry = pipeline.registry(opened, now().date())
        found = registry.find(provider)
        if found is None:
            raise RegistryError(
                "No provider has that id, name or AS number, or several have", "See `monitor providers list`"
            )
        shown = present_providers.Shown(
            registry, found, changes(opened, found), void_changes(opened), natural_persons(opened)
        )
    session.result(shown.fields(), shown.text())


@providers_app.command("merge")
def merge_(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="The provider that is the same organisation as INTO.")],
    into: Annotated[str, typer.Argument(help="The provider that stays.")],
    by: By,
    why: Why,
) -> None:
    """Book one provider's figures on another from now on; past freezes stay as they are."""
    _changed(context, by, why, lambda db, who: merge(db, provider, into, **who))


@providers_app.command("split")
def split_(
    context: typer.Context,
    provider: Id,
    by: By,
    why: Why,
    asn: Asn = None,
    organisation: Organisation = None,
    network: Network = None,
    name: Annotated[str | None, typer.Option(help="Name of the part; all of it then gets one new id.")] = None,
    from_: From = None,
    until: Until = None,
) -> None:
    """Give parts of a provider one of their own: AS numbers and organisations their own ids, networks a new one."""
    named = None if name is None else plain(name, "--name")
    given = _given(asn=asn, organisation=organisation, network=network, name=named, valid_from=from_, until=until)
    session: Session = context.obj
    who = _who(by, why)
    with session.store() as (opened, _), _as_options():
        number = split(opened, provider, given, **who)
        made = next(change for change in changes(opened) if change.change_id == number)
        provider_id, text = present_providers.split_off(pipeline.registry(opened, now().date()), made)
    session.result({"change": number, "provider_id": provider_id}, text)


@providers_app.command("assign")
def assign_(
    context: typer.Context,
    provider: Id,
    by: By,
    why: Why,
    asn: Asn = None,
    organisation: Organisation = None,
    network: Network = None,
    from_: From = None,
    until: Until = None,
) -> None:
    """This provider answers for AS numbers, organisations or networks, also from one day to another."""
    given = _given(asn=asn, organisation=organisation, network=network, valid_from=from_, until=until)
    _changed(context, by, why, lambda db, who: assign(db, provider, given, **who))


@providers_app.command("override")
def override_(
    context: typer.Context,
    provider: Id,
    record: Annotated[str, typer.Option(help="The hotline's reference.")],
    by: By,
    why: Why,
    source: Annotated[
        str | None, typer.Option(help="The source of the record. Needed where several have that id, or none yet.")
    ] = None,
) -> None:
    """Book one record on this provider, whatever its address says."""
    session: Session = context.obj
    who = _who(by, why)
    with session.store() as (opened, _), _as_options():
        whose, is_reported = _source_of(opened, record.strip(), source.strip() if source else None)
        number = override(opened, provider, record, source=whose, **who)
    if not is_reported:
        session.say(f"monitor: {NOT_YET_REPORTED}")
    session.result({"change": number}, f"change {number}")


@providers_app.command("set")
def set_(
    context: typer.Context,
    provider: Id,
    by: By,
    why: Why,
    name: Annotated[str | None, typer.Option(help="The name to show.")] = None,
    alias: Annotated[list[str] | None, typer.Option(help="Another name. May be given again.")] = None,
    remove_alias: Annotated[list[str] | None, typer.Option(help="Takes an alias away.")] = None,
    legal_name: Annotated[str | None, typer.Option(help="Name in law.")] = None,
    register_number: Annotated[str | None, typer.Option(help="Number in the trade register.")] = None,
    postal_address: Annotated[str | None, typer.Option(help="Where letters go.")] = None,
    country: Annotated[str | None, typer.Option(help="Of establishment, two letters of ISO 3166.")] = None,
    country_source: Annotated[str | None, typer.Option(help="Where the country is known from.")] = None,
    natural_person: Annotated[str | None, typer.Option(help="yes or no. A natural person is never named.")] = None,
    capacity: Annotated[
        list[str] | None, typer.Option(help="hosting, communication, access, proxy, registrar or site.")
    ] = None,
    remove_capacity: Annotated[list[str] | None, typer.Option(help="Takes a capacity away.")] = None,
    group: Annotated[str | None, typer.Option(help="The group of companies that it belongs to.")] = None,
    contact: Annotated[list[str] | None, typer.Option(help="kind=value. May be given again.")] = None,
    contact_source: Annotated[str | None, typer.Option(help="Where the contacts are known from.")] = None,
    remove_contact: Annotated[list[str] | None, typer.Option(help="Takes a contact away, kind=value.")] = None,
) -> None:
    """Say what is known of a provider. An empty text takes a value back."""
    given = _given(
        name=plain(name, "--name") if name else name,
        alias=[plain(text, "--alias") for text in alias or []],
        remove_alias=remove_alias,
        legal_name=legal_name,
        register_number=register_number,
        postal_address=postal_address,
        country=country,
        country_source=country_source,
        natural_person=natural_person,
        capacity=capacity,
        remove_capacity=remove_capacity,
        group=group,
        contact=contact,
        contact_source=contact_source,
        remove_contact=remove_contact,
    )
    _changed(context, by, why, lambda db, who: set_traits_of(db, provider, given, **who))


@providers_app.command("distinct")
def distinct_(
    context: typer.Context,
    provider: Id,
    other: Annotated[str, typer.Argument(help="The provider that it is not.", show_default=False)],
    by: By,
    why: Why,
) -> None:
    """These two are not the same, whatever their names suggest: their merge is no longer proposed."""
    _changed(context, by, why, lambda db, who: distinct(db, provider, other, **who))


@providers_app.command("undo")
def undo_(
    context: typer.Context,
    change: Annotated[int, typer.Argument(help="The number of the change, from `providers show`.")],
    by: By,
    why: Why,
) -> None:
    """Take a change back; both stay on the audit log."""
    session: Session = context.obj
    with session.store() as (opened, _):
        before = void_changes(opened)
        undone = undo(opened, change, **_who(by, why))
        void = {number: reason for number, reason in void_changes(opened).items() if number not in before}
    for number, reason in void.items():
        session.say(f"monitor: change {number} needed it and is without effect now: {reason}")
    session.result({"change": undone, "without_effect": sorted(void)}, f"change {undone}")


providers_app.command("export")(providers_file.export)
providers_app.command("import")(providers_file.import_)


def _changed(context: typer.Context, by: str, why: str, change: Callable[[Store, Mapping[str, str]], int]) -> None:
    """Make one change and say its number."""
    session: Session = context.obj
    who = _who(by, why)
    with session.store() as (opened, _), _as_options():
        number = change(opened, who)
    session.result({"change": number}, f"change {number}")


def _who(by: str, why: str) -> dict[str, str]:
    return {"by": plain(by, "--by"), "why": plain(why, "--why")}


@contextmanager
def _as_options() -> Iterator[None]:
    """A wrong value is wrong usage, and the message names the option and not our field."""
    try:
        yield
    except DetailProblem as problem:
        raise UsageError(*problem.worded(lambda name: f"--{_OPTIONS.get(name, name).replace('_', '-')}")) from None


def _source_of(opened: Store, record: str, source: str | None) -> tuple[str, bool]:
    """The source of a record, and whether a report has it. Raises RecordMissing where none was given nor found."""
    try:
        return find_record(opened, record, source).source, True
    except RecordMissing as missing:
        if source is None:
            hint = f"{missing.hint}; with --source also a record that is still to come is taken"
            raise RecordMissing(missing.message, hint) from None
        return source, False


def _given(**options: str | Sequence[str] | None) -> dict[str, str | Sequence[str]]:
    """The options that were given. The commands' words are not the fields' (`--from` is valid_from)."""
    given = {name: value for name, value in options.items() if value is not None and value != []}
    if not given:
        raise UsageError("Nothing was given to change", "See --help for what can be")
    return given
