"""An Observation made ready for the rules: looked through once, so that each condition is one comparison.

What would surprise: `part` says which rows of the table can match at all. Where several addresses were tried in vain
it is what all of them showed that counts, and one that shows a server (a reset, say) outweighs those that are silent.
"""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from monitor.model.observation import Exchange, Observation, Standing, Surroundings
from monitor.model.words import DnsStatus, ExchangeError, LocationKind, Phase, Purpose
from monitor.observation.baseline import alike, is_media, is_page, same_size, unchanged

if TYPE_CHECKING:  # it brings numpy along, which the crawl process has no use for
    from monitor.model.method import Thresholds

AWAY = frozenset((LocationKind.HOME, LocationKind.LOGIN, LocationKind.OTHER_SITE))
"""Redirects to these suggest that what was asked for is gone."""
OURS = frozenset((ExchangeError.OWN_NETWORK, ExchangeError.PROXY_FAILED))
HOPS = frozenset(
    (
        ExchangeError.ADDRESS_FORBIDDEN,
        ExchangeError.BAD_LOCATION,
        ExchangeError.PORT_FORBIDDEN,
        ExchangeError.REDIRECT_LOOP,
        ExchangeError.TOO_MANY_HOPS,
        ExchangeError.UNRESOLVED,
    )
)
"""Errors of a redirect, also where they are noted on the answer that holds it."""
_QUIET = frozenset((ExchangeError.REFUSED, ExchangeError.TIMEOUT, ExchangeError.UNREACHABLE))


class Part(Enum):
    """Parts of the table, in its order. An Observation belongs to one of them."""

    VOID = auto()
    OURS = auto()  # our own network
    NAME = auto()  # nothing was connected to
    CONNECTED = auto()  # an address took the connection, and none gave an answer
    UNOPENED = auto()  # no address took the connection
    REDIRECT = auto()  # an answer that led to none
    CLOSED = auto()
    ANSWER = auto()  # 2xx, and 304
    STATUS = auto()  # any other status
    OTHER = auto()


