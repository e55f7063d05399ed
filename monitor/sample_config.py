"""The configuration file with every setting at its default, commented: what `monitor config` prints and docs/ holds."""

from datetime import date

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from monitor.config import FurtherNormSettings, Settings, Source, Vantage

HEAD = """\
# Settings of the monitor. Put this file as monitor.toml into the data folder, or name it with --config.
# Every setting is here at its default; take the # away to change one. A setting can also come from the
# environment: [norms.request] hours is MONITOR_NORMS__REQUEST__HOURS. The environment wins.
"""


def sample_toml() -> str:
    """The text of the file; reading it back gives the defaults."""
    parts = [HEAD]
    for name, field in Settings.model_fields.items():
        if name == "sources":
            parts.append(_section("sources.NAME", Source, "One section for each source of reports, by its name."))
        elif name == "vantages":
            parts.append(_section("vantages.NAME", Vantage, "One section for each place from which checks are made."))
        else:
            parts += _sections(name, field)
        if name == "norms":
            parts.append(_section("norms.NAME", FurtherNormSettings, (FurtherNormSettings.__doc__ or "").strip()))
    return "\n".join(parts)


def _sections(name: str, field: FieldInfo) -> list[str]:
    model = field.annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(name)
    nested = {key: f for key, f in model.model_fields.items() if _is_model(f)}
    if nested:
        return [text for key, f in nested.items() for text in _sections(f"{name}.{key}", f)]
    return [_section(name, model, (model.__doc__ or "").strip())]


def _is_model(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _section(name: str, model: type[BaseModel], comment: str) -> str:
    lines = [f"# {comment}"] if comment else []
    lines.append(f"#[{name}]")
    for key, field in model.model_fields.items():
        lines.append(f"# {field.description}")
        shown = (field.examples or [""])[0] if field.is_required() else field.default
        lines.append(f"#{key} = {_value(shown)}")
    return "\n".join(lines) + "\n"


def _value(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, date):
        return default.isoformat()
    if isinstance(default, tuple):
        return "[]"
    return '""' if default is None else f'"{default}"' if isinstance(default, str) else str(default)
