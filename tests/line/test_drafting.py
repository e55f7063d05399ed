"""`letters draft` from the command line: figures as `rank` has them, refusals, own templates, leaks, a kill."""

import json
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from monitor.correspondence.letter_check import text_of
from monitor.publication.formats import Formats
from monitor.publication.texts import texts
from tests.engines import copied

SENDER = """[letters]
organisation = "Ministerie van Voorbeelden"
postal_address = ["Postbus 00000", "0000 ZZ Voorbeeldstad"]
answer_to = "Postbus 00000, 0000 ZZ Voorbeeldstad"
signatory = "dr. F. Ictief"
reference_prefix = "MVV-"
"""
MINIMUMS = "[minimums]\nepisodes = 2\nclusters = 1\nnamed = 1\n"
NORM = """[norms.request]
hours = 24.0
target = 0.8
basis = "A norm that somebody set, in this test"
valid_from = "2025-01-01"
set_by = "the test"
"""
CONFIG = MINIMUMS + NORM + SENDER
ALPHA, BETA, PROXY = "as64500", "as64501", "as64502"
WHO = ("--by", "clerk", "--why", "looked up")
DRAFT = ("letters", "draft", "2026H1", "--by", "Jo Tester", "--dated", "2026-09-01")
NETWORKS = {ALPHA: "192.0.2.", BETA: "203.0.113.", PROXY: "198.51.100."}


