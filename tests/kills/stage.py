"""A stage: a command of the line, what it needs, and how often it is killed."""

from dataclasses import dataclass

Words = tuple[object, ...]


@dataclass(frozen=True)
class Stage:
    """A command, the stages whose results it needs, and how often it is killed: in every run of the tests, at length.

    `once`: all that it writes is the same in every run, as other tests hold, so that one undisturbed run tells it.
    `but_for`: tables that log what people did: a row more where the kill came between deed and answer.
    `already`: what the command says where it was killed after the deed, so that there is nothing left to do.
    """

    words: Words
    after: tuple[str, ...] = ()
    kills: tuple[int, int] = (3, 10)
    once: bool = False
    but_for: tuple[str, ...] = ()
    already: str = ""
