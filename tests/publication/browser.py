"""A real Chromium and a release behind a web server on loopback, for the tests that look at pages.

In: the folder of a release. Out: the paths of one page of each type in a language, and an open page at each of them.
What would surprise: which page types there are is read from `monitor.publication.site`, so a new one is looked at
without anybody adding it here.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from monitor.model.release import Correction, Release, ReleaseInput
from monitor.publication.shown import shown
from monitor.publication.site import CORRECTED, HEARD, SINGLE, pages

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LANGUAGES = ("en", "nl")
PROVIDERS = ("as64497", "as64498", "as64504", "N1")
"""Of the hand-made release: a hostile name, the longest name with every section filled, no rank, no name."""
DRAWN = """() => Promise.all([...document.images].map(image => {
    image.loading = 'eager';
    return image.decode().catch(() => null);
}))"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class has
        """Tests print nothing."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium; missing it is a failure in CI and a named skip elsewhere."""
    if not CHROMIUM.exists():
        message = "chromium is not installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The release as readers meet it; the address ends in a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def corrected(published: Release, release: ReleaseInput, folder: Path) -> Path:
    """A copy of a release with the pages of a correction instead of its own; no chart is drawn again."""
    shutil.copytree(published.path, folder)
    old = [card.as_fields() for card in shown(release).network.rows]
    rows = ({**old[0], "within_norm": 0.5, "rank": 3, "class": "not-proven"}, *old[2:])
    words = ("A table was out of date.", "Een tabel was verouderd.")
    said = Correction(1, "ee" * 32, *words, freeze="cd" * 32, rows=rows)
    for path, body in pages(shown(replace(release, correction=said))).items():
        (folder / path).write_bytes(body)
    return folder


def paths(folder: Path, language: str) -> list[str]:
    """One page of each type, as paths below the release's root; a Provider's page for each kind of Provider."""
    below = "" if language == "en" else f"{language}/"
    names = [*SINGLE, *(f"providers/{name}.html" for name in PROVIDERS), *HEARD, *CORRECTED]
    not_always = {*HEARD, *CORRECTED, "providers/N1.html"}
    return [below + name for name in names if name not in not_always or (folder / below / name).exists()]


def visits(page: Page, address: str, every: list[str], pictures: bool = False) -> Iterator[str]:
    """Open each page in turn and give its path; `pictures` waits until those are drawn too, which takes longest."""
    for path in every:
        page.goto(address + path, wait_until="load")
        if pictures:
            page.evaluate(DRAWN)
        yield path