def _rows() -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Nine reports each; Alpha is done within six hours, Beta keeps every third online, the third is a proxy."""
    for which, (provider, network) in enumerate(NETWORKS.items()):
        for n in range(9):
            day, ip, record = f"2026-02-{10 + n}", f"{network}{n + 1}", f"Q{which}-{n}"
            same = {"record_id": record, "source": "hotline", "ip": ip}
            report = {**same, "url": f"https://zq{which}x{n}.example/{n}.jpg", "reported_at": f"{day}T08:00:00Z"}
            last = "online" if provider == BETA and n % 3 == 0 else "offline"
            seen = [("08:30", "online"), ("14:00", "online"), ("15:00", last)]
            checks = [{**same, "checked_at": f"{day}T{at}:00Z", "outcome": said} for at, said in seen]
            yield {**report, "notified_at": f"{day}T09:00:00Z", "notice_ref": f"ref-{which}-{n}"}, checks


def _known(provider: str, name: str) -> tuple[str, ...]:
    known = ("--register-number", "00000000", "--postal-address", "Voorbeeldweg 1", "--country", "NL")
    said = ("--country-source", "register", "--natural-person", "no", "--capacity", "hosting")
    return ("providers", "set", provider, "--legal-name", name, *known, *said, *WHO)


@pytest.fixture(scope="module")
def world(make: Callable[..., Any], csv_file: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder, monitor, rows = tmp_path_factory.mktemp("drafts"), make("drafts", CONFIG), list(_rows())
    tables = {
        "prefixes": "192.0.2.0/24\t64500\n203.0.113.0/24\t64501\n198.51.100.0/24\t64502\n",
        "as-names": "asn,name\n64500,Alpha Hosting\n64501,Beta Hosting\n64502,Gamma Shield\n",
        "fronting": "198.51.100.0/24,Gamma Shield\n",
    }
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    monitor.documents(
        ("refdata", "import", "--as-of", "2025-06-01", *(w for name in tables for w in (f"--{name}", folder / name))),
        ("import", csv_file(folder / "reports.csv", [report for report, _ in rows])),
        ("import", csv_file(folder / "checks.csv", [check for _, mine in rows for check in mine])),
        ("attribute",),
        _known(ALPHA, "Alpha Hosting B.V."),
        _known(BETA, "Beta Hosting B.V."),
        ("freeze", "2026H1"),
    )
    return monitor


@pytest.fixture
def desk(world: Any, make: Callable[..., Any]) -> Any:
    monitor = make("desk")
    copied(world.data, monitor.data)
    return monitor


@pytest.fixture(scope="module")
def drafted(world: Any, make: Callable[..., Any]) -> Any:
    """A desk where both letters were drafted, with what was said. Not to be changed."""
    monitor = make("drafted")
    copied(world.data, monitor.data)
    said, ranked = monitor.documents(DRAFT, ("rank", "2026H1"))
    return monitor, said, {card["provider_id"]: card for card in ranked["scorecards"]}


def _pdf_text(path: Path) -> str:
    return " ".join(page.extract_text() for page in PdfReader(path).pages)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_letter_and_its_pdf_tell_the_figures_that_rank_has(drafted: Any, language: str) -> None:
    """Counts, the share with its interval, both bounds, the rank: written as the report writes them."""
    _, said, cards = drafted
    writes = Formats(texts(language))
    assert [each["provider_id"] for each in said["drafted"]] == [BETA, ALPHA]
    for each in said["drafted"]:
        card, folder = cards[each["provider_id"]], Path(each["folder"])
        low, high = card["within_norm_low"], card["within_norm_high"]
        rank = f"{card['rank']} {'van' if language == 'nl' else 'of'} 2"
        shares = [writes.percent(card[name]) for name in ("within_norm", "within_norm_worst", "within_norm_best")]
        word, pdf = (
            text_of((folder / f"letter.{language}.docx").read_bytes()),
            _pdf_text(folder / f"letter.{language}.pdf"),
        )
        for text in (" ".join(word.split()), " ".join(pdf.split())):
            for expected in (*shares, writes.percents(low, high), rank, str(card["n_episodes"]), each["reference"]):
                assert expected in text, (each["provider_id"], expected)


def test_a_reverse_proxy_gets_no_letter_and_is_listed(drafted: Any) -> None:
    """With the reason, so that nobody has to wonder."""
    _, said, _ = drafted
    (refusal,) = said["refused"]
    assert refusal["provider_id"] == PROXY and "reverse proxy" in refusal["why"]


def test_no_url_host_or_address_of_the_input_is_in_any_file_of_a_letter(drafted: Any) -> None:
    """Parts of the Word files and the text of the PDFs included; all files are their owner's alone."""
    monitor, _, _ = drafted
    files = [path for path in (monitor.data / "letters").rglob("*") if path.is_file()]
    assert len(files) == 10
    for path in files:
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        parts = [path.read_bytes()]
        if path.suffix == ".docx":
            with zipfile.ZipFile(BytesIO(parts[0])) as archive:
                parts += [archive.read(name) for name in archive.namelist()]
        if path.suffix == ".pdf":
            parts.append(_pdf_text(path).encode())
        for secret in (b"zq0x", b"zq1x", b"zq2x", b".jpg", *(network.encode() for network in NETWORKS.values())):
            assert not any(secret in part for part in parts), path.name


def test_a_draft_edited_in_word_is_approved_and_delivered(desk: Any) -> None:
    """The clerk's sentence is in the approved PDF, and the list says what the letter waits for."""
    (made,) = desk.json(*DRAFT, "--provider", "Alpha Hosting")["drafted"]
    path = Path(made["folder"]) / "letter.nl.docx"
    word = Document(str(path))
    word.add_paragraph("Wij danken u voor uw gesprek.")
    word.save(str(path))
    step = ("1", "--by", "Jo Tester")
    approved, listed = desk.documents(("letters", "approve", *step), ("letters", "list"))
    assert approved["waits_for"] == "delivery"
    assert "Wij danken u voor uw gesprek." in _pdf_text(path.with_suffix(".pdf"))
    assert [(each["reference"], each["status"]) for each in listed["letters"]] == [("MVV-2026H1-001", "approved")]


