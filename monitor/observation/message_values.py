"""Checks and Observations as the values of a message, and back: plain lists, each field at its place.

What would surprise: nothing is checked on the way in, because both ends are of one version and start together.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from monitor.model.observation import CanaryReading, Check, Exchange, Fingerprint, Observation
from monitor.model.report import Address, Host
from monitor.model.words import (
    DnsStatus,
    ExchangeError,
    GetReason,
    HostKind,
    LocationKind,
    Method,
    Phase,
    Purpose,
    TlsState,
)
from monitor.observation.messages import CanaryAsk

_Word = TypeVar("_Word", bound=StrEnum)


def check_out(check: Check) -> list[Any]:
    baseline = None if check.baseline is None else _fingerprint_out(check.baseline)
    return [
        check.check_id,
        check.target_id,
        check.url,
        *_host_out(check.host),
        [each.hex() for each in check.addresses],
        check.answers,
        check.vantage,
        baseline,
        [each.hex() for each in check.left_out],
        check.families,
    ]


def check_in(values: Sequence[Any]) -> Check:
    check_id, target_id, url, name, kind, site, literal, addresses, answers, vantage, baseline, left, families = values
    return Check(
        check_id,
        target_id,
        url,
        _host_in(name, kind, site, literal),
        tuple(_address_in(each) for each in addresses),
        tuple(_DNS[each] for each in answers),
        vantage,
        None if baseline is None else Fingerprint(*baseline),
        tuple(_address_in(each) for each in left),
        tuple(families),
    )


def ask_out(ask: CanaryAsk) -> list[Any]:
    addresses = [each.hex() for each in ask.addresses]
    return [ask.url, *_host_out(ask.host), ask.family, ask.vantage, addresses]


def ask_in(values: Sequence[Any]) -> CanaryAsk:
    url, name, kind, site, literal, family, vantage, addresses = values
    host = _host_in(name, kind, site, literal)
    return CanaryAsk(url, host, family, vantage, tuple(_address_in(each) for each in addresses))


def observation_out(seen: Observation) -> list[Any]:
    return [
        seen.check_id,
        seen.target_id,
        seen.observed_at.isoformat(),
        seen.vantage,
        seen.answers,
        [_exchange_out(each) for each in seen.exchanges],
        round(seen.seconds, 6),
    ]


def observation_in(values: Sequence[Any]) -> Observation:
    check_id, target_id, observed_at, vantage, answers, exchanges, seconds = values
    return Observation(
        check_id,
        target_id,
        datetime.fromisoformat(observed_at),
        vantage,
        tuple(_DNS[each] for each in answers),
        tuple(_exchange_in(*each) for each in exchanges),
        seconds,
    )


def reading_out(reading: CanaryReading) -> list[Any]:
    exchange = None if reading.exchange is None else _exchange_out(reading.exchange)
    asked_at = reading.asked_at.isoformat()
    return [asked_at, reading.vantage, reading.family, reading.after, reading.healthy, exchange]


def reading_in(values: Sequence[Any]) -> CanaryReading:
    asked_at, vantage, family, after, healthy, exchange = values
    seen = None if exchange is None else _exchange_in(*exchange)
    return CanaryReading(datetime.fromisoformat(asked_at), vantage, family, after, healthy, seen)


def _host_out(host: Host) -> tuple[str, str, str, str | None]:
    return host.name, host.kind, host.site, None if host.address is None else host.address.hex()


def _host_in(name: str, kind: str, site: str, literal: str | None) -> Host:
    return Host(name, _HOST_KINDS[kind], site, None if literal is None else _address_in(literal))


def _address_in(text: str) -> Address:
    return Address(bytes.fromhex(text))


def _fingerprint_out(seen: Fingerprint) -> tuple[Any, ...]:
    return seen.content_type, seen.length, seen.etag, seen.etag_weak, seen.last_modified, seen.server


def _exchange_out(seen: Exchange) -> list[Any]:
    return [
        seen.purpose,
        seen.method,
        seen.phase,
        None if seen.address is None else seen.address.hex(),
        seen.error,
        seen.get_reason,
        seen.tls,
        seen.status,
        None if seen.fingerprint == _NOTHING else _fingerprint_out(seen.fingerprint),
        seen.location,
        seen.leads_to,
        seen.challenge,
        seen.retry_after_seconds,
        seen.connect_ms,
        seen.tls_ms,
        seen.headers_ms,
        seen.n_bytes_in,
    ]


def _exchange_in(
    purpose: str,
    method: str,
    phase: str,
    address: str | None,
    error: str | None,
    get_reason: str | None,
    tls: str,
    status: int | None,
    fingerprint: Sequence[Any] | None,
    location: str | None,
    leads_to: str | None,
    *rest: Any,  # noqa: ANN401 - plain numbers, as they are in Exchange
) -> Exchange:
    return Exchange(
        _PURPOSES[purpose],
        _METHODS[method],
        _PHASES[phase],
        None if address is None else _address_in(address),
        _or_none(_ERRORS, error),
        _or_none(_GET_REASONS, get_reason),
        _TLS[tls],
        status,
        _NOTHING if fingerprint is None else Fingerprint(*fingerprint),
        _or_none(_LOCATIONS, location),
        leads_to,
        *cast(tuple[bool, None, None, None, None, int], rest),
    )


def _or_none(words: Mapping[str, _Word], text: str | None) -> _Word | None:
    return None if text is None else words[text]


def _by_text(words: Callable[..., Any]) -> dict[str, Any]:
    """A look-up takes a tenth of what calling the enum does."""
    return {each.value: each for each in cast(type[StrEnum], words)}


_NOTHING = Fingerprint()
_HOST_KINDS: dict[str, HostKind] = _by_text(HostKind)
_DNS: dict[str, DnsStatus] = _by_text(DnsStatus)
_PURPOSES: dict[str, Purpose] = _by_text(Purpose)
_METHODS: dict[str, Method] = _by_text(Method)
_PHASES: dict[str, Phase] = _by_text(Phase)
_ERRORS: dict[str, ExchangeError] = _by_text(ExchangeError)
_GET_REASONS: dict[str, GetReason] = _by_text(GetReason)
_TLS: dict[str, TlsState] = _by_text(TlsState)
_LOCATIONS: dict[str, LocationKind] = _by_text(LocationKind)
