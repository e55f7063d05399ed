"""The reports of one provider and half: report rows, the checks recorded of them, and the truth behind both.

In: a Provider and a Half. Out: `Case`s. What would surprise: one Case can hold several records (a second report on the
same URL, a report made after the material came back or moved) and several rows of one record (a further notice).
Each provider and half has a random stream of its own, so a change to one provider leaves the others as they were.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from sample_course import NEVER, Course, Phase, Quirk, make_course, readings
from sample_rows import Case, CheckRow, Paper, ReportRow, Truth
from sample_setting import UNDELIVERED, UNOBSERVED, Setting, gone_hours
from sample_world import (
    FORUMS,
    IGNORER,
    PROVIDERS,
    PROXY,
    SLOW_CLOUD,
    SLOW_SERVERS,
    TWINS,
    Half,
    Provider,
    address_in,
    site_name,
    url_on,
)

SEED = "sample-1"
FIRST_DAYS = {Half.H2_2025: date(2025, 7, 1), Half.H1_2026: date(2026, 1, 1)}
N_DAYS = {Half.H2_2025: 184, Half.H1_2026: 181}
QUIET_DAYS = {(1, 1), (1, 2), *((12, day) for day in range(25, 32))}
"""No notices around New Year: a network changes hands then, and the truth should not hang on that."""
HOUR = timedelta(hours=1)


def cases_of(provider: Provider, half: Half) -> Iterator[Case]:
    """The provider's Cases of that half, batch by batch: one batch of notices a day at most."""
    rng = Random(f"{SEED}:{provider.asn}:{half}")
    for nth_batch, (day, size) in enumerate(_batches(provider, half, rng)):
        sent_at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(minutes=int(rng.random() * 420))
        frailty = rng.lognormvariate(0, 0.35)
        for nth in range(size):
            key = f"{provider.asn}-{half}-{nth_batch}-{nth}"
            yield _make_case(Setting(provider, half, key, sent_at + timedelta(seconds=20 * nth), frailty, rng))


def _batches(provider: Provider, half: Half, rng: Random) -> list[tuple[date, int]]:
    """(day, notices) on distinct working days; sizes vary about the provider's usual batch."""
    count = provider.n_reports[half is Half.H1_2026]
    days = [FIRST_DAYS[half] + timedelta(days=i) for i in range(N_DAYS[half])]
    days = [day for day in days if day.weekday() < 5 and (day.month, day.day) not in QUIET_DAYS]
    n_batches = min(count, max(3, round(count / provider.batch)))
    picked = sorted(rng.sample(days, n_batches))
    sizes = [1] * n_batches
    for _ in range(count - n_batches):
        sizes[int(rng.random() ** 1.5 * n_batches)] += 1
    rng.shuffle(sizes)
    return list(zip(picked, sizes, strict=True))


def _make_case(s: Setting) -> Case:
    elsewhere = _other(s, (IGNORER, SLOW_CLOUD, SLOW_SERVERS))
    course = make_course(s.quirk, s.gone, s.ip, address_in(elsewhere, s.half, s.rng), s.delay, s.rng)
    first = _report(s)
    reports = [first, *_more_rows(s, first, course)]
    truths = [_truth(s, course)] if _counts(s, first) else []
    told_again = s.quirk in (Quirk.MOVED, Quirk.BACK_LATE) and s.rng.random() < 0.4
    if told_again and s.paper not in UNOBSERVED:
        host = elsewhere if s.quirk is Quirk.MOVED else s.provider
        course, row, truth = _told_again(s, first, course, host)
        reports.append(row)
        truths += [truth] if host is not PROXY else []
    return Case(s.paper, s.quirk, tuple(reports), _checks(s, course, first), tuple(truths))


def _other(s: Setting, among: tuple[Provider, ...]) -> Provider:
    others = [p for p in among if p is not s.provider]
    return others[int(s.rng.random() * len(others))]


