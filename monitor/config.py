"""The settings: `<data-dir>/monitor.toml` or `--config`, overridden by `MONITOR_SECTION__NAME` in the environment.

Validated at start; a wrong name is answered with the nearest right one. No value of a setting is ever printed.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from monitor.errors import ConfigError, MandateMissing
from monitor.model import observation
from monitor.model.words import NoticeKind

CONFIG_NAME = "monitor.toml"
LONGEST_DEADLINE_HOURS = 12
_NEEDED = {
    "tuple_type": 'a list is needed, such as ["..."]',
    "dict_type": "a section [{path}] is needed, with a value for each name",
    "model_type": "a section [{path}] is needed, with settings of its own",
    "string_type": 'a text is needed, such as "..."',
    "date_from_datetime_parsing": "a day is needed, such as 2027-06-30",
    "date_parsing": "a day is needed, such as 2027-06-30",
    "date_type": "a day is needed, such as 2027-06-30",
}
"""What the commonest mistakes of a kind want instead; pydantic would speak of tuples and instances."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object, info: ValidationInfo) -> object:
        """TOML has no null: an empty text stands for "not set" where that is the default."""
        default = cls.model_fields[info.field_name or ""].default
        return None if value == "" and default is None else value


class Database(_Section):
    """Where the facts are kept."""

    url: str | None = Field(default=None, description="SQLAlchemy URL; empty: SQLite in the data folder.")
    busy_seconds: float = Field(default=30, ge=0, le=3600, description="How long to wait for another writer (SQLite).")


class Source(_Section):
    """What is known about one source of reports."""

    trusted: bool = Field(default=True, description="Its recorded checks count as confirmed: one offline is enough.")
    live: bool = Field(default=False, description="Its targets may be resolved and checked by us, under the mandate.")


class NormSettings(_Section):
    """The norm for requests: hours, and the share that should be within them."""

    hours: float = Field(default=24, gt=0, le=8760, description="Hours allowed, from the notice (or order).")
    target: float = Field(default=0.8, gt=0, le=1, description="Share that should be within those hours.")
    basis: str = Field(default="example", description="Where norm and target come from; shown in every release.")
    valid_from: date | None = Field(default=None, description="The day from which they hold.")
    set_by: str = Field(default="", description="Who set them.")


class OrderNormSettings(NormSettings):
    """The norm for orders; each order has a deadline of its own."""

    hours: float = Field(
        default=12, gt=0, le=LONGEST_DEADLINE_HOURS, description="Longest deadline of an order; each order has its own."
    )


class FurtherNormSettings(NormSettings):
    """A descriptive norm beside the primary ones, by a name of your own (letters, digits, hyphens)."""

    clock: NoticeKind = Field(
        examples=[NoticeKind.REQUEST.value], description="Whose hours it counts: since a request, or since an order."
    )

    @model_validator(mode="after")
    def _orders_are_short(self) -> Self:
        if self.clock is NoticeKind.ORDER and self.hours > LONGEST_DEADLINE_HOURS:
            raise ValueError("an order allows at most 12 hours")
        return self


