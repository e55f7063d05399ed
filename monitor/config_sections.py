"""The sections of the settings, each with its defaults and what it means; `config.py` joins and reads them.

In: values as TOML or the environment gives them. Out: frozen, validated sections. What would surprise: a setting's
description is what `monitor config` and `docs/` print beside it.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from monitor.model.retention import KEEP, TERM_HELP, RetentionClass, Term
from monitor.model.words import NoticeKind

LONGEST_DEADLINE_HOURS = 12


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object, info: ValidationInfo) -> object:
        """TOML has no null: an empty text stands for "not set" where that is the default."""
        default = cls.model_fields[info.field_name or ""].default
        return None if value == "" and default is None else value


class Database(Section):
    """Where the facts are kept."""

    url: str | None = Field(
        default=None,
        description="PostgreSQL: postgresql+psycopg://user@host/name, no password; empty: SQLite in the data folder.",
    )
    busy_seconds: float = Field(default=30, ge=0, le=3600, description="How long to wait for another writer.")


class Source(Section):
    """What is known about one source of reports."""

    trusted: bool = Field(default=True, description="Its recorded checks count as confirmed: one offline is enough.")
    live: bool = Field(default=False, description="Its targets may be resolved and checked by us, under the mandate.")


class NormSettings(Section):
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


class Norms(Section):
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


class Mandate(Section):
    """Under which authority live checks are made. Without it there are none."""

    organisation: str = Field(default="", description="Who checks.")
    legal_basis: str = Field(default="", description="On what legal basis.")
    contact: str = Field(default="", description="Whom the operators of checked hosts can ask.")
    expires: date | None = Field(
        default=None,
        description="Last day of the mandate. Checks need one; names and registries are asked without.",
    )
    permit_get: bool = Field(default=False, description="Whether a GET of one byte is allowed besides HEAD.")
    loopback: bool = Field(
        default=False, description="For demonstrations and tests: valid on loopback addresses and nowhere else."
    )


class Resolvers(Section):
    """Whom `monitor resolve` asks: recursive resolvers that you are allowed to use, two at least."""

    servers: tuple[str, ...] = Field(default=(), description="Addresses, with a port where it is not 53.")
    timeout_seconds: float = Field(default=3, gt=0, le=60, description="How long to wait for one answer.")
    tries: int = Field(default=3, ge=1, le=10, description="Questions to one resolver before it counts as silent.")
    concurrency: int = Field(default=64, ge=1, le=2000, description="Hosts asked about at a time.")
    longest_chain: int = Field(default=12, ge=1, le=50, description="CNAMEs followed before it is too long.")


class Checks(Section):
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
    lease_seconds: float = Field(
        default=120,
        ge=2,
        le=3600,
        description="A worker unheard of for so long has lost its checks to others; twice check_seconds at least.",
    )


class Canary(Section):
    """Known-good URLs that say whether our own network is well; without one there are no live checks."""

    ipv4: tuple[str, ...] = Field(default=(), description="URLs of yours that answer HEAD with 2xx over IPv4.")
    ipv6: tuple[str, ...] = Field(default=(), description="The same over IPv6; empty: IPv6 addresses are not checked.")
    most_failing: float = Field(default=0.3, gt=0, le=1, description="Share of networks failing at once: void.")
    fewest_networks: int = Field(default=10, ge=2, description="Fewer networks in a run: that share is not asked for.")


class Vantage(Section):
    """From where checks are made."""

    proxy: str | None = Field(default=None, description="socks5://HOST:PORT or http://HOST:PORT; empty: directly.")


class Rdap(Section):
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


class Refdata(Section):
    """Where `monitor refdata update` finds the public tables, and what it takes for broken."""

    prefixes: tuple[str, ...] = Field(default=(), description="URLs of routing tables; together they make one table.")
    as_names: str | None = Field(default=None, description="URL of a table of AS names.")
    fronting: tuple[str, ...] = Field(default=(), description="URLs of lists of reverse proxies' ranges.")
    oldest_days: float = Field(default=90, gt=0, description="An older routing table puts attributions in doubt.")
    fewest_peers: int = Field(default=1, ge=1, description="RIS whois dumps: a prefix that fewer peers saw is noise.")
    most_shrink: float = Field(default=0.2, gt=0, lt=1, description="A table that lost a larger share is refused.")
    timeout_seconds: float = Field(default=60, gt=0, le=3600, description="How long to wait for a server to go on.")


class MinimumSettings(Section):
    """How much it takes to be ranked and named."""

    episodes: int = Field(default=10, ge=1, description="Fewer Episodes: listed without a rank.")
    clusters: int = Field(default=3, ge=1, description="Fewer days with a notice: listed without a rank.")
    named: int = Field(default=5, ge=1, description='Fewer Episodes: shown as part of "other" on pages and in tables.')


class Publication(Section):
    """What a release shows."""

    name_in_interim: bool = Field(default=False, description="Whether an interim release may show providers by name.")
    notice_en: str = Field(
        default="", description="A notice on top of every English page, such as a mark of trial runs."
    )
    notice_nl: str = Field(default="", description="The same on every Dutch page.")
    publisher: str = Field(default="", description="Who publishes the report; shown in its footer.")
    licence: str = Field(
        default="", description='Under which others may use the report, such as "CC BY 4.0"; empty: none is stated.'
    )
    inform: tuple[str, ...] = Field(
        default=(), description="Who is told of a correction besides the providers; on a list in the data folder."
    )


class Operation(Section):
    """How those who run the monitor watch it. `status`, `doctor` and the log show no URL, host or address."""

    log_format: Literal["text", "json"] = Field(
        default="text",
        description="What `run` says on standard error: text for people, or json, one object a line.",
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="`run` answers /metrics and /healthz on this port; 0: it does not."
    )
    metrics_host: Literal["127.0.0.1", "::1"] = Field(
        default="127.0.0.1", description="Of this machine alone: 127.0.0.1 or ::1, and nothing else."
    )
    late_minutes: float = Field(
        default=15, ge=1, le=1440, description="Minutes that a check may be due before it counts as late."
    )
    least_free_gb: float = Field(
        default=1, ge=0.1, le=100000, description="Gigabytes of disk that have to be free: below a tenth it is urgent."
    )


class Letters(Section):
    """Who writes to providers, to whom, and how long they have to answer. Addresses: one text for each line."""

    organisation: str = Field(default="", description="Who writes, such as the name of the ministry.")
    directorate: str = Field(default="", description="Directorate or department.")
    visiting_address: tuple[str, ...] = Field(default=(), description="Lines of the visiting address.")
    postal_address: tuple[str, ...] = Field(default=(), description="Lines of the postal address.")
    contact_person: str = Field(default="", description="Contactpersoon; in letters alone, in nothing public.")
    contact_details: tuple[str, ...] = Field(default=(), description="Telephone and e-mail of the contact person.")
    answer_to: str = Field(default="", description="Where answers go: a postal or an e-mail address.")
    signatory: str = Field(default="", description="Who signs; in letters alone, in nothing public.")
    signatory_title: str = Field(default="", description="In which function, also on whose behalf.")
    reference_prefix: str = Field(default="", description="Ons kenmerk begins with it; a number follows.")
    reply_days: int = Field(default=28, ge=7, le=365, description="Days that a provider has to answer, from delivery.")
    fewest_episodes: int | None = Field(
        default=None, ge=1, description="Write to providers with so many Episodes; empty: everyone the report shows."
    )
    classes: tuple[str, ...] = Field(
        default=(), description="Write to these classes alone (meets, below, not-proven, too-few); empty: to every one."
    )
    templates: str | None = Field(
        default=None, description="Folder of your own templates; empty: those that `letters templates` writes out."
    )
    courtesy_translation: bool = Field(default=True, description="Whether an English translation goes with the letter.")


class Retention(Section):
    """How long what is secret is kept: a decision of the controller, so nothing goes unless it is written here."""

    url: str = Field(
        default=KEEP,
        description="URLs and hosts, since the newest report, notice or check: 18 months, 5 years, 90 days or keep.",
    )
    address: str = Field(default=KEEP, description="IP addresses, from the newest fact that names each.")
    notice: str = Field(
        default=KEEP, description="References and addressees of requests, from the newest notice of each record."
    )
    order: str = Field(
        default=KEEP,
        description="Those of orders, and what was written down of them, from the newest order or fact of each record.",
    )
    exchange: str = Field(default=KEEP, description="What exchanged documents say of cases, from the day of each.")
    letter: str = Field(
        default=KEEP, description="Documents, replies, notes and quotes of letters, from the last step of each."
    )
    order_file: str = Field(default=KEEP, description="Files made for one receiver, such as providers' files.")
    log: str = Field(
        default=KEEP, description="Log files and notes in the data folder; the audit log is never shortened."
    )
    rejects: str = Field(default=KEEP, description="Lists of rejected rows.")

    @field_validator("*")
    @classmethod
    def _is_a_term(cls, value: str) -> str:
        if value.strip().casefold() == KEEP:
            return KEEP
        try:
            return str(Term.parse(value))
        except ValueError:
            raise ValueError(f'{TERM_HELP}, or "{KEEP}"') from None

    def term(self, kind: RetentionClass) -> Term | None:
        """None: kept for good."""
        said: str = getattr(self, kind.value.replace("-", "_"))
        return None if said == KEEP else Term.parse(said)