def _counts(s: Setting, row: ReportRow) -> bool:
    """Whether the first notice starts a clock against a hosting provider."""
    behind_proxy = s.provider is PROXY and not s.origin
    return s.plain_paper and row.notice_status in ("sent", "delivered", "unknown") and not behind_proxy


def _truth(s: Setting, course: Course) -> Truth:
    return Truth((s.origin or s.provider).provider_id, s.notified_at, course.end_hours, course.end)


def _report(s: Setting) -> ReportRow:
    """The first record of the Case, with its notice."""
    rng, provider = s.rng, s.provider
    site_type = provider.site_type if rng.random() < 0.8 else ("file-host", "blog", "link-site")[int(rng.random() * 3)]
    tied_to_name = s.origin or s.paper is Paper.NO_ADDRESS or s.quirk in (Quirk.MOVED, Quirk.FLAP, Quirk.DOMAIN_GONE)
    literal = rng.random() < 0.08 and provider.site_type == "website" and not tied_to_name
    host = s.ip if literal else site_name(provider, rng)
    url = url_on(host, site_type, rng)
    reported_at = _second(s.notified_at - s.delay * HOUR)
    no_address = s.paper is Paper.NO_ADDRESS
    row = ReportRow(
        record_id=s.key,
        url=url if s.paper is not Paper.HOST_ONLY else "",
        host=host if s.paper is Paper.HOST_ONLY else "",
        reported_at=reported_at,
        assessment="not_illegal" if s.paper is Paper.NOT_ILLEGAL else ("illegal" if rng.random() < 0.7 else ""),
        assessed_at=_second(reported_at + 0.2 * s.delay * HOUR),
        withdrawn_at=_second(s.notified_at + 150 * rng.random() * HOUR) if s.paper is Paper.WITHDRAWN else None,
        ip="" if no_address or rng.random() < 0.1 else s.ip,
        origin_ip=s.origin_ip,
        site_type=site_type if rng.random() < 0.95 else "",
        known_material=("true", "false", "")[int(rng.random() * 2.4)],
    )
    return row if s.paper is Paper.NO_NOTICE else _with_notice(s, row)


def _with_notice(s: Setting, row: ReportRow) -> ReportRow:
    status, share = UNDELIVERED.get(s.provider.habit, ("failed", 0.0))
    if s.paper is Paper.FAILED or s.rng.random() >= share:
        status = "failed" if s.paper is Paper.FAILED else ("delivered", "sent", "unknown")[int(s.rng.random() * 2.1)]
    by_api = s.provider.habit == "image-host"
    row = replace(
        row,
        notified_at=s.notified_at,
        notice_ref=f"NTD-{s.notified_at:%Y%m%d}-{s.provider.asn % 1000:03d}",
        notice_kind="request" if s.rng.random() < 0.8 else "",
        notice_status=status,
        notice_channel="" if status == "no-contact" else ("api" if by_api else "email"),
        notice_sender="hotline",
        notified_capacity="hosting" if s.rng.random() < 0.8 else "",
        notified_party=_party(s),
    )
    return _odd_notice(s, row)


def _party(s: Setting) -> str:
    """The addressee as the hotline wrote it; a name that two providers share is written as the AS number."""
    if s.rng.random() < 0.5 or s.provider is FORUMS or s.origin:
        return ""
    return f"AS{s.provider.asn}" if s.provider in TWINS else s.provider.name


def _odd_notice(s: Setting, row: ReportRow) -> ReportRow:
    """Notices to a wrong party or in another capacity, and orders."""
    if s.paper is Paper.WRONG_KNOWN:
        named = tuple(p for p in PROVIDERS if p not in TWINS and p is not FORUMS and p is not PROXY)
        return replace(row, notified_party=_other(s, named).name, notified_capacity="hosting")
    if s.paper is Paper.WRONG_UNKNOWN:
        return replace(row, notified_party="Oude Sluis Beheer", notified_capacity="hosting")
    if s.paper is Paper.REGISTRAR:
        return replace(row, notified_party="Naamregister De Lisdodde", notified_capacity="registrar")
    if s.paper is Paper.ORDER_ONLY:
        return _as_order(s, row, s.notified_at)
    if s.provider is PROXY and not s.origin:
        return replace(row, notified_party=PROXY.name, notified_capacity="proxy")
    return row


