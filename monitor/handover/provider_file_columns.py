"""The columns of every table in a Provider's file: type, and meaning in English and Dutch.

In: the values of `monitor.model.provider_file`. Out: `TABLES`. What would surprise: both languages stand beside each
other here and not in the catalogue of messages, because both go into every file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from monitor.handover.tally import FigureLine
from monitor.model.provider_file import CaseAddress, CaseCheck, CaseNorm, CaseRow, MovedIn


@dataclass(frozen=True, slots=True)
class WordLine:
    """One word or rule that the tables use, explained."""

    kind: str
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is one of Frictionless."""

    name: str
    type: str
    en: str
    nl: str


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file of the archive."""

    name: str
    en: str
    nl: str
    columns: tuple[Column, ...]


_ROW = ("Number of the line in rows.csv", "Nummer van de regel in rows.csv")
_ROLE = (
    "In which role you are seen: network (holder of the network) or proxy (reverse proxy)",
    "In welke rol u wordt gezien: network (houder van het netwerk) of proxy (reverse proxy)",
)
_CLOCK = (
    "request: removal request of a hotline; order: order of the authority",
    "request: verwijderverzoek van een meldpunt; order: bevel van de autoriteit",
)
_NORM = (
    "Name of the norm; the primary one has the name of its clock",
    "Naam van de norm; de eerste heet als haar klok",
)
_LEFT = "Hours after the notice: it was seen online then, and not yet at its end"
_RIGHT = "Hours after the notice: first sign of the end; empty: none was seen"

_ROWS: Mapping[str, tuple[str, str]] = {
    "row": _ROW,
    "facts": (
        "Whether the store still gives this line; where it says changed, the line is as frozen, what stands beside "
        "it (notice, address, checks) is as it is known now",
        "Of de opslag deze regel nog zo geeft; bij changed is de regel zoals bevroren en is wat ernaast staat "
        "(melding, adres, controles) zoals nu bekend",
    ),
    "changed": ("The columns that would differ now", "De kolommen die nu anders zouden zijn"),
    "role": _ROLE,
    "clock": _CLOCK,
    "status": (
        "episode: counts; before_notice: gone before the notice; undelivered: the notice did not arrive; "
        "misaddressed: it told somebody else",
        "episode: telt mee; before_notice: al weg voor de melding; undelivered: de melding kwam niet aan; "
        "misaddressed: zij ging naar een ander",
    ),
    "source": ("Who handed the report over", "Wie de melding aanleverde"),
    "record_id": ("Reference of the report there", "Kenmerk van de melding daar"),
    "target_id": ("Number of the URL in the dataset", "Nummer van de URL in de gegevensset"),
    "site_id": ("Number of its site", "Nummer van haar site"),
    "cluster_id": ("Number of the UTC day of notice", "Nummer van de dag van melding (UTC)"),
    "url": (
        "The URL; the host alone where the path was withheld",
        "De URL; alleen de host waar het pad is achtergehouden",
    ),
    "path_withheld": ("Whether the path was withheld", "Of het pad is achtergehouden"),
    "reported_at": ("When the hotline received the report", "Wanneer het meldpunt de melding ontving"),
    "notified_at": (
        "When you were told: all hours run from here",
        "Wanneer u het is verteld: alle uren lopen vanaf hier",
    ),
    "notice_reference": (
        "Reference of the notice as sent; empty where it went to somebody else",
        "Kenmerk van de melding zoals verzonden; leeg waar zij naar een ander ging",
    ),
    "notice_sender": ("Who sent it", "Wie haar verstuurde"),
    "notice_channel": ("email, api, form or post", "email, api, form (formulier) of post"),
    "notice_status": (
        "sent, delivered, unknown, bounced, refused, no-contact, failed (the sender's own fault)",
        "sent, delivered, unknown, bounced, refused, no-contact, failed (fout van de afzender)",
    ),
    "stated_at": (
        "Filled where the time of the notice was corrected: the time that the hotline stated. Where notified_at is "
        "still that time, the correction came after the freeze",
        "Ingevuld waar het tijdstip van de melding is gecorrigeerd: het tijdstip dat het meldpunt opgaf. Is "
        "notified_at dat nog steeds, dan kwam de correctie na het bevriezen",
    ),
    "stated_status": (
        "Filled where the status of the notice was corrected: the status that the hotline stated",
        "Ingevuld waar de status van de melding is gecorrigeerd: de status die het meldpunt opgaf",
    ),
    "correction_reason": ("Why it was corrected", "Waarom het is gecorrigeerd"),
    "addressee": (
        "To whom it was addressed, as written where that is you; empty: nobody written, so the party at that address "
        "at that moment",
        "Aan wie zij was gericht, zoals geschreven als u dat bent; leeg: niemand genoemd, dus de partij op dat adres "
        "op dat moment",
    ),
    "addressee_capacity": ("In which capacity it told its party", "In welke hoedanigheid zij haar partij aansprak"),
    "addressee_match": ("Whom it told, beside you; see words.csv", "Wie zij aansprak, naast u; zie words.csv"),
    "address": ("Your address at the notice", "Uw adres op het moment van de melding"),
    "asn": ("Origin AS number of that address", "Origin-AS-nummer van dat adres"),
    "attribution_basis": (
        "From where the address is known; see words.csv",
        "Waarvan het adres bekend is; zie words.csv",
    ),
    "attribution_confidence": ("full or reduced", "full (volledig) of reduced (verminderd)"),
    "attribution_doubts": ("Why it is reduced; see words.csv", "Waarom het is verminderd; zie words.csv"),
    "fronted": ("Whether a reverse proxy stood before it", "Of er een reverse proxy voor stond"),
    "norm_hours": (
        "Hours that the primary norm allows; of an order its own deadline",
        "Uren die de eerste norm toestaat; bij een bevel zijn eigen termijn",
    ),
    "within_norm": (
        "yes: surely within; no: surely not; cannot be said: not in the worst case, but in the best",
        "yes: zeker binnen; no: zeker niet; cannot be said: niet in het slechtste, wel in het beste geval",
    ),
    "end": (
        "takedown, move, domain (the name is gone), censored (no end seen)",
        "takedown, move (verhuizing), domain (de naam is weg), censored (geen einde gezien)",
    ),
    "left_hours": (_LEFT, "Uren na de melding: toen nog online gezien, voor het einde"),
    "right_hours": (_RIGHT, "Uren na de melding: eerste teken van het einde; leeg: niet gezien"),
    "left_at": ("The same as a time", "Hetzelfde als tijdstip"),
    "right_at": ("The same as a time", "Hetzelfde als tijdstip"),
    "lower0_hours": (
        "Gap at the notice: last seen online before it, or the report (negative)",
        "Gat bij de melding: laatst online gezien ervoor, of de melding bij het meldpunt (negatief)",
    ),
    "weight": ("Weight of a gap in estimates", "Gewicht van een gat in schattingen"),
    "first_left_hours": (
        "left_hours of the first removal, also one that did not last",
        "left_hours van de eerste verwijdering, ook als die niet duurde",
    ),
    "first_right_hours": ("right_hours of the same", "right_hours daarvan"),
    "tail_from_hours": (
        "From when on no check gave a clear answer",
        "Vanaf wanneer geen controle meer uitsluitsel gaf",
    ),
    "last_outcome": ("What the last check said", "Wat de laatste controle zei"),
    "moved_to": (
        "Whether it went to another provider; not to which",
        "Of het naar een andere aanbieder ging; niet naar welke",
    ),
    "n_checks": ("Checks from the notice to the cut-off", "Controles van de melding tot de peildatum"),
    "page_target": (
        "A page that answers: not proof that the material is there",
        "Een pagina die antwoordt: geen bewijs dat het beeldmateriaal er is",
    ),
    "flaps": (
        "Stretches elsewhere that were over within a day: no move",
        "Perioden elders van minder dan een dag: geen verhuizing",
    ),
    "rule_version": ("Version of the rules that made the line", "Versie van de regels die de regel maakten"),
    "n_notices": ("1 for the first line of each URL notified", "1 bij de eerste regel van elke gemelde URL"),
    "n_episodes": ("1 where the line is an episode", "1 waar de regel een episode is"),
    "n_sites": ("1 for the first episode of each site", "1 bij de eerste episode van elke site"),
    "n_clusters": (
        "1 for the first episode of each UTC day of notice",
        "1 bij de eerste episode van elke dag van melding",
    ),
    "gone_before_notice": ("1: gone before the notice", "1: al weg voor de melding"),
    "gap_at_notice": ("1: may have ended before the notice", "1: kan voor de melding zijn geëindigd"),
    "undelivered_bounced": ("1: the notice bounced", "1: de melding kwam terug"),
    "undelivered_refused": ("1: the notice was refused", "1: de melding werd geweigerd"),
    "undelivered_no_contact": ("1: no contact was published", "1: er was geen contactadres gepubliceerd"),
    "undelivered_our_fault": ("1: the sender failed", "1: fout van de afzender"),
    "misaddressed": ("1: the notice told somebody else", "1: de melding ging naar een ander"),
    "taken_down": ("1: taken down at your network", "1: bij u offline gehaald"),
    "moved": ("1: went to another provider", "1: ging naar een andere aanbieder"),
    "domain_gone": ("1: the name stopped resolving", "1: de domeinnaam verdween"),
    "online_at_cutoff": ("1: no end was seen", "1: geen einde gezien"),
    "inconclusive": (
        "1: of those, the last check gave no clear answer",
        "1: daarvan, de laatste controle gaf geen uitsluitsel",
    ),
    "provisional": (
        "1: the end is younger than seven days at the cut-off",
        "1: het einde is op de peildatum jonger dan zeven dagen",
    ),
    "interrupted": (
        "1: offline in between and back within seven days",
        "1: tussendoor offline en binnen zeven dagen terug",
    ),
    "recurrences": ("How often it came back later", "Hoe vaak het later terugkwam"),
    "exposure_hours_low": ("Hours online after the notice, at least", "Uren online na de melding, ten minste"),
    "exposure_hours_high": ("Hours online after the notice, at most", "Uren online na de melding, ten hoogste"),
}
_NORMS: Mapping[str, tuple[str, str]] = {
    "row": _ROW,
    "norm": _NORM,
    "hours": ("Hours allowed; empty: a deadline not recorded", "Toegestane uren; leeg: termijn niet vastgelegd"),
    "within_norm_worst": ("1: taken down within them for certain", "1: zeker daarbinnen offline gehaald"),
    "within_norm_best": ("1: can have been taken down within them", "1: kan daarbinnen offline zijn gehaald"),
    "within_norm_any_end_worst": (
        "1: ended within them for certain, in any way",
        "1: zeker daarbinnen geëindigd, hoe dan ook",
    ),
    "within_norm_any_end_best": (
        "1: can have ended within them, in any way",
        "1: kan daarbinnen zijn geëindigd, hoe dan ook",
    ),
}
_ADDRESSES: Mapping[str, tuple[str, str]] = {
    "row": _ROW,
    "address": ("Your address", "Uw adres"),
    "at": ("The moment that the tables were read for", "Het moment waarvoor de tabellen zijn gelezen"),
    "prefix": ("Announced prefix that covers it", "Aangekondigde prefix die het dekt"),
    "origin_asns": ("AS numbers that announce it", "AS-nummers die hem aankondigen"),
    "routing_table": ("Day that the routing table shows", "Dag die de routeringstabel toont"),
    "routing_table_made_on": ("Day on which it was made", "Dag waarop zij is gemaakt"),
    "routing_table_sha256": ("SHA-256 of its file", "SHA-256 van haar bestand"),
    "network_handle": ("The registry's handle of the network", "Aanduiding van het netwerk in het register"),
    "network_name": ("Its name there, where you hold it", "De naam daar, waar u de houder bent"),
    "registry": ("Which registry", "Welk register"),
    "registered_holder": (
        "To whom it is registered: this provider, another provider, empty where not known",
        "Op wie het is geregistreerd: this provider (u), another provider (een ander), leeg waar niet bekend",
    ),
    "registered_at": ("Registered on", "Geregistreerd op"),
    "registration_changed_at": ("Registration last changed", "Registratie laatst gewijzigd"),
    "registry_asked_at": ("When the registry was asked", "Wanneer het register is bevraagd"),
    "assigned_by_a_person": (
        "A person assigned the network, with a reason",
        "Een mens heeft het netwerk toegewezen, met reden",
    ),
    "reverse_proxy": ("In the range of a reverse proxy", "In het bereik van een reverse proxy"),
    "doubts": ("Doubts about the registration; see words.csv", "Twijfels over de registratie; zie words.csv"),
}
_CHECKS: Mapping[str, tuple[str, str]] = {
    "row": _ROW,
    "at": ("When", "Wanneer"),
    "hours": ("Hours after the notice, negative before it", "Uren na de melding, negatief ervoor"),
    "outcome": ("online, offline or inconclusive", "online, offline of inconclusive (geen uitsluitsel)"),
    "cause": ("What an offline check is about: content, host, domain", "Waar offline over gaat: content, host, domain"),
    "kind": (
        "recorded: by a hotline; own: by this monitor; bracket: the report's own times",
        "recorded: door een meldpunt; own: door deze monitor; bracket: de tijden in de melding zelf",
    ),
    "vantage": ("From where", "Vanwaar"),
    "method": ("HEAD or GET (of one byte)", "HEAD of GET (van één byte)"),
    "phase": ("How far the last request came", "Hoe ver het laatste verzoek kwam"),
    "http_status": ("Status code", "Statuscode"),
    "error": ("What broke it off", "Wat het afbrak"),
    "reason": ("Reason as recorded", "Reden zoals vastgelegd"),
    "rule": ("Rule that reads it", "Regel die hem leest"),
    "rule_in_words": ("The same in words", "Hetzelfde in woorden"),
    "address": ("Where it looked, if that is yours", "Waar hij keek, als dat van u is"),
    "held_by": (
        "this provider, another provider or not known",
        "this provider (u), another provider (een ander), not known (niet bekend)",
    ),
    "note": ("What it is to this line", "Wat hij voor deze regel is"),
}
_MOVED: Mapping[str, tuple[str, str]] = {
    "role": _ROLE,
    "clock": _CLOCK,
    "seen_at": ("When it was first seen there", "Wanneer het daar voor het eerst is gezien"),
    "address": ("Your address", "Uw adres"),
}
_FIGURES: Mapping[str, tuple[str, str]] = {
    "role": _ROLE,
    "clock": _CLOCK,
    "norm": _NORM,
    "figure": ("Name of the figure", "Naam van het cijfer"),
    "scorecard": ("As published", "Zoals gepubliceerd"),
    "from_rows": ("As the lines add up", "Zoals de regels optellen"),
    "same": ("Whether both are the same", "Of beide gelijk zijn"),
    "how": ("How to add it up yourself", "Hoe u het zelf optelt"),
}
_WORDS: Mapping[str, tuple[str, str]] = {
    "kind": ("rule, or the column that the word is in", "rule (regel), of de kolom waarin het woord staat"),
    "word": ("The word", "Het woord"),
    "meaning": ("What it means (English)", "Wat het betekent (Engels)"),
}


def _type(hint: object) -> str:
    text = str(hint)
    for word, name in (("bool", "boolean"), ("float", "number"), ("int", "integer")):
        if word in text:
            return name
    return "string"


def _table(name: str, en: str, nl: str, kind: type[Any], words: Mapping[str, tuple[str, str]]) -> Table:
    columns = tuple(Column(each.name, _type(each.type), *words[each.name]) for each in fields(kind))
    return Table(name, en, nl, columns)


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        _table("figures", "Every figure that can be added up", "Elk cijfer dat is op te tellen", FigureLine, _FIGURES),
        _table("rows", "Every line that is counted for you", "Elke regel die voor u telt", CaseRow, _ROWS),
        _table("norms", "Each episode under each norm", "Elke episode onder elke norm", CaseNorm, _NORMS),
        _table(
            "addresses",
            "Your addresses, and how they lead to you",
            "Uw adressen, en hoe zij naar u leiden",
            CaseAddress,
            _ADDRESSES,
        ),
        _table("checks", "Every check that was read", "Elke controle die is gelezen", CaseCheck, _CHECKS),
        _table("moved_in", "What turned up with you, untold", "Wat bij u opdook, zonder melding", MovedIn, _MOVED),
        _table("words", "Words and rules", "Woorden en regels", WordLine, _WORDS),
    )
}
"""In reading order."""