class View:
    """What the conditions look at. `end` is what is judged; see `Observation.end`."""

    __slots__ = (
        "answers",
        "around",
        "at",
        "end",
        "ended_at",
        "error",
        "landed",
        "led_to",
        "part",
        "sibling",
        "standing",
        "status",
        "thresholds",
        "tried",
    )

    def __init__(
        self, observation: Observation, standing: Standing, around: Surroundings, thresholds: "Thresholds"
    ) -> None:
        self.at = observation.observed_at
        self.ended_at = observation.ended_at
        self.answers = observation.answers
        self.standing = standing
        self.around = around
        self.thresholds = thresholds
        self.end: Exchange | None = None
        self.sibling: Exchange | None = None
        self.landed: LocationKind | None = None  # what kind of place the last redirect before the end led to
        self.led_to: str | None = None  # digest of that place's URL
        self.tried: list[Exchange] = []
        for each in observation.exchanges:
            if each.purpose is Purpose.SIBLING:
                self.sibling = each
            elif each.purpose is not Purpose.CANARY:
                self._go_on(each)
        self.error: ExchangeError | None = (
            self.end.error if self.end else None
        )  # of the end, or the most telling of several addresses'
        self.status = self.end.status if self.end and self.end.error is None else None
        self.part = Part.VOID if around.void else self._part()

    def _go_on(self, each: Exchange) -> None:
        if each.purpose is Purpose.TARGET:
            self.tried.append(each)
        if self.end is not None and self.end.location is not None:
            self.landed, self.led_to = self.end.location, self.end.leads_to
        self.end = each

    def _part(self) -> Part:
        end, status = self.end, self.status
        if end is None:
            return Part.NAME
        if status is not None:
            return _part_of_status(status, end.challenge)
        if end.error in OURS:
            return Part.OURS
        if end.purpose is Purpose.REDIRECT or (end.error in HOPS and end.status is not None):
            return Part.REDIRECT
        if end.error is None and end.phase is not Phase.NOT_TRIED:
            return Part.OTHER
        return self._part_of_tried()

    def _part_of_tried(self) -> Part:
        """No address gave an answer: what do they show together?"""
        attempts = [each for each in self.tried if was_attempted(each)]
        if not attempts:
            return Part.NAME
        showing = next(filter(shows_server, attempts), None)
        if showing is not None:
            self.error = showing.error
            return Part.CONNECTED
        self.error = attempts[-1].error
        return Part.OURS if any(each.error in OURS for each in attempts) else Part.UNOPENED

    def lasts(self, since: datetime | None, hours: float) -> bool:
        """A row of alike readings that began at `since` has lasted for so long."""
        return since is not None and self.at - since >= timedelta(hours=hours)

    # --- the name -----------------------------------------------------------------------------------------------

    def agreed(self, status: DnsStatus, silent: frozenset[DnsStatus] = frozenset()) -> bool:
        """Two resolvers at least say `status`, and no other one says anything else; `silent` says nothing."""
        said = [each for each in self.answers if each not in silent]
        return len(said) > 1 and said.count(status) == len(said)

    # --- the connection -----------------------------------------------------------------------------------------

    @property
    def all_tried(self) -> bool:
        return all(map(was_attempted, self.tried))

    @property
    def all_refused(self) -> bool:
        return all(each.error is ExchangeError.REFUSED for each in self.tried)

    # --- the answer ---------------------------------------------------------------------------------------------

    @property
    def away(self) -> bool:
        return self.landed in AWAY

    @property
    def media(self) -> bool:
        return self.end is not None and is_media(self.end.fingerprint.content_type)

    @property
    def page(self) -> bool:
        """It is a page; or it states no type (304), and the baseline is one."""
        if self.end is None:
            return False
        baseline = self.standing.baseline
        own = self.end.fingerprint.content_type
        return is_page(own) or (own is None and baseline is not None and is_page(baseline.content_type))

    @property
    def media_before(self) -> bool:
        """There is a baseline, and it is media."""
        return self.standing.baseline is not None and is_media(self.standing.baseline.content_type)

    @property
    def unchanged(self) -> bool:
        baseline = self.standing.baseline
        return baseline is not None and self.end is not None and unchanged(baseline, self.end.fingerprint)

    @property
    def same_size(self) -> bool:
        baseline = self.standing.baseline
        return baseline is not None and self.end is not None and same_size(baseline, self.end.fingerprint)

    @property
    def sibling_answers(self) -> bool:
        """The made-up path was answered with 2xx, and not by a page that asks for a person."""
        made_up = self.sibling
        if made_up is None or made_up.error is not None or made_up.status is None:
            return False
        return 200 <= made_up.status < 300 and not made_up.challenge

    @property
    def sibling_alike(self) -> bool:
        """The made-up path gets the answer that the URL gets."""
        if not self.sibling_answers or self.sibling is None or self.end is None:
            return False
        return alike(self.end.fingerprint, self.sibling.fingerprint)

    @property
    def sibling_led_away(self) -> bool:
        """The made-up path is redirected away to the very URL that the Target's was.

        A place of the same kind is not enough: a site that moved sends each path to a place of its own.
        """
        return (
            self.away and self.sibling is not None and self.led_to is not None and self.sibling.leads_to == self.led_to
        )

    @property
    def sibling_sent_off(self) -> bool:
        """The made-up path is redirected to the same kind of place, wherever in it."""
        return self.away and self.sibling is not None and self.sibling.location is self.landed


def _part_of_status(status: int, challenge: bool) -> Part:
    if challenge or status in (401, 403):
        return Part.CLOSED
    return Part.ANSWER if 200 <= status < 300 or status == 304 else Part.STATUS


def was_attempted(exchange: Exchange) -> bool:
    """Our own rules did not stand in the way."""
    return exchange.phase is not Phase.NOT_TRIED and exchange.error not in HOPS


def shows_server(exchange: Exchange) -> bool:
    """Something at the address took the connection, or spoke."""
    if exchange.phase in (Phase.TLS, Phase.REQUEST, Phase.HEADERS, Phase.DONE):
        return exchange.error not in OURS
    return exchange.phase is Phase.CONNECT and exchange.error not in _QUIET and exchange.error not in OURS