class Norms(_Section):
    """The primary norm of each clock, and any number beside them; classes of a final report go by `request`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, FurtherNormSettings]

    request: NormSettings = NormSettings()
    order: OrderNormSettings = OrderNormSettings()

    @property
    def further(self) -> Mapping[str, FurtherNormSettings]:
        """The norms beside the primary ones, by name."""
        return self.__pydantic_extra__

    @model_validator(mode="after")
    def _names(self) -> Self:
        for name in self.further:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", name) or name.lower() in type(self).model_fields:
                raise ValueError("a norm is named by letters, digits and hyphens, and not as Request or ORDER")
        return self


class Mandate(_Section):
    """Under which authority live checks are made. Without it there are none."""

    organisation: str = Field(default="", description="Who checks.")
    legal_basis: str = Field(default="", description="On what legal basis.")
    contact: str = Field(default="", description="Whom the operators of checked hosts can ask.")
    expires: date | None = Field(default=None, description="Last day of the mandate; empty: until it is withdrawn.")
    permit_get: bool = Field(default=False, description="Whether a GET of one byte is allowed besides HEAD.")
    loopback: bool = Field(
        default=False, description="For demonstrations and tests: valid on loopback addresses and nowhere else."
    )


class Resolvers(_Section):
    """Whom `monitor resolve` asks: recursive resolvers that you are allowed to use, two at least."""

    servers: tuple[str, ...] = Field(default=(), description="Addresses, with a port where it is not 53.")
    timeout_seconds: float = Field(default=3, gt=0, le=60, description="How long to wait for one answer.")
    tries: int = Field(default=3, ge=1, le=10, description="Questions to one resolver before it counts as silent.")
    concurrency: int = Field(default=64, ge=1, le=2000, description="Hosts asked about at a time.")
    longest_chain: int = Field(default=12, ge=1, le=50, description="CNAMEs followed before it is too long.")


class Checks(_Section):
    """How live checks are made."""

    user_agent: str = Field(default="", description="Empty: hosting-monitor/VERSION (organisation; contact).")
    ports: tuple[int, ...] = Field(
        default=(),
        description="Ports that may be connected to; empty: 80, 443 and those above 1023 that browsers allow.",
    )
    concurrency: int = Field(default=64, ge=1, le=1000, description="Connections at a time, one to an address.")
    pause_seconds: float = Field(default=1, ge=0, le=600, description="Pause between two checks of one site.")
    connect_seconds: float = Field(default=10, gt=0, le=120, description="How long to wait for a connection.")
    tls_seconds: float = Field(default=10, gt=0, le=120, description="How long to wait for TLS.")
    headers_seconds: float = Field(default=20, gt=0, le=300, description="How long to wait for the headers.")
    check_seconds: float = Field(
        default=60, gt=0, le=3600, description="How long one check may take in all, never longer than run_seconds."
    )
    addresses: int = Field(
        default=4, ge=1, le=16, description="Addresses of one host that may stay silent in one check; 16 are tried."
    )
    redirects: int = Field(default=5, ge=0, le=20, description="Redirects followed in one check.")
    largest_headers: int = Field(default=65536, ge=1024, le=1048576, description="Bytes of headers read at most.")
    per_run: int = Field(default=2000, ge=1, le=100000, description="Checks between two canaries, at most.")
    run_seconds: float = Field(
        default=120, ge=1, le=3600, description="After so long a run begins nothing more: the rest stays due."
    )


class Canary(_Section):
    """Known-good URLs that say whether our own network is well; without one there are no live checks."""

    ipv4: tuple[str, ...] = Field(default=(), description="URLs of yours that answer HEAD with 2xx over IPv4.")
    ipv6: tuple[str, ...] = Field(default=(), description="The same over IPv6; empty: IPv6 addresses are not checked.")
    most_failing: float = Field(default=0.3, gt=0, le=1, description="Share of networks failing at once: void.")
    fewest_networks: int = Field(default=10, ge=2, description="Fewer networks in a run: that share is not asked for.")


class Vantage(_Section):
    """From where checks are made."""

    proxy: str | None = Field(default=None, description="socks5://HOST:PORT or http://HOST:PORT; empty: directly.")


class Rdap(_Section):
    """Whom `monitor rdap fetch` asks for registration data, and how gently."""

    servers: dict[str, str] = Field(
        default={}, description="Base URL by registry, beside or in place of those that ipwhois knows."
    )
    first: str = Field(default="arin", description="The registry asked where none is known; it redirects to others.")
    per_minute: float = Field(default=20, gt=0, le=6000, description="Most questions a minute to one registry.")
    timeout_seconds: float = Field(default=10, gt=0, le=120, description="How long to wait for one answer.")
    fresh_days: float = Field(default=90, gt=0, description="A younger answer is not asked for again.")
    retry_hours: float = Field(default=24, ge=0, description="So long a question that failed is left alone.")
    longest_wait_seconds: float = Field(
        default=60, ge=0, description="A registry that asks for a longer pause is left for the next run."
    )


class Refdata(_Section):
    """Where `monitor refdata update` finds the public tables, and what it takes for broken."""

    prefixes: tuple[str, ...] = Field(default=(), description="URLs of routing tables; together they make one table.")
    as_names: str | None = Field(default=None, description="URL of a table of AS names.")
    fronting: tuple[str, ...] = Field(default=(), description="URLs of lists of reverse proxies' ranges.")
    oldest_days: float = Field(default=90, gt=0, description="An older routing table puts attributions in doubt.")
    fewest_peers: int = Field(default=1, ge=1, description="RIS whois dumps: a prefix that fewer peers saw is noise.")
    most_shrink: float = Field(default=0.2, gt=0, lt=1, description="A table that lost a larger share is refused.")
    timeout_seconds: float = Field(default=60, gt=0, le=3600, description="How long to wait for a server to go on.")


class MinimumSettings(_Section):
    """How much it takes to be ranked and named."""

    episodes: int = Field(default=10, ge=1, description="Fewer Episodes: listed without a rank.")
    clusters: int = Field(default=3, ge=1, description="Fewer days with a notice: listed without a rank.")
    named: int = Field(default=5, ge=1, description='Fewer Episodes: shown as part of "other" on pages and in tables.')


class Publication(_Section):
    """What a release shows."""

    name_in_interim: bool = Field(default=False, description="Whether an interim release may show providers by name.")
    notice_en: str = Field(
        default="", description="A notice on top of every English page, such as a mark of trial runs."
    )
    notice_nl: str = Field(default="", description="The same on every Dutch page.")
    publisher: str = Field(default="", description="Who publishes the report; shown in its footer.")
    inform: tuple[str, ...] = Field(
        default=(), description="Who is told of a correction besides the providers; on a list beside the release."
    )


class Settings(BaseSettings):
    """Every setting with its default."""

    model_config = SettingsConfigDict(
        env_prefix="MONITOR_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    database: Database = Database()
    mandate: Mandate = Mandate()
    sources: dict[str, Source] = Field(default={}, description="By the name in the reports' `source` column.")
    resolvers: Resolvers = Resolvers()
    checks: Checks = Checks()
    canary: Canary = Canary()
    vantages: dict[str, Vantage] = Field(default={}, description="By name; none: one, `direct`, without a proxy.")
    rdap: Rdap = Rdap()
    refdata: Refdata = Refdata()
    norms: Norms = Field(default_factory=lambda: Norms.model_validate({}))
    minimums: MinimumSettings = MinimumSettings()
    publication: Publication = Publication()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (whose content arrives as `init_settings`)."""
        return env_settings, init_settings

    def is_trusted(self, source: str) -> bool:
        return self.sources.get(source, Source()).trusted

    def live_sources(self, today: date) -> tuple[str, ...]:
        """The sources whose targets may be resolved, asked about and checked on that day.

        Raises MandateMissing without a mandate in force, or where no source is live.
        """
        return self._live(("organisation", "legal_basis"), today)

    def checked_sources(self, today: date) -> tuple[str, ...]:
        """The sources whose targets may be connected to on that day: the mandate has to be stated in full.

        Raises MandateMissing, also where nobody is named whom an operator could ask, or no last day.
        """
        return self._live(("organisation", "legal_basis", "contact", "expires"), today)

    def _live(self, needed: tuple[str, ...], today: date) -> tuple[str, ...]:
        mandate = self.mandate
        missing = [name for name in needed if not str(getattr(mandate, name) or "").strip()]
        if missing:
            hint = f"Fill in [mandate] {', '.join(missing)} in {CONFIG_NAME} of the data folder"
            raise MandateMissing("There is no mandate to ask the network about anything", hint)
        if mandate.expires is not None and mandate.expires < today:
            hint = "Have it renewed, then set [mandate] expires"
            raise MandateMissing(f"The mandate ended on {mandate.expires}", hint)
        live = tuple(sorted(name for name, source in self.sources.items() if source.live))
        if not live:
            raise MandateMissing(
                "No source is live, so nothing may be asked",
                "Set [sources.NAME] live = true where the mandate covers it",
            )
        return live


