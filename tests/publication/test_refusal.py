"""A refusal tells the clerk where to look, in a file of the data folder, and nobody else anything."""

import stat
from dataclasses import replace
from datetime import date

import pytest

from monitor.errors import ReleaseRefused
from monitor.model.breakdown import ProviderAnswer
from monitor.publication.disclosure import check
from monitor.publication.shown import shown
from monitor.publication.site import pages
from monitor.publication.tables import tables
from monitor.publishing import write_release

SECRET = "https://pictures.hidden-host.example/album/7.jpg"
RECORD = "HL-2026-000123"
PARTS = ("hidden-host", "album/7", RECORD, "192.0.2.77")


def findings(release, change=lambda content: content) -> str:
    """What the file says of the pages and tables of a release; neither it nor the message repeats anything."""
    seen = shown(release)
    with pytest.raises(ReleaseRefused) as refusal:
        check(change({**pages(seen), **tables(seen)}), release, seen)
    assert [part for part in PARTS if part in refusal.value.findings + str(refusal.value)] == []
    return refusal.value.findings


def test_the_file_names_the_provider_whose_answer_holds_it(make, helpers):
    """By page and line, in both languages, and by the id of the provider whose words they are."""
    text = f"Wij schreven over {SECRET} en 192.0.2.77."
    said = findings(make(answers=(ProviderAnswer("as64496", date(2026, 9, 1), "nl", text),)))
    lines = said.splitlines()
    for page in ("providers/as64496.html: 1 IP address, 1 URL", "nl/providers/as64496.html: 1 IP address, 1 URL"):
        assert page in lines
        assert "from the answer of provider as64496" in lines[lines.index(page) + 1]
        assert lines[lines.index(page) + 1].startswith("  line ")
    assert sum(": " in line and not line.startswith(" ") for line in lines) == 2 + 1  # and the head


def test_a_cell_of_a_table_is_told_by_row_column_and_provider(named):
    """Without a source that the monitor knows, it says so."""

    def plant(content):
        rows = content["tables/ranking.csv"].decode().splitlines()
        rows[2] = rows[2].replace(",NL,", f",{SECRET},", 1)
        assert SECRET in rows[2]
        return {"tables/ranking.csv": "\n".join(rows).encode()}

    said = findings(named, plant)
    assert "row 2 (provider as64497), column 6: 1 x URL; where it comes from is not known" in said


def test_a_name_that_is_too_small_to_show_is_told_by_its_id(make):
    """The notice that names it is named too."""
    said = findings(make(notice_nl="Zoals bij Geheime Schuur."))
    assert "from the name of provider as64505, [publication] notice_nl" in said
    assert "Schuur" not in said


def test_a_file_whose_name_holds_it_is_told_by_its_folder(named):
    """The name itself is not repeated."""
    said = findings(named, lambda _: {f"charts/{PARTS[3]}.txt": b"nothing"})
    assert "a file in charts, by its name: 1 IP address" in said


def test_the_file_is_for_its_owner_alone_and_goes_when_the_release_is_made(small, tmp_path):
    """0600 in a folder 0700; replaced by the next refusal, removed by success; the message names it."""
    bad = replace(small, code_version=f"0.1 {SECRET}")
    path = tmp_path / "refused" / "2026H1-interim.txt"
    for release in (bad, replace(bad, code_version="0.1 192.0.2.77")):
        with pytest.raises(ReleaseRefused) as refusal:
            write_release(release, tmp_path / "releases", tmp_path)
        assert "refused/2026H1-interim.txt in the data folder" in refusal.value.message
        assert path.read_text() == refusal.value.findings
        assert [part for part in PARTS if part in str(refusal.value) + path.read_text()] == []
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert "1 IP address" in path.read_text() and "1 URL" not in path.read_text()
    write_release(small, tmp_path / "releases", tmp_path)
    assert not path.exists()
