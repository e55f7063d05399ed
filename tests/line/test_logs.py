"""The log of `run`: one line an event, as text or as JSON, with nothing in it that looks like a secret."""

import io
import json
import logging
import warnings

import pytest

from monitor.logs import WITHHELD, Log, clean_text, libraries_through

SECRETS = (
    "https://user:pw@zq7xk9mw.example/a/b.jpg?x=1",
    "HTTP://ZQ7XK9MW.EXAMPLE",
    "postgresql+psycopg://monitor:zq7xk9mw@db.example/store",
    "zq7xk9mw.example",
    "www.zq7xk9mw.co.uk:8443",
    "xn--zq7xk9mw-l5a.example",
    "zq7xk9mw.example/a/b.jpg",
    "clerk@zq7xk9mw.example",
    "192.0.2.77",
    "192.0.2.77:8080",
    "2001:db8::77",
    "[2001:db8::77]:443",
    "::ffff:192.0.2.77",
    "zq7xk9mw.md",
)
PLAIN = (
    "checks due 12: online 4, offline 8, inconclusive 0, void 0",
    "2026-03-02 10:00:00 nothing is due; next due 2026-03-02 10:30:15",
    "[canary] ipv6 is empty, so IPv6 addresses are not checked: see docs/checks.md and monitor.toml",
    "since 2026-03-02T10:00:00.123+00:00 every run has been void (1.5 h, 30.5 %)",
    "version 0.1.0+7daa1116e2b0; ratio 3.14; a/b; e.g. this.",
)


def written(form: str, *said: str) -> str:
    stream = io.StringIO()
    log = Log(form, stream, worker="north-2")
    for text in said:
        log.tell("event", text)
    return stream.getvalue()


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_looks_like_a_url_host_or_address_is_withheld_wherever_it_stands(form: str, secret: str) -> None:
    """In the words, in a field, deep in a field and as the name of one; alone, in brackets and before a full stop."""
    stream = io.StringIO()
    log = Log(form, stream)
    log.alert("event", f"It was {secret}, ({secret}) and {secret}.", field=secret, deep={"list": [{secret: secret}]})
    text = stream.getvalue().lower()
    assert WITHHELD in text
    for part in ("zq7xk9mw", "192.0.2.77", "db8::77"):
        assert part not in text


@pytest.mark.parametrize("plain", PLAIN)
def test_words_figures_and_times_of_ours_stay_as_they_are(plain: str) -> None:
    """A log in which nothing can be read helps nobody."""
    assert clean_text(plain) == plain


def test_json_is_one_object_a_line_with_time_level_and_event_first() -> None:
    """Line breaks and quotes in a message do not break it."""
    lines = written("json", 'two\nlines and a "quote"', "another").splitlines()
    read = [json.loads(line) for line in lines]
    assert [list(each)[:3] for each in read] == [["at", "level", "event"]] * 2
    assert read[0]["said"] == 'two\nlines and a "quote"' and read[0]["level"] == "info"
    assert read[0]["at"].endswith("+00:00") and read[0]["worker"] == "north-2"


def test_text_is_one_line_an_event_and_a_warning_begins_with_the_programs_name() -> None:
    """As the other commands' messages do."""
    stream = io.StringIO()
    log = Log("text", stream, worker="north-2")
    log.tell("round", "two\nlines", due=3)
    log.alert("warning", "look here")
    assert stream.getvalue() == "two lines\nmonitor: look here\n"


def test_what_libraries_log_and_warn_of_comes_through_the_same_door() -> None:
    """Their tracebacks do not: these can hold anything. Afterwards logging is as it was."""
    stream, before = io.StringIO(), list(logging.getLogger().handlers)
    with libraries_through(Log("json", stream)), warnings.catch_warnings():
        warnings.simplefilter("always")
        try:
            raise ValueError("https://zq7xk9mw.example/")
        except ValueError:
            logging.getLogger("some.library").exception("could not reach %s", "zq7xk9mw.example")
        logging.getLogger("other").warning("broken %d", "arguments")
        warnings.warn("never mind 192.0.2.77", stacklevel=1)
    read = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [each["event"] for each in read] == ["library"] * 3
    assert read[0]["said"] == f"could not reach {WITHHELD}" and read[0]["library"] == "some"
    assert "zq7xk9mw" not in stream.getvalue() and "192.0.2.77" not in stream.getvalue()
    assert logging.getLogger().handlers == before
