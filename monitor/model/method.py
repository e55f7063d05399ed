"""The method in force, as `method.json` of a freeze holds it: rules, norms, minimums, thresholds, seed.

In and out: typed values and their one way to be written as JSON, byte for byte, because these bytes enter the
digest of the freeze. What would surprise: 24 and 24.0 are written alike, so that it does not matter how a
configuration file spells a number; and a `method.json` from before our own checks, without mandates, still reads.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from monitor.errors import FreezeError, UsageError
from monitor.model.columns import MICROS_PER_HOUR
from monitor.model.observation import Mandate
from monitor.model.release import MethodInfo, ReferenceTableInfo
from monitor.model.scorecard import Minimums, Norm
from monitor.model.words import NoticeKind


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the rules of `measurement.md` draw their lines."""

    confirm_readings: int = 3
    confirm_minutes: float = 30.0
    reappear_days: float = 7.0
    flap_hours: float = 24.0
    cap_hours: float = 720.0
    table_days: float = 90.0  # an older routing table puts its attributions in doubt
    later_resolution_hours: float = 24.0  # so long after a notice a first Resolution still speaks for it
    servfail_hours: float = 72.0  # SERVFAIL from every resolver for so long is a domain that is gone
    silent_hours: float = 24.0  # timeouts for so long, beside reachable neighbours, are a host that is gone
    server_error_days: float = 7.0  # after so long of 5xx a person should look

    @property
    def confirm_micros(self) -> int:
        return int(self.confirm_minutes * MICROS_PER_HOUR / 60)

    @property
    def reappear_micros(self) -> int:
        return int(self.reappear_days * 24 * MICROS_PER_HOUR)

    @property
    def flap_micros(self) -> int:
        return int(self.flap_hours * MICROS_PER_HOUR)


@dataclass(frozen=True, slots=True)
class Method:
    """All that decides what the same facts come to. `rules` in the order in which they apply, English."""

    method: str  # id, such as npmle-1
    rules: tuple[tuple[str, str], ...]  # (rule id, sentence)
    norms: tuple[Norm, ...]  # the primary one of each clock, and those beside them
    minimums: Minimums = field(default_factory=Minimums)
    thresholds: Thresholds = field(default_factory=Thresholds)
    tables_made_later: bool = False  # a reference table was made after the events that it attributes
    seed: int = 0
    rule_version: str = ""  # of the rows
    beside: tuple[tuple[str, str], ...] = ()  # SHA-256 of what a freeze holds beside its rows, by name
    mandates: tuple[Mandate, ...] = ()  # those of the runs whose checks entered, each once, in a fixed order
    configured: Mandate | None = None  # the one in the configuration when the dataset was cut

    def to_json(self) -> bytes:
        """The bytes of `method.json`."""
        norms = self.norms_in_order
        rules = [{"id": rule, "sentence": sentence} for rule, sentence in self.rules]
        spelt = {"rules": rules, "norms": [_norm_fields(norm) for norm in norms], "beside": dict(self.beside)}
        record = {**asdict(self), **spelt}
        for name in ("mandates", "configured"):  # where there is none, the bytes are those of before our own checks
            if not record[name]:
                del record[name]
        return canonical_json(record)

    @classmethod
    def from_json(cls, content: bytes) -> "Method":
        """Read `method.json`. Raises FreezeError if it is not one."""
        try:
            record = json.loads(content)
            return cls(
                method=str(record["method"]),
                rules=tuple((str(rule["id"]), str(rule["sentence"])) for rule in record["rules"]),
                norms=tuple(_norm(norm) for norm in record["norms"]),
                minimums=Minimums(**{name: int(n) for name, n in record["minimums"].items()}),
                thresholds=_thresholds(record["thresholds"]),
                tables_made_later=bool(record["tables_made_later"]),
                seed=int(record["seed"]),
                rule_version=str(record["rule_version"]),
                beside=tuple(sorted((str(name), str(digest)) for name, digest in record["beside"].items())),
                mandates=tuple(_mandate(mandate) for mandate in record.get("mandates", ())),
                configured=_mandate(configured) if (configured := record.get("configured")) else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FreezeError("method.json is not a method that this version reads") from None

    @property
    def norms_in_order(self) -> tuple[Norm, ...]:
        """By clock; of those on one clock the primary one first, then by name."""
        return tuple(sorted(self.norms, key=_primaries_first))

    def norm(self, wanted: NoticeKind | str) -> Norm:
        """The primary norm of a clock, or the norm of that name. Raises FreezeError or UsageError if it has none."""
        name = str(wanted)
        for norm in self.norms:
            if norm.name == name:
                return norm
        if isinstance(wanted, NoticeKind):
            raise FreezeError(f"The method has no norm for the {name} clock", f"Set [norms.{name}]")
        known = ", ".join(norm.name for norm in self.norms_in_order)
        raise UsageError("The method has no norm of that name", f"Its norms are {known}")

    def info(self, tables: Sequence[ReferenceTableInfo]) -> MethodInfo:
        """What the methodology page shows: every threshold and norm under a name of its own."""
        settings: list[tuple[str, str]] = []
        for norm in self.norms:
            passed = {"name", "clock"} if norm.is_primary else {"name"}
            settings += [(f"norms.{norm.name}.{name}", value) for name, value in _texts(norm) if name not in passed]
        settings += [(f"minimums.{name}", value) for name, value in _texts(self.minimums)]
        settings += [(f"thresholds.{name}", value) for name, value in _texts(self.thresholds)]
        settings.append(("seed", str(self.seed)))
        return MethodInfo(
            method=self.method,
            rules=self.rules,
            settings=tuple(settings),
            reference_tables=tuple(tables),
            tables_made_later=self.tables_made_later,
            mandates=self.mandates,
            configured=self.configured,
        )


def _norm(record: dict[str, Any]) -> Norm:
    return Norm(
        clock=NoticeKind(record["clock"]),
        hours=float(record["hours"]),
        target=float(record["target"]),
        basis=str(record["basis"]),
        valid_from=str(record["valid_from"]),
        set_by=str(record["set_by"]),
        name=str(record.get("name", "")),
    )


def _norm_fields(norm: Norm) -> dict[str, Any]:
    """A primary norm is written without its name, as before there were others: old freezes keep their digest."""
    fields = asdict(norm)
    if norm.is_primary:
        del fields["name"]
    return fields


def _primaries_first(norm: Norm) -> tuple[str, bool, str]:
    return norm.clock.value, not norm.is_primary, norm.name


def _mandate(record: dict[str, Any]) -> Mandate:
    return Mandate(
        organisation=str(record["organisation"]),
        legal_basis=str(record["legal_basis"]),
        contact=str(record["contact"]),
        expires=str(record["expires"]),
        permit_get=bool(record["permit_get"]),
        loopback=bool(record["loopback"]),
    )


def _thresholds(record: dict[str, Any]) -> Thresholds:
    readings = int(record.pop("confirm_readings"))
    return Thresholds(confirm_readings=readings, **{name: float(value) for name, value in record.items()})


def _texts(value: Norm | Minimums | Thresholds) -> list[tuple[str, str]]:
    return [(name, str(_spelt(item))) for name, item in asdict(value).items()]


def canonical_json(value: object) -> bytes:
    """JSON in one way only: UTF-8, sorted keys, two spaces, whole numbers without a point, a final line end."""
    text = json.dumps(_spelt(value), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=2)
    return f"{text}\n".encode()


def _spelt(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _spelt(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
