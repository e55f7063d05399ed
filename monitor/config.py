"""The settings: `<data-dir>/monitor.toml` or `--config`, overridden by `MONITOR_SECTION__NAME` in the environment.

Validated at start; a wrong name is answered with the nearest right one. No value of a setting is ever printed.
"""

import difflib
import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from monitor.config_sections import (
    Canary,
    Checks,
    Database,
    FurtherNormSettings,
    Letters,
    Mandate,
    MinimumSettings,
    Norms,
    NormSettings,
    Operation,
    OrderNormSettings,
    Publication,
    Rdap,
    Refdata,
    Resolvers,
    Retention,
    Source,
    Vantage,
)
from monitor.disk import read_small
from monitor.errors import MandateMissing, WrongSetting
from monitor.model import observation

__all__ = [
    "CONFIG_NAME",
    "Canary",
    "Checks",
    "Database",
    "FurtherNormSettings",
    "Letters",
    "Mandate",
    "MinimumSettings",
    "NormSettings",
    "Norms",
    "Operation",
    "OrderNormSettings",
    "Publication",
    "Rdap",
    "Refdata",
    "Resolvers",
    "Retention",
    "Settings",
    "Source",
    "Vantage",
    "default_data_dir",
    "load_settings",
    "mandate_of",
    "read_settings",
]

CONFIG_NAME = "monitor.toml"
_LONGEST = 1 << 20
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
    letters: Letters = Letters()
    operation: Operation = Operation()
    retention: Retention = Retention()

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
            said = "There is no mandate to ask the network about anything"
            if len(missing) < len(needed):
                said = "The mandate is not stated in full, so nothing may be asked"
            if missing == ["expires"]:
                said = "The mandate names no last day, and without one nothing may be checked"
            raise MandateMissing(said, hint)
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
    """Read `config`, else the data folder's monitor.toml, else the defaults. Raises WrongSetting."""
    read = read_settings(data_dir, config)
    if isinstance(read, Settings):
        return read
    raise read[0]


def read_settings(data_dir: Path, config: Path | None) -> Settings | tuple[WrongSetting, ...]:
    """As `load_settings`, but with every mistake at once. Raises WrongSetting where the file cannot be read at all."""
    path = config or data_dir / CONFIG_NAME
    content: dict[str, Any] = {}
    if config is not None or path.exists():
        content = _read_toml(path)
    _check_environment()
    # Names with an underscore in front are options of the library that reads the settings: it would take them as such.
    options = tuple(WrongSetting(f"There is no setting [{_shown(name)}]") for name in content if name.startswith("_"))
    if options:
        return options
    try:
        return Settings(**content)
    except ValidationError as error:
        return tuple(_explained(each) for each in error.errors(include_input=False, include_url=False))
    except SettingsError:
        hint = "Write MONITOR_SECTION__NAME, such as MONITOR_DATABASE__URL"
        raise WrongSetting("A setting in the environment cannot be read", hint) from None


def _check_environment() -> None:
    """A misspelt section, or one underscore for two, would otherwise be passed over in silence."""
    for variable in os.environ:
        name = variable.removeprefix("MONITOR_")
        if name == variable:
            continue
        section = name.split("__")[0].lower()
        if "__" in name and section not in Settings.model_fields:
            near = difflib.get_close_matches(section, Settings.model_fields, 1, cutoff=0.4)
            hint = f"Did you mean 'MONITOR_{near[0].upper()}__...'?" if near else ""
            raise WrongSetting(f"The environment names a section [{section[:40]}] that does not exist", hint)
        for known in Settings.model_fields:
            if "__" not in name and section.startswith(f"{known}_"):
                hint = f"Did you mean 'MONITOR_{known.upper()}__{name[len(known) + 1 :][:40]}'?"
                raise WrongSetting(f"MONITOR_{name[:40]} in the environment is no setting", hint)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_small(path, _LONGEST).decode("utf-8"))
    except FileNotFoundError:
        raise WrongSetting("The configuration file does not exist", "Check the --config option") from None
    except (OSError, UnicodeDecodeError):
        raise WrongSetting("The configuration file cannot be read", "Check its permissions and encoding") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line \d+, column \d+", str(error))  # the rest of the text can repeat what was written
        where = f" ({found[0]})" if found else ""
        hint = "Texts stand in quotes, days do not: `monitor config` prints every setting"
        raise WrongSetting(f"The configuration file is not valid TOML{where}", hint) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, lists within lists without end
        raise WrongSetting("The configuration file holds a number or a list that nobody needs") from None


def _shown(name: str) -> str:
    """A name as it may stand in one line of a message."""
    return "".join(c if c.isprintable() else "?" for c in name[:60])


def _explained(first: ErrorDetails) -> WrongSetting:
    """One mistake, in words."""
    *section, name = (_shown(part) for part in first["loc"] if isinstance(part, str))
    where = f"[{'.'.join(section)}] {name}" if section else f"[{name}]"
    where += "".join(f", number {part + 1}," for part in first["loc"] if isinstance(part, int))
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, _names_in(section), 1, cutoff=0.4)
        return WrongSetting(f"There is no setting {where}", f"Did you mean '{near[0]}'?" if near else "")
    if (first["type"], name) == ("missing", "clock"):  # [norms.NAME], or [norms.request] misspelt
        return WrongSetting(f"Setting {where} is missing", f'{_near_norm(section)}Write clock = "request" or "order"')
    needed = _NEEDED.get(first["type"], first["msg"]).replace("{path}", ".".join([*section, name]))
    return WrongSetting(f"Setting {where} is wrong: {needed}")


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