def _as_order(s: Setting, row: ReportRow, at: datetime) -> ReportRow:
    return replace(
        row,
        notified_at=_second(at),
        notice_ref=f"BEVEL-{at:%Y%m%d}-{int(s.rng.random() * 900) + 100}",
        notice_kind="order",
        notice_status="delivered",
        notice_channel="email" if s.rng.random() < 0.7 else "post",
        notice_sender="authority",
        notified_capacity="hosting" if s.rng.random() < 0.9 else "communication",
        notified_party="",
        deadline_hours=("1", "2", "3", "6", "12", "12", "")[int(s.rng.random() * 7)],
    )


def _more_rows(s: Setting, first: ReportRow, course: Course) -> list[ReportRow]:
    """Further rows on the same Target: an order, a reminder, another person's report."""
    at = s.notified_at + (26 + 30 * s.rng.random()) * HOUR
    if s.paper is Paper.ORDER and course.end_hours > 60 and s.provider is not PROXY:
        return [_as_order(s, first, at)]
    if s.paper is Paper.REMINDER:
        return [replace(first, notified_at=_second(at), notice_ref=first.notice_ref + "-2")]
    if s.paper is Paper.SECOND_REPORT:
        later = first.reported_at + (0.2 + 60 * s.rng.random()) * HOUR
        url = first.url.replace(".example/", ".EXAMPLE:443/").replace("http:", "HTTP:") + "#gezien"
        row = _without_notice(first, f"{s.key}-b")
        return [replace(row, url=url, reported_at=_second(later), assessed_at=None)]
    return []


def _without_notice(row: ReportRow, key: str) -> ReportRow:
    """The same Target in a record of its own, with nothing about a notice."""
    return ReportRow(
        key, row.url, row.host, row.reported_at, ip=row.ip, origin_ip=row.origin_ip, site_type=row.site_type
    )


def _told_again(s: Setting, first: ReportRow, course: Course, host: Provider) -> tuple[Course, ReportRow, Truth]:
    """A new report and notice after the material moved to `host`, or came back at the same provider."""
    online_again = [p for p in course.phases if p.outcome == "online"][-1]
    told = online_again.from_hours + 30 + 30 * s.rng.random()
    told_at = _second(s.notified_at + told * HOUR)
    gone = told + gone_hours(host.speed(s.half), 1.0, s.rng)
    kept = [p for p in course.phases if p.from_hours <= online_again.from_hours]
    phases = (*kept, Phase(gone, "offline", "http-404", online_again.ip))
    row = replace(
        _without_notice(first, f"{s.key}-c"),
        ip=online_again.ip,
        reported_at=_second(told_at - 12 * HOUR),
        notified_at=told_at,
        notice_ref=f"NTD-{told_at:%Y%m%d}-{host.asn % 1000:03d}",
        notice_kind="request",
        notice_status="delivered",
        notice_sender="hotline",
    )
    end = "takedown" if gone < NEVER else "censored"
    again = replace(course, phases=phases, extra=(*course.extra, told - 0.3, told + 11.5, told + 23.5, told + 24.5))
    return again, row, Truth(host.provider_id, told_at, gone - told, end)


def _checks(s: Setting, course: Course, first: ReportRow) -> tuple[CheckRow, ...]:
    no_ip = s.paper is Paper.NO_ADDRESS or (bool(first.ip) and s.quirk is Quirk.PLAIN and s.rng.random() < 0.04)
    few = s.paper in (Paper.NO_NOTICE, Paper.NOT_ILLEGAL)
    return tuple(
        CheckRow(
            record_id=s.key,
            source="hotline",
            checked_at=_second(s.notified_at + reading.hours * HOUR),
            outcome=reading.outcome,
            reason=reading.reason,
            ip="" if no_ip else reading.ip,
        )
        for reading in readings(course, s.delay, s.rng, upto=24 if few else NEVER)
    )


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
