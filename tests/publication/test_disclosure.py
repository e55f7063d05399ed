"""The disclosure check: a thing that may not be published is found in every format, and blocks the release."""

import base64
import json
import struct
import zlib
from dataclasses import replace
from io import BytesIO

import pyarrow.parquet
import pytest

from monitor.errors import ReleaseError
from monitor.model.release import KnownNames
from monitor.publication import publish
from monitor.publication.disclosure import check
from monitor.publication.disclosure_find import Kind, found_in, things
from monitor.publication.shown import shown
from monitor.publication.site import pages
from monitor.publication.tables import tables
from monitor.typesetting import compiled

SECRET = "https://pictures.hidden-host.example/album/7.jpg"
RECORD = "HL-2026-000123"
PLANTED = f"{SECRET} pictures.hidden-host.example cdn.a-real-looking-name.co.uk 192.0.2.77 2001:db8::77 {RECORD}"
ALL_OF_IT = "2 IP addresses, 1 URL, 2 host names, 1 reference of a report"


@pytest.fixture(scope="module")
def few(named_files) -> dict[str, bytes]:
    """Real files of the release, one of each format."""
    wanted = ("index.html", "assets/style.css", "charts/compliance-en.svg", "charts/compliance-en.png",
              "tables/ranking.csv", "tables/ranking.json", "tables/ranking.parquet", "manifest.json")  # fmt: skip
    return {path: named_files[path] for path in wanted}


@pytest.fixture(scope="module")
def release(named):
    """The dataset knows one report by the reference that the tests plant."""
    return replace(named, record_ids_among=lambda words: {word for word in words if word == RECORD})


def blocked(content, release) -> str:
    """The message of the refusal, which never repeats what was found."""
    with pytest.raises(ReleaseError) as refusal:
        check(content, release, shown(release))
    for secret in (SECRET, "hidden-host", "a-real-looking", "192.0.2.77", "2001:db8", RECORD):
        assert secret not in str(refusal.value)
    return refusal.value.message


def after(data: bytes, mark: str, text: str) -> bytes:
    """`text` behind the first `mark`."""
    assert mark.encode() in data
    return data.replace(mark.encode(), (mark + text).encode(), 1)


def png_with(data: bytes, kind: bytes, body: bytes) -> bytes:
    """A chunk more, before the pixels."""
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    at = data.index(b"IDAT") - 4
    return data[:at] + chunk + data[at:]


def parquet_with(data: bytes, secret: str, where: str) -> bytes:
    """The secret as a value, a column's name or metadata of the file."""
    table = pyarrow.parquet.read_table(BytesIO(data))
    if where == "value":
        names = ["x" + secret, *table["provider"].to_pylist()[1:]]
        table = table.set_column(table.schema.get_field_index("provider"), "provider", [names])
    elif where == "column":
        table = table.rename_columns([secret, *table.column_names[1:]])
    else:
        table = table.replace_schema_metadata({"made_from": secret})
    out = BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def json_with(data: bytes, change) -> bytes:
    document = json.loads(data)
    change(document)
    return json.dumps(document).encode()


IN_TEXT = {
    "index.html": {
        "text": lambda data, x: after(data, "<main", f'><p>see {x}</p><i id="x"'),
        "attribute": lambda data, x: after(data, "<main", f' data-from="{x}"'),
        "comment": lambda data, x: after(data, "<main", f"><!-- {x} --><i"),
        "entities": lambda data, x: after(data, "<main", ">" + "".join(f"&#{ord(c)};" for c in x) + "<i"),
        "broken by tags": lambda data, x: after(data, "<main", "> " + "<b>" + "</b><b>".join(x) + "</b> <i"),
    },
    "charts/compliance-en.svg": {
        "text": lambda data, x: data.replace(b"</svg>", f"<text>{x}</text></svg>".encode()),
        "metadata": lambda data, x: data.replace(b"</svg>", f"<metadata>\n{x}\n</metadata></svg>".encode()),
        "id": lambda data, x: data.replace(b'id="figure_1"', f'id="{x}"'.encode()),
        "comment": lambda data, x: data.replace(b"</svg>", f"<!--{x}--></svg>".encode()),
    },
    "assets/style.css": {
        "comment": lambda data, x: data + f"/* {x} */".encode(),
        "content": lambda data, x: data + f'p::after {{ content: "{x}" }}'.encode(),
    },
    "tables/ranking.csv": {
        "cell": lambda data, x: after(data, "Grijze Wolk", f" {x}"),
        "quoted cell": lambda data, x: data + f'"a ""quoted"" ""{x}"""\n'.encode(),
    },
    "tables/ranking.json": {
        "value": lambda data, x: json_with(data, lambda d: d.update(norm_set_by=f"by ({x})")),
        "key": lambda data, x: json_with(data, lambda d: d.update({x: 1})),
        "escaped": lambda data, x: after(
            data, '"norm_set_by": "', "".join(f"\\u{ord(c):04x}" for c in x) + " "
        ),
    },
    "manifest.json": {"value": lambda data, x: json_with(data, lambda d: d.update(code_version=x))},
}  # fmt: skip
PLACES = [(path, place) for path, places in IN_TEXT.items() for place in places]


