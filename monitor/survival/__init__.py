"""Outcomes -> OnlineInterval, Episode, Takedown, and what is estimated of them. Sees no network, store or Scrapy.

Two doors: `episodes` and `measure` for the line; and a small API on arrays for notebooks, which needs no store:
`cumulative_incidence`, `kaplan_meier`, `turnbull`, `wilson`, `clopper_pearson_lower`, `clopper_pearson_upper`,
`design_effects` (docs/statistics.md). The estimators load with the first use: they bring a compiler, which no light
command should wait for.
"""

from typing import TYPE_CHECKING

from monitor.lazy import loads
from monitor.model.method import Thresholds
from monitor.survival.derive import episodes, usable_readings
from monitor.survival.order_course import OrderHistory, case_of, no_history, order_histories
from monitor.survival.order_rules import ORDER_RULES_VERSION, OrderCase, OrderVerdict
from monitor.survival.order_rules import judge as judge_order
from monitor.survival.table import RULE_VERSION

if TYPE_CHECKING:
    from monitor.survival.design_effect import DesignEffects, design_effects
    from monitor.survival.incidence import Incidence, cumulative_incidence, kaplan_meier, turnbull
    from monitor.survival.limits import clopper_pearson_lower, clopper_pearson_upper, wilson
    from monitor.survival.measuring import measure

_WHERE = {
    "DesignEffects": "design_effect",
    "design_effects": "design_effect",
    "Incidence": "incidence",
    "cumulative_incidence": "incidence",
    "kaplan_meier": "incidence",
    "turnbull": "incidence",
    "clopper_pearson_lower": "limits",
    "clopper_pearson_upper": "limits",
    "wilson": "limits",
    "measure": "measuring",
}


__getattr__ = loads(__name__, _WHERE)


__all__ = [
    "ORDER_RULES_VERSION",
    "RULE_VERSION",
    "DesignEffects",
    "Incidence",
    "OrderCase",
    "OrderHistory",
    "OrderVerdict",
    "Thresholds",
    "case_of",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "cumulative_incidence",
    "design_effects",
    "episodes",
    "judge_order",
    "kaplan_meier",
    "measure",
    "no_history",
    "order_histories",
    "turnbull",
    "usable_readings",
    "wilson",
]