def mandate_of(settings: Settings) -> observation.Mandate:
    """The configured mandate as runs and releases record it."""
    given = settings.mandate
    expires = given.expires.isoformat() if given.expires else ""
    return observation.Mandate(
        given.organisation, given.legal_basis, given.contact, expires, given.permit_get, given.loopback
    )


def load_settings(data_dir: Path, config: Path | None) -> Settings:
    """Read `config`, else the data folder's monitor.toml, else the defaults. Raises ConfigError."""
    path = config or data_dir / CONFIG_NAME
    content: dict[str, Any] = {}
    if config is not None or path.exists():
        content = _read_toml(path)
    _check_environment()
    try:
        return Settings(**content)
    except ValidationError as error:
        raise _explained(error) from None
    except SettingsError:
        hint = "Write MONITOR_SECTION__NAME, such as MONITOR_DATABASE__URL"
        raise ConfigError("A setting in the environment cannot be read", hint) from None


def _check_environment() -> None:
    """A misspelt section in a variable's name would otherwise be passed over in silence."""
    for variable in os.environ:
        if variable.startswith("MONITOR_") and "__" in variable:
            section = variable.removeprefix("MONITOR_").split("__")[0].lower()
            if section not in Settings.model_fields:
                near = difflib.get_close_matches(section, Settings.model_fields, 1, cutoff=0.4)
                hint = f"Did you mean 'MONITOR_{near[0].upper()}__...'?" if near else ""
                raise ConfigError(f"The environment names a section [{section[:40]}] that does not exist", hint)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError("The configuration file does not exist", "Check the --config option") from None
    except (OSError, UnicodeDecodeError):
        raise ConfigError("The configuration file cannot be read", "Check its permissions and encoding") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line \d+, column \d+", str(error))  # the rest of the text can repeat what was written
        where = f" ({found[0]})" if found else ""
        hint = "Texts stand in quotes, days do not: `monitor config` prints every setting"
        raise ConfigError(f"The configuration file is not valid TOML{where}", hint) from None