def test_a_release_as_it_is_passes(named_files, named, unnamed):
    """Neither the named nor the unnamed release holds anything that it may not."""
    check(named_files, named, shown(named))
    from monitor.publication import build  # noqa: PLC0415 (only here are the files of the unnamed one needed)

    check(build(unnamed), unnamed, shown(unnamed))


@pytest.mark.parametrize(("path", "place"), PLACES)
def test_what_is_planted_in_text_is_found(few, release, path, place):
    """URL, host, address and reference block the release wherever they stand in a text, and the message says where."""
    assert f"{path}: {ALL_OF_IT}" in blocked(few | {path: IN_TEXT[path][place](few[path], PLANTED)}, release)


@pytest.mark.parametrize("chunk", ["tEXt", "zTXt", "iTXt", "iTXt compressed", "eXIf"])
def test_what_is_planted_in_an_image_is_found(few, release, chunk):
    """The text chunks of a PNG are inflated and read."""
    text = f"made from {PLANTED}".encode()
    body = {
        "tEXt": b"Comment\0" + text,
        "zTXt": b"Comment\0\0" + zlib.compress(text),
        "iTXt": b"Comment\0\0\0nl\0Opmerking\0" + text,
        "iTXt compressed": b"Comment\0\1\0nl\0Opmerking\0" + zlib.compress(text),
        "eXIf": b"MM\0*\0\0\0\x08" + text + b"\0",
    }[chunk]
    path = "charts/compliance-en.png"
    planted = few | {path: png_with(few[path], chunk[:4].encode(), body)}
    assert f"{path}: {ALL_OF_IT}" in blocked(planted, release)


@pytest.mark.parametrize("where", ["value", "column", "metadata"])
def test_what_is_planted_in_parquet_is_found(few, release, where):
    """Values, names of columns and the file's own metadata are read."""
    path = "tables/ranking.parquet"
    planted = few | {path: parquet_with(few[path], " " + PLANTED, where)}
    assert f"{path}: {ALL_OF_IT}" in blocked(planted, release)


def pdf_with(text: str, where: str) -> bytes:
    """A PDF of one page that holds the text in one place."""
    import pypdf  # noqa: PLC0415 (only here)
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject  # noqa: PLC0415 (only here)

    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(200, 200)
    if where == "info":
        writer.add_metadata({"/Subject": text})
    elif where == "attachment":
        writer.add_attachment("list.txt", text.encode())
    elif where == "xmp":
        stream = DecodedStreamObject()
        stream.set_data(f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>{text}</a></x:xmpmeta>".encode())
        stream.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
        writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)
    elif where == "page":
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 9 Tf 10 10 Td ({text}) Tj ET".encode())
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        names = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): names})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("where", ["info", "xmp", "page"])
def test_what_is_planted_in_a_document_is_found(few, release, where):
    """A PDF's information, its XMP and its compressed pages are read."""
    planted = few | {"nl/report.pdf": pdf_with(f"made from {PLANTED}", where)}
    assert f"nl/report.pdf: {ALL_OF_IT}" in blocked(planted, release)


def test_what_a_typeset_page_says_is_read_between_its_drawings(few, release):
    """Letters are numbers of glyphs there, and lines and colours stand between them; neither hides what is said."""
    source = b"""#set document(title: "Rapport")
        #set page(width: auto)
        #line() #text(fill: red, sys.inputs.said) #line()"""
    planted = few | {"nl/report.pdf": compiled(source, {"said": f"made from {PLANTED}"})}
    assert f"nl/report.pdf: {ALL_OF_IT}" in blocked(planted, release)


def test_a_plain_document_passes(few, release):
    """A PDF without any of it is no finding."""
    check(few | {"nl/report.pdf": pdf_with("Rapport over de periode", "page")}, release, shown(release))


