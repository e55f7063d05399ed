"""Writes the pages of docs/ made from the code: commands.md, monitor.toml, rules.md, observation-rules.md. `make docs`.

A test compares them with what this would write, so that they stay in step with `--help` and the settings.
"""

from pathlib import Path

import click
import typer

from monitor.cli import app
from monitor.observation import RULES as OBSERVATION_RULES
from monitor.observation import RULES_VERSION, ObservationRule
from monitor.rules import RULES
from monitor.sample_config import sample_toml

DOCS = Path(__file__).parent


def pages() -> dict[str, str]:
    """File name -> text."""
    return {
        "commands.md": commands(),
        "monitor.toml": sample_toml(),
        "rules.md": rules(),
        "observation-rules.md": observation_rules(),
    }


def commands() -> str:
    root = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        "Made from the program by `make docs`. Exit status: 0 done; 1 it failed (one line says what and what to do);",
        "2 wrong usage; 3 done, but some input rows were rejected.",
        "",
        "    monitor [OPTIONS] COMMAND",
        "",
        *_parameters(root),
    ]
    for name, command in _leaves(root, ""):
        lines += [
            "",
            f"## monitor {name}",
            "",
            command.help or "",
            "",
            f"    monitor {name} {_usage(command)}".rstrip(),
        ]
        lines += ["", *_parameters(command)] if _parameters(command) else []
    return "\n".join(lines).rstrip() + "\n"


def _leaves(command: click.Command, prefix: str) -> list[tuple[str, click.Command]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(prefix, command)]
    return [leaf for name, sub in inner.items() for leaf in _leaves(sub, f"{prefix} {name}".strip())]


def _usage(command: click.Command) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    words = [(p.name or "").upper() + ("..." if p.nargs == -1 else "") for p in arguments]
    return " ".join(word if p.required else f"[{word}]" for word, p in zip(words, arguments, strict=True))


def _parameters(command: click.Command) -> list[str]:
    lines = []
    for parameter in command.params:
        shown = (parameter.name or "").upper() if parameter.param_type_name == "argument" else ", ".join(parameter.opts)
        if "--help" not in parameter.opts:
            needed = " Required." if parameter.required and parameter.param_type_name == "option" else ""
            lines.append(f"- `{shown}`: {getattr(parameter, 'help', None) or ''}{needed}")
    return lines


def rules() -> str:
    made = "Made from `monitor/rules.py` by `make docs`; every freeze holds them in its `method.json`."
    return (
        f"# Rules in force\n\n{made}\n"
        + "\n| id | rule |\n| --- | --- |\n"
        + "".join(f"| `{key}` | {text} |\n" for key, text in RULES)
    )


def observation_rules() -> str:
    """The table of monitor/observation/rules.py, after what is written by hand about it."""
    read = (DOCS / "observation-rules.in.md").read_text(encoding="utf-8")
    head = "| id | seen | outcome | cause | reason |\n| --- | --- | --- | --- | --- |\n"
    table = head + "".join(_observation_row(rule) for rule in OBSERVATION_RULES)
    return read.replace("{version}", RULES_VERSION).replace("{table}", table).rstrip() + "\n"


def _observation_row(rule: ObservationRule) -> str:
    marks = {"low confidence": rule.low_confidence, "page": rule.page, "breaks no row": rule.neutral}
    outcome = ", ".join([rule.outcome.name, *(mark for mark, set_ in marks.items() if set_)])
    cause = rule.cause.name.lower() if rule.cause else ""
    return f"| `{rule.id}` | {rule.seen} | {outcome} | {cause} | {rule.reason} |\n"


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
