"""What the repository promises about itself: no index, no machine path, only documentation names, hashes, commands."""

import csv
import gzip
import importlib
import ipaddress
import json
import re
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
REFERENCE = ROOT / "data" / "reference"
DOCUMENTATION = [
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
DOCUMENTATION_ASNS = {*range(64496, 64512), *range(65536, 65552)}
INDEX_WORDS = ("index-" + "url", "find-" + "links", 'registry *= *"https?:', '"resolved": *"https?:')
SKIPPED = {".png", ".gz", ".parquet", ".zst"}


def tracked_files() -> list[Path]:
    """What git tracks or would track; without git (an unpacked archive) the whole tree but what .gitignore names."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    made = re.compile(r"(^|/)(\.venv|\.git|\.[a-z_]*cache|\.hypothesis|__pycache__|sample-run|local|dist|build)/")
    paths = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in paths if not made.search(path.relative_to(ROOT).as_posix())]


def text_files() -> Iterator[tuple[Path, str]]:
    for path in tracked_files():
        if path.suffix == ".docx":
            with zipfile.ZipFile(path) as parts:  # Word files are templates: their parts are text
                for part in parts.namelist():
                    yield path.relative_to(ROOT) / part, parts.read(part).decode("utf-8")
        elif path.suffix not in SKIPPED:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def test_no_tracked_file_names_a_package_index() -> None:
    """Where packages come from is the business of the machine, not of the repository."""
    pattern = re.compile("|".join(INDEX_WORDS), re.IGNORECASE)
    assert [str(path) for path, text in text_files() if pattern.search(text)] == []


def test_no_tracked_file_names_a_path_of_this_machine() -> None:
    """Neither the folder of the checkout nor the home of who built it stands in any file."""
    here = {f"{ROOT.parent}/"} | ({f"{Path.home()}/"} if len(Path.home().parts) > 2 else set())
    assert [str(path) for path, text in text_files() if any(place in text for place in here)] == []


def test_every_pinned_requirement_has_a_hash() -> None:
    """Each line of both lock files is a pin, a hash or a comment; pip then refuses anything else."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        assert entries
        assert [
            line[:60] for line in entries if not re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+.*--hash=sha256:", line)
        ] == []


def test_the_development_lock_holds_the_runtime_lock_with_equal_versions() -> None:
    """What is tested is what `make report` installs."""
    runtime, development = (_pins(name) for name in ("requirements.txt", "requirements-dev.txt"))
    assert runtime <= development
    assert len({pin.split("==")[0] for pin in development}) <= len(development)


def test_every_dependency_of_the_project_is_locked() -> None:
    """A dependency added to pyproject.toml without `make lock` is noticed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.txt": project["project"]["dependencies"] + groups["build"],
        "requirements-dev.txt": groups["dev"],
    }
    for name, requirements in wanted.items():
        locked = {pin.split("==")[0] for pin in _pins(name)}
        assert {re.split(r"[<>=\[; ]", requirement)[0] for requirement in requirements} <= locked, name


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE", "docs/architecture.md", "docs/glossary.md"])
def test_the_documents_that_a_reader_looks_for_are_there(name: str) -> None:
    """Each is there and is more than a heading."""
    assert len((ROOT / name).read_text(encoding="utf-8")) > 600


def test_the_licence_is_the_whole_eupl() -> None:
    """From its title to the end of its appendix, with all fifteen articles."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert [f"\n{n}." in text for n in range(1, 16)] == [True] * 15
    assert text.rstrip().endswith(
        "All other changes or additions to this Appendix require the production of a new EUPL version."
    )
    assert len(re.findall(r"\w+", text)) == 2239


def test_links_between_documents_lead_somewhere() -> None:
    """Each relative link in README and docs/ names a file that is there."""
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").rglob("*.md")]
    broken = [
        (document.name, link)
        for document in documents
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]
    assert broken == []


def test_every_command_is_documented() -> None:
    """Each command and subcommand that the program knows stands in README.md or docs/commands.md."""
    from typer.main import get_command  # noqa: PLC0415 (the rest of this module needs no program)

    from monitor.cli import app  # noqa: PLC0415

    documents = [ROOT / "README.md", ROOT / "docs" / "commands.md"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents if path.exists())
    names = list(_command_names(get_command(app)))
    assert "import" in names
    assert "refdata import" in names
    assert [name for name in names if f"monitor {name}" not in text] == []


def _command_names(group: object, before: str = "") -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "commands", None):
            yield from _command_names(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_the_glossary_names_classes_and_tables_that_exist() -> None:
    """Each class in the glossary can be imported from the model, each table is in the schema."""
    rows = [line.split("|") for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if len(row) == 6][2:]
    classes = {name for row in rows for name in re.findall(r"`([a-z]+)\.([A-Z]\w+)", row[3])}
    tables = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row[4])} - {"bracket"}
    assert len(classes) > 30
    models = {module: importlib.import_module(f"monitor.model.{module}") for module, _ in classes}
    assert [name for module, name in classes if not hasattr(models[module], name)] == []
    assert tables <= set(importlib.import_module("monitor.store.tables").METADATA.tables)
    modules = {name for row in rows for name in re.findall(r"`((?:monitor/)?[a-z_]+/[a-z_]+\.py)`", row[3])}
    assert len(modules) > 8
    assert [name for name in modules if not (ROOT / "monitor" / name.removeprefix("monitor/")).is_file()] == []


