"""Metadata for the archive: one XML document for each letter and each file, in the words of MDTO.

MDTO is the Dutch government's standard for records (Nationaal Archief, MDTO-XML 1.0.1). In: values. Out: bytes. What
would surprise: what only the record creator can decide (appraisal, restrictions) says so in words; and the standard's
schema is not shipped: the tests hold the documents against its names, order, number and types as we use them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_NAMESPACE = "https://www.nationaalarchief.nl/mdto"
_SCHEMA = f"{_NAMESPACE} {_NAMESPACE}/MDTO-XML1.0.1.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SOURCE = "hosting-monitor"
_UNDECIDED = "nog te bepalen door de archiefvormer"
_NO_LIST = "geen begrippenlijst"


@dataclass(frozen=True, slots=True)
class ArchiveEvent:
    """Something that happened to what is archived; `at` is ISO 8601."""

    kind: str
    at: str
    actor: str


@dataclass(frozen=True, slots=True)
class InformationObject:
    """A letter with its answers, or a file that was made for somebody."""

    key: str
    name: str
    level: str  # aggregatieniveau: "Dossier" or "Archiefstuk"
    about: str
    creator: str  # archiefvormer
    files: Sequence[str]  # keys of its files
    events: Iterable[ArchiveEvent] = ()


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file as it lies in the archive; `made_at` is when its checksum was made, ISO 8601."""

    key: str
    name: str
    size: int
    sha256: str
    made_at: str
    belongs_to: str  # key of its information object
    belongs_to_name: str


def information_object(given: InformationObject) -> bytes:
    """The document of an information object."""
    root, top = _document("informatieobject")
    _identity(top, "identificatie", given.key)
    _text(top, "naam", given.name)
    _concept(top, "aggregatieniveau", given.level, "Begrippenlijst Aggregatieniveaus MDTO")
    _text(top, "omschrijving", given.about)
    for each in given.events:
        event = SubElement(top, "event")
        _concept(event, "eventType", each.kind, _NO_LIST)
        _text(event, "eventTijd", each.at)
        _reference(event, "eventVerantwoordelijkeActor", each.actor)
    _concept(top, "waardering", _UNDECIDED, _NO_LIST)
    for key in given.files:
        _reference(top, "heeftRepresentatie", key, key)
    _reference(top, "archiefvormer", given.creator)
    _concept(SubElement(top, "beperkingGebruik"), "beperkingGebruikType", _UNDECIDED, _NO_LIST)
    return _written(root)


def file_object(given: ArchiveFile) -> bytes:
    """The document of one file. Its format goes by the end of its name; nothing was identified."""
    root, top = _document("bestand")
    _identity(top, "identificatie", given.key)
    _text(top, "naam", given.name)
    _text(top, "omvang", str(given.size))
    suffix = given.name.rpartition(".")[2].lower() if "." in given.name else "onbekend"
    _concept(top, "bestandsformaat", suffix, "bestandsextensie")
    checksum = SubElement(top, "checksum")
    _concept(checksum, "checksumAlgoritme", "SHA-256", "Begrippenlijst ChecksumAlgoritme MDTO")
    _text(checksum, "checksumWaarde", given.sha256)
    _text(checksum, "checksumDatum", given.made_at)
    _reference(top, "isRepresentatieVan", given.belongs_to_name, given.belongs_to)
    return _written(root)


def _document(kind: str) -> tuple[Element, Element]:
    root = Element("MDTO", {"xmlns": _NAMESPACE, "xmlns:xsi": _INSTANCE, "xsi:schemaLocation": _SCHEMA})
    return root, SubElement(root, kind)


def _written(root: Element) -> bytes:
    indent(root)
    found: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return found + b"\n"


def _text(parent: Element, name: str, text: str) -> None:
    """Without control codes, which XML has no way to write."""
    SubElement(parent, name).text = "".join(c if c.isprintable() else " " for c in text) or "-"


def _identity(parent: Element, name: str, key: str) -> None:
    made = SubElement(parent, name)
    _text(made, "identificatieKenmerk", key)
    _text(made, "identificatieBron", _SOURCE)


def _reference(parent: Element, name: str, text: str, key: str | None = None) -> None:
    made = SubElement(parent, name)
    _text(made, "verwijzingNaam", text)
    if key is not None:
        _identity(made, "verwijzingIdentificatie", key)


def _concept(parent: Element, name: str, label: str, listed_in: str) -> None:
    made = SubElement(parent, name)
    _text(made, "begripLabel", label)
    _reference(made, "begripBegrippenlijst", listed_in)
