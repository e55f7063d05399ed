"""What the checks say of an order: rules as rows, the first that holds decides. Sees values alone.

In: an `OrderCase`: the term of the order, and what became of its Target after it was served, as the figures read it
too. Out: the result with the rule's id and its reason in words. What would surprise: for an order inaccessibility by
any means complies, so a name that stopped resolving does; and 401 or 403 is never more than a claim.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.model.order import OrderResult, OrderState, OrderTerm
from monitor.model.words import End

ORDER_RULES_VERSION = "orders-1"
"""Changes with every change of a rule below."""


@dataclass(frozen=True, slots=True)
class OrderCase:
    """What is known of one order at `moment`. All times are aware UTC.

    The end lies in (last_online_at, end_at]; `end_at` None: no confirmed end was seen. `last_online_at` None: never
    seen online from the service on. `end` MOVE: seen online at another provider from `end_at` on.
    """

    moment: datetime
    served_at: datetime
    told: bool  # sent or delivered, or not known to have failed
    term: OrderTerm
    end: End = End.CENSORED
    last_online_at: datetime | None = None
    end_at: datetime | None = None
    gone_before: bool = False  # confirmed offline when the order was served
    closed: bool = False  # 401 or 403 is the last that was heard
    offline_unconfirmed: bool = False  # the last conclusive reading is OFFLINE, and not confirmed

    @property
    def gone(self) -> bool:
        """Whether it was made inaccessible, by whatever means."""
        return self.end_at is not None and self.end in (End.TAKEDOWN, End.DOMAIN)

    @property
    def online_after(self) -> bool:
        """Whether it was seen online when every reading of the deadline was over."""
        return self.last_online_at is not None and self.last_online_at >= self.term.latest_at

    @property
    def in_time(self) -> bool:
        """Whether it was inaccessible by the deadline under every reading of that."""
        return self.end_at is not None and self.term.earliest_at is not None and self.end_at <= self.term.earliest_at


@dataclass(frozen=True, slots=True)
class OrderRule:
    """One row. `reason`: a sentence that holds of every case that the rule decides."""

    id: str
    holds: Callable[[OrderCase], bool]
    result: OrderResult
    reason: str
    reden: str  # the reason in Dutch


@dataclass(frozen=True, slots=True)
class OrderVerdict:
    """A result with the rule that gave it."""

    result: OrderResult
    rule: str
    reason: str
    reden: str
    version: str = ORDER_RULES_VERSION


RULES: tuple[OrderRule, ...] = (
    OrderRule(
        "withdrawn-1",
        lambda case: case.term.state is OrderState.WITHDRAWN,
        OrderResult.WITHDRAWN,
        "The order was withdrawn: it has no result and enters no figure.",
        "Het bevel is ingetrokken: het heeft geen uitkomst en telt nergens mee.",
    ),
    OrderRule(
        "suspended-1",
        lambda case: case.term.state is OrderState.SUSPENDED,
        OrderResult.SUSPENDED,
        "The order is suspended: as long as it is, it has no result and enters no figure.",
        "Het bevel is geschorst: zolang dat duurt heeft het geen uitkomst en telt het nergens mee.",
    ),
    OrderRule(
        "not-told-1",
        lambda case: not case.told,
        OrderResult.NOT_ESTABLISHED,
        "The order is not known to have reached its addressee.",
        "Niet bekend is dat het bevel de geadresseerde heeft bereikt.",
    ),
    OrderRule(
        "gone-before-1",
        lambda case: case.gone_before,
        OrderResult.NOT_ESTABLISHED,
        "The material was inaccessible already when the order was served.",
        "Het materiaal was al ontoegankelijk toen het bevel werd uitgereikt.",
    ),
    OrderRule(
        "gap-1",
        lambda case: case.gone and case.last_online_at is None and case.in_time,
        OrderResult.NOT_ESTABLISHED,
        "The material was inaccessible by the deadline, but no check saw it online after the order was served, so it "
        "may have gone before.",
        "Het materiaal was voor afloop van de termijn ontoegankelijk, maar geen controle zag het na uitreiking nog "
        "online, zodat het ook daarvoor kan zijn verdwenen.",
    ),
    OrderRule(
        "complied-1",
        lambda case: case.gone and case.in_time,
        OrderResult.COMPLIED,
        "The material was seen inaccessible before the deadline was over, by repeated checks of our own or by a check "
        "of a source that is trusted.",
        "Het materiaal is voor afloop van de termijn ontoegankelijk gezien, bij herhaalde eigen controles of bij een "
        "controle van een vertrouwde bron.",
    ),
    OrderRule(
        "late-1",
        lambda case: case.gone and case.online_after,
        OrderResult.LATE,
        "The material was seen online after the deadline, and inaccessible later.",
        "Het materiaal is na afloop van de termijn nog online gezien, en later ontoegankelijk.",
    ),
    OrderRule(
        "deadline-between-1",
        lambda case: case.gone,
        OrderResult.NOT_ESTABLISHED,
        "The material became inaccessible, but whether before or after the deadline is not certain.",
        "Het materiaal is ontoegankelijk geworden, maar of dat voor of na afloop van de termijn was staat niet vast.",
    ),
    OrderRule(
        "running-1",
        lambda case: case.moment < case.term.latest_at,
        OrderResult.RUNNING,
        "The deadline is not over.",
        "De termijn is nog niet verstreken.",
    ),
    OrderRule(
        "moved-late-1",
        lambda case: case.end is End.MOVE and case.online_after,
        OrderResult.LATE,
        "The material was seen online at the same provider after the deadline; later it was online at another one.",
        "Het materiaal is na afloop van de termijn nog bij dezelfde aanbieder online gezien; later bij een andere.",
    ),
    OrderRule(
        "moved-1",
        lambda case: case.end is End.MOVE,
        OrderResult.NOT_ESTABLISHED,
        "The material is online at another provider than when the order was served.",
        "Het materiaal is online bij een andere aanbieder dan toen het bevel werd uitgereikt.",
    ),
    OrderRule(
        "claimed-after-1",
        lambda case: case.closed and case.online_after,
        OrderResult.CLAIMED,
        "The material was seen online after the deadline. Since then the server answers us with 401 or 403: it may be "
        "closed to everybody or to us alone. A person has to look.",
        "Het materiaal is na afloop van de termijn nog online gezien. Sindsdien antwoordt de server ons met 401 of "
        "403: het kan voor iedereen of alleen voor ons zijn afgesloten. Iemand moet dit nagaan.",
    ),
    OrderRule(
        "claimed-1",
        lambda case: case.closed,
        OrderResult.CLAIMED,
        "The server answers us with 401 or 403: it may be closed to everybody or to us alone. A person has to look.",
        "De server antwoordt ons met 401 of 403: het kan voor iedereen of alleen voor ons zijn afgesloten. Iemand moet "
        "dit nagaan.",
    ),
    OrderRule(
        "unconfirmed-after-1",
        lambda case: case.offline_unconfirmed and case.online_after,
        OrderResult.NOT_ESTABLISHED,
        "The material was seen online after the deadline. The last check found it inaccessible, but too few checks "
        "confirm that.",
        "Het materiaal is na afloop van de termijn nog online gezien. De laatste controle vond het ontoegankelijk, "
        "maar te weinig controles bevestigen dat.",
    ),
    OrderRule(
        "unconfirmed-1",
        lambda case: case.offline_unconfirmed,
        OrderResult.NOT_ESTABLISHED,
        "The last check found the material inaccessible, but too few checks confirm that.",
        "De laatste controle vond het materiaal ontoegankelijk, maar te weinig controles bevestigen dat.",
    ),
    OrderRule(
        "still-online-1",
        lambda case: case.online_after,
        OrderResult.STILL_ONLINE,
        "The material was seen online after the deadline, and no end was seen.",
        "Het materiaal is na afloop van de termijn online gezien, en een einde is niet gezien.",
    ),
    OrderRule(
        "not-seen-1",
        lambda _case: True,
        OrderResult.NOT_ESTABLISHED,
        "No check after the deadline says whether the material was still there.",
        "Geen controle na afloop van de termijn zegt of het materiaal er nog was.",
    ),
)


def judge(case: OrderCase) -> OrderVerdict:
    """The result by the first rule that holds; the last one always does."""
    rule = next(rule for rule in RULES if rule.holds(case))
    return OrderVerdict(rule.result, rule.id, rule.reason, rule.reden)
