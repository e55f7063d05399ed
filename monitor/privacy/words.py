"""The words of the data protection page, Dutch first. No law is quoted that the page cannot know."""

from typing import Any

TITLES = {
    "nl": {
        "controller": "Verwerkingsverantwoordelijke",
        "processors": "Verwerkers",
        "purpose": "Doel en grondslag",
        "classes": "Welke gegevens, en hoe lang",
        "recipients": "Wie wat kan zien",
        "places": "Waar de gegevens zijn",
        "rights": "Rechten van betrokkenen",
        "measures": "Beveiliging",
        "officer": "Functionaris gegevensbescherming",
    },
    "en": {
        "controller": "Controller",
        "processors": "Processors",
        "purpose": "Purpose and legal basis",
        "classes": "Which data, and for how long",
        "recipients": "Who can see what",
        "places": "Where the data are",
        "rights": "Rights of data subjects",
        "measures": "Security",
        "officer": "Data protection officer",
    },
}
FIELDS: dict[str, dict[str, dict[str, str]]] = {
    "controller": {
        "controller": {
            "nl": "Naam, adres en registratienummer van de verwerkingsverantwoordelijke (bij meer: wie waarvoor)",
            "en": "Name, address and register number of the controller (where there are several: who for what)",
        },
    },
    "processors": {
        "processors": {
            "nl": "Wie in opdracht verwerkt (beheer, hosting, back-up), en de datum van elke verwerkersovereenkomst",
            "en": "Who processes on the controller's behalf (operation, hosting, backup), and the contracts' dates",
        },
    },
    "purpose": {
        "basis": {
            "nl": "Grondslag (artikel 6 AVG, of de Wpg waar die geldt) en waarom de verwerking noodzakelijk is",
            "en": "Legal basis (Article 6 GDPR, or police data law where that applies) and why it is necessary",
        },
        "dpia": {
            "nl": "Datum en vindplaats van de gegevensbeschermingseffectbeoordeling",
            "en": "Date and place of the data protection impact assessment",
        },
    },
    "recipients": {
        "holders": {
            "nl": "Wie de sleutelbestanden van beheer en meldpunt bewaart (functies, geen namen)",
            "en": "Who keeps the key files of operator and hotline (functions, no names)",
        },
        "recipients": {
            "nl": "Aan wie buiten de organisatie wordt verstrekt, en op welke grondslag",
            "en": "To whom outside the organisation data are given, and on what legal basis",
        },
    },
    "places": {
        "where": {
            "nl": "In welk land de machine, de database en de back-ups staan",
            "en": "In which country the machine, the database and the backups are",
        },
    },
    "rights": {
        "requests": {
            "nl": "Waar een verzoek om inzage, rectificatie of bezwaar heen kan, en binnen welke termijn antwoord komt",
            "en": "Where a request for access, rectification or objection can be sent, and when it is answered",
        },
    },
    "measures": {
        "measures": {
            "nl": "Maatregelen van de organisatie: toegang, schijfversleuteling, back-ups, opleiding, meldplicht",
            "en": "Measures of the organisation: access, disk encryption, backups, training, reporting of breaches",
        },
    },
    "officer": {
        "officer": {
            "nl": "Hoe de functionaris gegevensbescherming te bereiken is",
            "en": "How the data protection officer can be reached",
        },
        "approved": {
            "nl": "Wanneer en door wie (functie) deze pagina is vastgesteld",
            "en": "When and by whom (function) this page was approved",
        },
    },
}
OPEN_TERM = {
    "nl": "nog niet vastgesteld",
    "en": "not decided yet",
}
DECIDE = {
    "nl": "Waar een termijn nog niet is vastgesteld, blijven de gegevens. De verwerkingsverantwoordelijke moet er een "
    "vaststellen ([retention] in de instellingen).",
    "en": "Where no term is decided yet, the data stay. The controller has to decide on one ([retention] in the "
    "settings).",
}
RIGHTS = {
    "nl": (
        "Het systeem bevat geen beeldmateriaal en geen gegevens van afgebeelde personen of melders. Een natuurlijk "
        "persoon die als aanbieder geregistreerd staat, wordt in geen publicatie met naam genoemd.",
        "Een aanbieder kan zijn eigen bestand krijgen (`monitor provider-file`), op een brief antwoorden en een feit "
        "laten corrigeren; wat gecorrigeerd is, blijft zichtbaar in het logboek.",
    ),
    "en": (
        "The system holds no images and no data of depicted persons or of those who report. A natural person who is "
        "registered as a provider is named in no publication.",
        "A provider can get its own file (`monitor provider-file`), answer a letter and have a fact corrected; what "
        "was corrected stays visible on the log.",
    ),
}
MEASURES = {
    "nl": (
        "URL's, hosts en IP-adressen staan versleuteld in de database (AES-256-GCM); de sleutel ligt daarbuiten en in "
        "geen enkele back-up.",
        "Wie een URL te zien krijgt, moet een reden geven; wie, wanneer en waarom staat in een logboek waarin elke "
        "latere wijziging opvalt (`monitor verify`).",
        "Er wordt nooit inhoud bekeken of bewaard. Eigen controles vragen alleen de kopregels van het antwoord (HEAD)"
        "{get}. Wat een server ongevraagd meestuurt, wordt ongelezen weggegooid.",
        "Logbestanden, foutmeldingen en rapporten bevatten geen URL, host of adres.",
    ),
    "en": (
        "URLs, hosts and IP addresses are encrypted in the database (AES-256-GCM); the key lies outside of it and in "
        "no backup.",
        "Whoever is shown a URL has to give a reason; who, when and why is on a log in which any later change shows "
        "(`monitor verify`).",
        "No content is ever looked at or kept. Our own checks ask for the headers of an answer alone (HEAD){get}. What "
        "a server sends unasked is thrown away unread.",
        "Log files, error messages and reports hold no URL, host or address.",
    ),
}
GET = {
    "nl": ", en waar dat niet genoeg is ten hoogste 1 byte (GET, door het mandaat toegestaan)",
    "en": ", and where that is not enough for one byte at most (GET, which the mandate permits)",
}
WORDS: dict[str, dict[str, Any]] = {
    "nl": {
        "title": "Gegevensbescherming",
        "note": "Gemaakt uit de instellingen van deze installatie. Velden met INVULLEN zijn voor de functionaris "
        "gegevensbescherming; deze pagina is geen juridisch advies.",
        "fill in": "INVULLEN",
        "purpose": "Vaststellen hoe lang gemeld materiaal bij aanbieders van hostingdiensten bereikbaar blijft, en dat "
        "eerlijk per aanbieder publiceren. Alleen bereikbaarheid wordt gemeten, nooit inhoud.",
        "setting": "Instelling", "value": "Waarde", "not set": "niet ingesteld",
        "organisation": "Organisatie met het mandaat", "legal basis": "Grondslag van de controles",
        "until": "Mandaat tot en met", "contact": "Aanspreekpunt voor gecontroleerde partijen",
        "letters": "Afzender van brieven", "answers": "Antwoorden naar", "publisher": "Uitgever van het rapport",
        "what": "Gegevens", "how kept": "Hoe bewaard", "how long": "Hoe lang", "kept": "blijft: nodig voor de cijfers",
        "account": "blijft: nodig voor de verantwoording",
        "classes": {
            "url": ("URL's en namen van hosts", "versleuteld, met een blinde index"),
            "address": ("IP-adressen", "versleuteld, met een blinde index"),
            "notice": ("Kenmerken en geadresseerden van verzoeken", "versleuteld"),
            "order": ("Die van bevelen, en wat daarover is vastgelegd: redenen, stukken, ambtenaren", "versleuteld"),
            "exchange": ("Wat uitgewisselde documenten over zaken zeggen", "versleuteld, met een pseudoniem"),
            "letter": ("Brieven, antwoorden en notities", "versleuteld; het register van stappen open"),
            "order_file": ("Bestanden voor een ontvanger (aanbieder, bevel)", "versleuteld voor die ontvanger"),
            "log": ("Logbestanden en werknotities", "open, zonder URL, host of adres"),
            "rejects": ("Lijsten van geweigerde invoerregels", "open, zonder de tekst van de regel"),
            "registry": (
                "Aanbieders: naam, handelsregister, postadres, contactgegevens (ook van personen)",
                "versleuteld; namen die uit openbare tabellen komen open",
            ),
            "registrations": ("Registratiegegevens van netwerken, zoals ontvangen", "versleuteld"),
            "facts": ("Tijden van meldingen, verzoeken en controles; kenmerken van het meldpunt", "open"),
            "audit": ("Logboek: wie deed wat, wanneer en waarom", "open, aaneengeketend"),
        },
        "who": "Rol", "sees": "Wat die kan openen",
        "roles": (
            ("Onderzoeker", "een kopie met pseudoniemen: geen URL, host, adres of brief, ook niet versleuteld"),
            ("Beheerder", "IP-adressen, brieven en wat we zelf controleren; na splitsing geen andere URL's of hosts"),
            ("Meldpunt", "alles, met een reden die in het logboek komt"),
        ),
        "no store": "Er is nog geen database.",
        "role here": {
            "owner": "Er is een sleutelbestand, dat alles opent: het is niet gesplitst naar rollen.",
            "operator": "Het sleutelbestand van deze installatie is dat van de beheerder.",
            "hotline": "Het sleutelbestand van deze installatie is dat van het meldpunt.",
            "researcher": "Deze installatie is een kopie voor onderzoek: er is geen URL, host of adres te openen.",
        },
        "day": "Dag", "handed out": "Uitgegeven", "by": "Door",
        "database": "Database", "sqlite": "een bestand op deze machine", "server": "een databaseserver (PostgreSQL)",
        "vantages": "Waarvandaan wordt gecontroleerd", "direct": "rechtstreeks vanaf deze machine",
        "live": "Bronnen die wij zelf controleren", "recorded": "Bronnen met alleen vastgelegde controles",
        "none": "geen", "the rest": "alle andere",
    },
    "en": {
        "title": "Data protection",
        "note": "Made from the settings of this installation. Fields that say FILL IN are for the data protection "
        "officer; this page is no legal advice.",
        "fill in": "FILL IN",
        "purpose": "To find out how long reported material stays reachable at hosting providers, and to publish that "
        "fairly for each provider. Reachability alone is measured, never content.",
        "setting": "Setting", "value": "Value", "not set": "not set",
        "organisation": "Organisation with the mandate", "legal basis": "Legal basis of the checks",
        "until": "Last day of the mandate", "contact": "Contact for those who are checked",
        "letters": "Sender of letters", "answers": "Answers go to", "publisher": "Publisher of the report",
        "what": "Data", "how kept": "How kept", "how long": "How long", "kept": "stays: figures need it",
        "account": "stays: needed to account for what was done",
        "classes": {
            "url": ("URLs and host names", "encrypted, with a blind index"),
            "address": ("IP addresses", "encrypted, with a blind index"),
            "notice": ("References and addressees of requests", "encrypted"),
            "order": ("Those of orders, and what was recorded about them: reasons, documents, officers", "encrypted"),
            "exchange": ("What exchanged documents say of cases", "encrypted, under a pseudonym"),
            "letter": ("Letters, answers and notes", "encrypted; the register of steps in the clear"),
            "order_file": ("Files for one receiver (provider, order)", "encrypted for that receiver"),
            "log": ("Log files and notes", "in the clear, without URL, host or address"),
            "rejects": ("Lists of rejected input rows", "in the clear, without the row's text"),
            "registry": (
                "Providers: name, register number, postal address, contacts (persons among them)",
                "encrypted; names that come from public tables in the clear",
            ),
            "registrations": ("Registration data of networks, as received", "encrypted"),
            "facts": ("Times of reports, requests and checks; the hotline's references", "in the clear"),
            "audit": ("Audit log: who did what, when and why", "in the clear, chained"),
        },
        "who": "Role", "sees": "What it can open",
        "roles": (
            ("Researcher", "a copy with pseudonyms: no URL, host, address or letter, not even encrypted"),
            ("Operator", "IP addresses, letters and what we check ourselves; after a split no other URL or host"),
            ("Hotline", "everything, with a reason that goes on the audit log"),
        ),
        "no store": "There is no database yet.",
        "role here": {
            "owner": "There is one key file, which opens everything: it was not split by roles.",
            "operator": "The key file of this installation is the operator's.",
            "hotline": "The key file of this installation is the hotline's.",
            "researcher": "This installation is a copy for research: there is no URL, host or address to open.",
        },
        "day": "Day", "handed out": "Handed out", "by": "By",
        "database": "Database", "sqlite": "a file on this machine", "server": "a database server (PostgreSQL)",
        "vantages": "Where checks are made from", "direct": "directly from this machine",
        "live": "Sources that are checked by us", "recorded": "Sources with recorded checks alone",
        "none": "none", "the rest": "all others",
    },
}  # fmt: skip