@pytest.mark.parametrize(
    ("path", "damage"),
    [
        ("charts/compliance-en.png", lambda data: data + b"more"),
        ("charts/compliance-en.png", lambda data: png_with(data, b"prVt", b"what")),
        ("charts/compliance-en.png", lambda data: data[:90]),
        ("charts/compliance-en.png", lambda data: png_with(data, b"zTXt", b"Comment\0\0no zlib")),
        ("tables/ranking.parquet", lambda data: data[:400]),
        ("tables/ranking.json", lambda data: data[:400]),
        ("index.html", lambda data: data.decode().encode("utf-16")),
        ("assets/other.xlsx", lambda data: b"PK"),
        ("assets/none", lambda data: b"text"),
        ("nl/report.pdf", lambda data: b"%PDF-1.7\nno more"),
        ("nl/report.pdf", lambda data: pdf_with("a list", "attachment")),
    ],
)
def test_what_cannot_be_read_is_refused(few, release, path, damage):
    """A file of an unknown kind, or one that hides a part of itself, blocks the release."""
    assert f"{path}: a " in blocked(few | {path: damage(few.get(path, b""))}, release)


@pytest.mark.parametrize(
    "disguised",
    [
        "https%3A%2F%2Fpictures.hidden-host.example",
        "hxxps://pictures[.]hidden-host[.]example",
        "pictures[dot]hidden-host[dot]example",
        "ｐｉｃｔｕｒｅｓ．hidden-host．example",
        "pictures\u200b.hidden-host\u00ad.example",
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(b"xy" + SECRET.encode()).decode().rstrip("="),
        "beeld.пример.рф",
        "somebody@mail.hidden-host.nl",
        "[2001:db8::77]:443",
        "ftp://x",
        "77.2.0.192.in-addr.arpa",
    ],
)
def test_a_disguise_is_seen_through(disguised):
    """Percent signs, brackets, look-alike and invisible characters, and base64 do not hide it."""
    assert list(found_in(disguised, frozenset()))


@pytest.mark.parametrize(
    "harmless",
    ["0.1.0", "12:30", "12:30:45", "tables/ranking.csv", "index.html", "sha256:" + "ab" * 32, "B.V.", "e.g.", "1.234,5",
     "24.0", "2026-01-01T00:00:00+00:00", "::", "C.V.B.A.", "DejaVuSans-41", "a.u.b.", "M12.5.3", "manifest.json"],
)  # fmt: skip
def test_figures_versions_times_and_files_are_not_taken_for_hosts(harmless):
    """What looks like it and is not does not block a release."""
    assert not list(found_in(harmless, frozenset()))


def test_what_the_configuration_states_is_allowed(few, release):
    """The publisher's own page and address pass; another page of the same host does not."""
    contact = "Example Ministry, desk@ministry.example, https://ministry.example/monitor"
    stated = replace(release, contact=contact)
    check(few | {"a.txt": contact.encode()}, stated, shown(stated))
    assert "1 URL" in blocked(few | {"a.txt": b"https://ministry.example/else"}, stated)
    assert "1 host name" in blocked(few | {"a.txt": b"www.ministry.example"}, stated)
    assert things([contact]) == {"ministry.example", "https://ministry.example/monitor"}


def test_a_provider_that_is_called_like_a_host_may_be_named(few, release, named, helpers):
    """A name with a point in it passes where names are shown."""
    cards = [replace(card, provider="Voorbeeld.example") if card.rank == 1 else card for card in helpers["cards"]()]
    other = replace(release, ranking=replace(named.ranking, scorecards=tuple(cards)))
    check(few | {"a.txt": b"Voorbeeld.example"}, other, shown(other))
    assert "1 host name" in blocked(few | {"a.txt": b"cdn.voorbeeld.example"}, other)


def test_a_secret_in_a_file_name_is_found_and_not_repeated(few, release):
    """The message does not name the file whose name holds it."""
    assert "a file in charts/ by its name: 1 host name" in blocked(few | {"charts/hidden-host.example": b"x"}, release)


@pytest.mark.parametrize("text", ["Grijze Wolk", "grijze  wolk,", "as64496", "AS64496", "AS 64496", "Oude Naam",
                                  "abuse@grijs"])  # fmt: skip
def test_an_unnamed_release_holds_no_name(unnamed, text):
    """Names, aliases, contacts, ids and AS numbers are found where nobody may be named."""
    known = KnownNames("as64496", ("Grijze Wolk", "Oude Naam", "abuse@grijs"))
    release = replace(unnamed, names=(known,))
    check({"a.txt": b"Provider A, more as 24 hours"}, release, shown(release))
    assert "a.txt: 1 " in blocked({"a.txt": f"by {text} since".encode()}, release)


def test_an_unnamed_release_has_no_as_number_in_a_column(unnamed):
    """A bare number in a column of AS numbers is one."""
    for path, data in (("a.csv", b"rank,asns\n1,[64496]\n"), ("a.json", b'{"asns": [64496]}')):
        assert f"{path}: 1 {Kind.AS_NUMBER}" in blocked({path: data}, unnamed)


