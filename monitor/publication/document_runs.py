"""Runs: pieces of text of one style, with white space as a browser shows it.

In: pieces as they stand in the page. Out: the same without the white space that only laid out the source; neighbours
of one style are one piece. A line break is a piece's "\\n"; a drawing is a piece without text.
"""

from collections.abc import Iterable
from typing import Any

Run = dict[str, Any]  # "text" and its style: strong, code, small, nowrap, lang, judgement, to; or a drawing


def text(words: str, **style: object) -> list[Run]:
    """Words as the runs of a block."""
    return [{"text": words, **style}] if words else []


def collapsed(runs: Iterable[Run]) -> list[Run]:
    """White space to one space, none at the ends or around a line break."""
    made: list[Run] = []
    for run in runs:
        style = _style(run)
        if "drawing" in run:
            made.append(run)
        elif "break" in run:
            if made:
                made[-1]["text"] = made[-1]["text"].rstrip(" ")
                _add(made, style | {"text": "\n"})
        elif words := _spaced(run["text"], at_start=_ends_a_word(made)):
            _add(made, style | {"text": words})
    return _trimmed(made)


def _ends_a_word(made: list[Run]) -> bool:
    return not made or made[-1]["text"].endswith((" ", "\n"))


def _spaced(words: str, at_start: bool) -> str:
    inner = " ".join(part for part in words.replace("\n", " ").replace("\t", " ").split(" ") if part)
    lead = " " if words[:1] in {" ", "\n", "\t"} and not at_start else ""
    return lead + inner + (" " if inner and words[-1:] in {" ", "\n", "\t"} else "")


def _add(made: list[Run], run: Run) -> None:
    if made and _style(made[-1]) == _style(run):
        made[-1] = run | {"text": made[-1]["text"] + run["text"]}
    else:
        made.append(run)


def _style(run: Run) -> Run:
    return {name: value for name, value in run.items() if name not in {"text", "break"}}


def _trimmed(made: list[Run]) -> list[Run]:
    while made and "drawing" not in made[-1] and not made[-1]["text"].rstrip(" \n"):
        made.pop()
    if made:
        made[-1] = made[-1] | {"text": made[-1]["text"].rstrip(" \n")}
    return made