def _explained(error: ValidationError) -> ConfigError:
    """The first mistake, in words."""
    first = error.errors(include_input=False, include_url=False)[0]
    *section, name = (part for part in first["loc"] if isinstance(part, str))
    where = f"[{'.'.join(section)}] {name}" if section else f"[{name}]"
    where += "".join(f", number {part + 1}," for part in first["loc"] if isinstance(part, int))
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, _names_in(section), 1, cutoff=0.4)
        return ConfigError(f"There is no setting {where}", f"Did you mean '{near[0]}'?" if near else "")
    if (first["type"], name) == ("missing", "clock"):  # [norms.NAME], or [norms.request] misspelt
        return ConfigError(f"Setting {where} is missing", f'{_near_norm(section)}Write clock = "request" or "order"')
    needed = _NEEDED.get(first["type"], first["msg"]).replace("{path}", ".".join([*section, name]))
    return ConfigError(f"Setting {where} is wrong: {needed}")


def _near_norm(section: list[str]) -> str:
    near = difflib.get_close_matches(section[-1].lower(), Norms.model_fields, 1, cutoff=0.6)
    return f"Did you mean [norms.{near[0]}]? " if near else ""


def _names_in(section: list[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in section:
        field = model.model_fields.get(part)
        named = FurtherNormSettings if model is Norms else Source
        kind = field.annotation if field is not None else named
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else Source
    return list(model.model_fields)


def default_data_dir() -> Path:
    """`$MONITOR_DATA_DIR`, else `data/local`."""
    return Path(os.environ.get("MONITOR_DATA_DIR") or "data/local")
