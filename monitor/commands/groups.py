"""Groups of commands whose help says each command's first sentence whole, on as many lines as that needs.

What would surprise: typer cuts it at the width of the terminal and writes "..." instead.
"""

from typing import Any

from typer.core import TyperGroup

_NO_LIMIT = 10_000


class Group(TyperGroup):
    """What every `typer.Typer` here is made of."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 (typer keeps click's types to itself)
        """The list of commands, as click writes it, but whole."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(_NO_LIMIT)) for name, each in found if each and not each.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