def _pins(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+==[^\s;]+)", text, re.MULTILINE))


# --- the sample ----------------------------------------------------------------------------------------------------


def sample_texts() -> Iterator[tuple[str, str]]:
    """Every data file of the sample and its reference tables as text, whatever its format."""
    for path in sorted([*SAMPLE.iterdir(), *REFERENCE.iterdir()]):
        if path.suffix == ".gz":
            yield path.name, gzip.decompress(path.read_bytes()).decode()
        elif path.suffix == ".parquet":
            rows = duckdb.execute("SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)", [str(path)]).fetchall()
            yield path.name, "\n".join(",".join(cell or "" for cell in row) for row in rows)
        elif path.suffix in {".csv", ".tsv", ".json", ".toml"}:
            yield path.name, path.read_text(encoding="utf-8")


def test_every_name_in_the_sample_is_a_documentation_name() -> None:
    """Every host of a URL is under .example or a documentation address, and nothing else looks like a host name."""
    for name, text in sample_texts():
        hosts = set(re.findall(r"\w+://([^/\s\",\\]+)", text, re.IGNORECASE))
        names = {re.sub(r":\d+$", "", host) for host in hosts if not host.startswith(("[", ":"))}
        assert {host for host in names if not _is_documentation(host)} == set(), name
        dotted = set(re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", text.lower()))
        pages = {"html", "jpg", "php", "toml", "json", "csv", "py", "md"}
        assert {
            word for word in dotted if word.rsplit(".", 1)[1] not in {"example", "request", "order", "hotline"} | pages
        } == set(), name


def test_every_address_in_the_sample_is_a_documentation_address() -> None:
    """Every IPv4 and IPv6 address and prefix lies in the networks that are kept for documentation."""
    for name, text in sample_texts():
        found = set(re.findall(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])", text)) - {"192.0.2.999"}
        found |= set(re.findall(r"\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,}", text)) - set(
            re.findall(r"\d\d:\d\d:\d\d", text)
        )
        assert {address for address in found if not _is_documentation(address)} == set(), name


def test_every_as_number_of_the_reference_tables_is_a_documentation_number() -> None:
    """Prefix tables and AS names use AS64496-64511 and AS65536-65551 alone."""
    asns = {line.split("\t")[1] for path in REFERENCE.glob("*.tsv") for line in path.read_text().splitlines()}
    for path in REFERENCE.glob("as-names-*.csv"):
        asns |= {row["asn"] for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())}
    assert {int(asn) for asn in asns} <= DOCUMENTATION_ASNS
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    assert {int(key.removeprefix("as")) for key in truth} == {int(asn) for asn in asns}


def _is_documentation(host: str) -> bool:
    if host.lower().endswith(".example"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return any(address in network for network in DOCUMENTATION if network.version == address.version)