def test_a_second_draft_writes_to_nobody_twice(desk: Any) -> None:
    """Refused with the letter that is there; --again writes once more, under the next number."""
    first, second, third = desk.ended(
        *(("--json", *words) for words in ((*DRAFT, "--provider", ALPHA), (*DRAFT, "--provider", ALPHA)))
        , ("--json", *DRAFT, "--provider", ALPHA, "--again"),
    )  # fmt: skip
    assert [ran.status for ran in (first, second, third)] == [0, 1, 0]
    assert "MVV-2026H1-001 about this period is there already" in json.loads(second.out)["refused"][0]["why"]
    assert json.loads(third.out)["drafted"][0]["reference"] == "MVV-2026H1-002"


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (CONFIG.replace("signatory = ", "signatory_title = "), "lacks signatory"),
        (CONFIG + 'classes = ["slow"]\n', "1 unknown words"),
        (CONFIG + 'templates = "/nowhere"\n', "a folder without letter.nl.docx"),
    ],
)
def test_settings_with_which_no_letter_can_be_made_are_one_line(desk: Any, config: str, why: str) -> None:
    """Nothing is on the register afterwards."""
    (desk.data / "monitor.toml").write_text(config, encoding="utf-8")
    ran, listed = desk.ended(DRAFT, ("--json", "letters", "list"))
    assert (ran.status, ran.out) == (1, "") and why in ran.err and len(ran.err.strip().splitlines()) == 1
    assert json.loads(listed.out)["letters"] == []


def test_no_letter_rests_on_an_example_of_a_norm(desk: Any) -> None:
    """A dataset that was frozen with a norm that nobody set is refused whole."""
    (desk.data / "monitor.toml").write_text(MINIMUMS + SENDER, encoding="utf-8")
    _, ran = desk.ended(("freeze", "2026H1"), DRAFT)
    assert ran.status == 1 and "no letter may rest on it" in ran.err


def test_a_new_routing_table_stops_the_letters_that_it_concerns(desk: Any, tmp_path: Path) -> None:
    """Its URLs would be booked on somebody else today: neither gets a letter from the old dataset."""
    table = tmp_path / "prefixes.tsv"
    table.write_text("192.0.2.0/24\t64501\n203.0.113.0/24\t64501\n198.51.100.0/24\t64502\n", encoding="utf-8")
    done = desk.ended(
        ("refdata", "import", "--prefixes", table, "--as-of", "2026-02-01"), ("attribute", "--all"), ("--json", *DRAFT)
    )
    assert done[2].status == 1, done[2].err
    whys = {each["provider_id"]: each["why"] for each in json.loads(done[2].out)["refused"]}
    assert "9 of its 9 Episodes are booked elsewhere" in whys[ALPHA]
    assert "9 others are booked on it now" in whys[BETA]


def test_the_clerks_own_templates_are_used(desk: Any, tmp_path: Path) -> None:
    """Written out, edited, named in the configuration: the letter has the new sentence."""
    folder = tmp_path / "own"
    desk.json("letters", "templates", folder)
    word = Document(str(folder / "letter.nl.docx"))
    word.add_paragraph("Eigen zin over {{ provider }}.")
    word.save(str(folder / "letter.nl.docx"))
    (desk.data / "monitor.toml").write_text(f'{CONFIG}templates = "{folder}"\n', encoding="utf-8")
    made = desk.json(*DRAFT, "--provider", ALPHA)["drafted"][0]
    assert "Eigen zin over Alpha Hosting B.V.." in text_of((Path(made["folder"]) / "letter.nl.docx").read_bytes())


def test_a_draft_that_is_killed_leaves_whole_letters_and_the_next_one_uses_the_number(desk: Any) -> None:
    """Killed while it writes the first folder: in the end each provider has one letter, with all its files."""
    folder = desk.data / "letters" / "1"
    desk.kill(DRAFT, 0.05, sign=folder.exists)
    desk.run(*DRAFT)
    listed = desk.json("letters", "list")["letters"]
    assert [each["letter_id"] for each in listed] == [1, 2]
    for each in (1, 2):
        assert len(list((desk.data / "letters" / str(each)).iterdir())) == 5
