"""The rules that were applied to one record: of the method's rules those whose condition its story meets.

In: the method's rules and the stories. Out: ids and sentences, each once, in the method's order, then those that read
the checks. What would surprise: a rule is recognised by its id without the number, so that a new version of it is
shown under the same condition; a rule that this module does not know is shown, never hidden. The rules about our own
checks are shown where one of the record's checks was read by none of the rules for recorded ones.
"""

from collections.abc import Sequence

from monitor.model.explanation import AddressStory, CheckStory, EpisodeStory, NoticeStory
from monitor.model.method import Method, Thresholds
from monitor.model.words import (
    AddresseeMatch,
    AttributionBasis,
    Cause,
    Doubt,
    End,
    EpisodeStatus,
    NoticeKind,
    Outcome,
    Role,
)

RECORDED_TRUSTED, RECORDED_UNTRUSTED, BRACKET = "recorded-trusted-1", "recorded-untrusted-1", "bracket-1"
OF_RECORDED_CHECKS = {RECORDED_TRUSTED, RECORDED_UNTRUSTED, BRACKET}
OF_RANKINGS = {"interval", "order", "class", "estimate", "identified", "median", "change", "sensitivity"}
"""Rules about many records together: none of them is applied to one."""
_SILENCE_CAN_MEAN = {Cause.HOST.name.lower(), Cause.DOMAIN.name.lower()}


def check_rules(thresholds: Thresholds) -> tuple[tuple[str, str], ...]:
    """The rules that read recorded checks."""
    confirmed = f"{thresholds.confirm_readings} of them over at least {thresholds.confirm_minutes:g} minutes"
    return (
        (RECORDED_TRUSTED, "A check recorded by a trusted source is taken as recorded: one offline check is enough."),
        (RECORDED_UNTRUSTED, f"A check recorded by a source that is not trusted is one reading: it takes {confirmed}."),
        (BRACKET, "The report's own times of last online and first offline stand in where there is no check log."),
    )


def applied_rules(
    method: Method,
    addresses: Sequence[AddressStory],
    notices: Sequence[NoticeStory],
    checks: Sequence[CheckStory],
    episodes: Sequence[EpisodeStory],
    of_own_checks: Sequence[tuple[str, str]] = (),
) -> tuple[tuple[str, str], ...]:
    """Ids and sentences of the rules that this record met. `of_own_checks`: those of the table of observation rules."""
    met = _met(addresses, notices, checks, episodes)
    reading = {check.rule for check in checks}
    return (
        *((rule, sentence) for rule, sentence in method.rules if met.get(_stem(rule), _stem(rule) not in OF_RANKINGS)),
        *((rule, said) for rule, said in (*check_rules(method.thresholds), *of_own_checks) if rule in reading),
    )


def _stem(rule: str) -> str:
    stem, _, number = rule.rpartition("-")
    return stem if number.isdigit() else rule


def _met(
    addresses: Sequence[AddressStory],
    notices: Sequence[NoticeStory],
    checks: Sequence[CheckStory],
    episodes: Sequence[EpisodeStory],
) -> dict[str, bool]:
    """For each known rule whether its condition is met."""
    statuses = {episode.status for episode in episodes}
    ends = {episode.end for episode in episodes if episode.status == EpisodeStatus.EPISODE.value}
    compared = {AddresseeMatch.SAME, AddresseeMatch.OTHER, AddresseeMatch.UNRECOGNISED, AddresseeMatch.OTHER_CAPACITY}
    roles = {episode.role for episode in episodes}
    counting = [notice for notice in notices if notice.counts]
    flaps = any(episode.flaps for episode in episodes)
    own = [check for check in checks if check.rule not in OF_RECORDED_CHECKS]
    return {
        "reports": True,
        "clock": bool(counting),
        "addressee": any(episode.addressee_match in compared for episode in episodes),
        "delivery": EpisodeStatus.UNDELIVERED.value in statuses,
        "address": bool(episodes),
        "network": Role.NETWORK.value in roles,
        "as": Role.AS.value in roles or any(Doubt.AS_STANDS_IN.value in episode.doubts for episode in episodes),
        "doubt": any(episode.doubts for episode in episodes),
        "proxy": any(address.proxy for address in addresses),
        "override": any(episode.basis == AttributionBasis.OVERRIDE.value for episode in episodes),
        "customer": Role.CUSTOMER.value in roles,
        "observe": bool(own),
        "reading": bool(own),
        "neighbours": any(check.cause in _SILENCE_CAN_MEAN for check in own),
        "canary": bool(own),
        "schedule": bool(own),
        "confirm": any(check.outcome == Outcome.OFFLINE.word for check in checks),
        "takedown": End.TAKEDOWN.value in ends or any(episode.interrupted for episode in episodes),
        "gone": EpisodeStatus.BEFORE_NOTICE.value in statuses,
        "gap": any(episode.gap_at_notice for episode in episodes),
        "move": End.MOVE.value in ends or flaps,
        "flap": flaps,
        "domain": End.DOMAIN.value in ends,
        "censored": End.CENSORED.value in ends,
        "bounds": EpisodeStatus.EPISODE.value in statuses,
        "orders": any(episode.clock == NoticeKind.ORDER.value for episode in episodes),
    }