def test_a_named_release_does_not_name_those_too_small_to_be_shown(few, release, helpers):
    """Whose Episodes are in "other" is not said, in a table, in words or in a file name; part of a name is no name."""
    assert "Geheime Schuur" in {row[0] for row in helpers["rows"]}
    assert "a.txt: 1 name" in blocked(few | {"a.txt": b"also Geheime Schuur"}, release)
    assert "a file in providers/ by its name" in blocked(few | {"providers/as64505.html": b"x"}, release)
    check(few | {"a.txt": b"Geheime Schuurtjes"}, release, shown(release))


def test_a_natural_person_is_named_in_no_release(few, release, named, helpers):
    """Neither the name, the id nor an AS number of a person passes, though the Provider is shown under a number."""
    cards = [replace(card, provider="natural person (P12345678)") if card.rank == 1 else card
             for card in helpers["cards"]()]  # fmt: skip
    person = KnownNames("as64496", ("Jan Jansen", "Jansen Web"), natural_person=True)
    other = replace(release, ranking=replace(named.ranking, scorecards=tuple(cards)), names=(person,))
    for text in ("Jan Jansen", "jansen web", "as64496"):
        assert "may not be named" in blocked({"a.txt": text.encode()}, other)


def test_a_name_that_is_a_phrase_of_the_report_blocks_nothing(unnamed, helpers, named):
    """A Provider that is called as an ordinary word of the report cannot be told from the word."""
    cards = [replace(card, provider="Provider") if card.rank == 1 else card for card in helpers["cards"]()]
    release = replace(unnamed, ranking=replace(named.ranking, scorecards=tuple(cards)))
    check({"a.txt": b"the provider took it offline"}, release, shown(release))


@pytest.mark.parametrize("name", ["Root", "Stack", "Vector", "Top", "Helvetica", "Netherlands", "August", "flex"])
def test_a_name_that_is_a_term_of_html_css_or_pdf_blocks_nothing(few, release, name):
    """A Provider in "other" that is called Stack does not stop the publication of every style sheet."""
    known = replace(release, names=(KnownNames("as64505", (name,)),))
    pdf = {"nl/report.pdf": pdf_with("Rapport", "page"), "a.txt": b"in August, Netherlands"}
    check(few | pdf, known, shown(known))


@pytest.mark.parametrize(("name", "text"), [("Stack", "by Stack since"), ("Stack", "STACK,"), ("zandbak", "zandbak")])
def test_a_name_of_one_word_is_found_as_it_is_written(few, release, name, text):
    """Only a word in small letters that is not written so is passed over."""
    known = replace(release, names=(KnownNames("as64505", (name,)),))
    assert "a.txt: 1 name" in blocked({"a.txt": text.encode()}, known)


def test_a_notice_on_top_does_not_let_a_name_through(unnamed):
    """What stands on every page may not name whom the release may not name; who publishes may be a Provider."""
    said = replace(unnamed, notice_en="As Grijze Wolk told us.", contact="Zeedijk Hosting")
    assert "a.txt: 1 name" in blocked({"a.txt": b"As Grijze Wolk told us."}, said)
    check({"a.txt": b"Published by Zeedijk Hosting"}, said, shown(said))


DOTTED = (
    "web.example",
    "Cloud-4.net B.V.",
    "Voorbeeld.com, Inc. - www.voorbeeld.com",
    "AS-3.nl (v2.0)",
    "Ns1.example.",
)


def test_providers_that_are_called_like_hosts_stop_no_release(make, named, helpers):
    """Pages and tables that name them pass; those that may not name anybody do not hold them."""
    cards = [replace(card, provider=name) for card, name in zip(helpers["cards"](), DOTTED, strict=False)]
    cards += helpers["cards"]()[len(DOTTED) :]
    for may_name in (True, False):
        release = make(ranking=replace(named.ranking, scorecards=tuple(cards)), named=may_name)
        seen = shown(release)
        files = {**pages(seen), **tables(seen)}
        assert any(b"Cloud-4.net" in data for data in files.values()) == may_name
        check(files, release, seen)


def test_a_decimal_is_no_reference(few, named):
    """A reference of figures alone is not found within a decimal, but where it stands by itself."""
    release = replace(named, record_ids_among=lambda words: words & {"123456789"})
    check(few | {"a.txt": b"0.123456789"}, release, shown(release))
    assert "1 reference of a report" in blocked(few | {"a.txt": b"(123456789)"}, release)


def test_nothing_is_written_when_the_check_refuses(make, tmp_path):
    """The folder of releases stays empty, and the message says what to do."""
    with pytest.raises(ReleaseError, match="Nothing was published") as refusal:
        publish(make(code_version="from build.hidden-host.example"), tmp_path)
    assert not list(tmp_path.iterdir())
    assert "hidden-host" not in str(refusal.value)
    assert "more files" in refusal.value.message
