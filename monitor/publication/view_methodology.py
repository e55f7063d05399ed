"""What the methodology page shows beside the rules and settings: every norm in force, with who set it.

In: what is shown. Out: the norms beside the one that the report is about. What would surprise: they are read from the
settings of the frozen method, for a norm under which nothing counted has no Ranking and is in force all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind
from monitor.publication.formats import Formats
from monitor.publication.shown import Shown
from monitor.publication.view_norms import title, within


@dataclass(frozen=True, slots=True)
class NormInForce:
    norm: Norm
    title: str
    within: str


def methodology_view(shown: Shown, formats: Formats) -> dict[str, object]:
    primary = shown.network.ranking.norm
    others = (norm for norm in norms_in_force(shown) if norm.name != primary.name)
    return {"other_norms": tuple(NormInForce(norm, title(norm, formats), within(norm, formats)) for norm in others)}


def norms_in_force(shown: Shown) -> Iterator[Norm]:
    """The norms among the settings, in their order; one that misses its hours or its target is left to the settings."""
    fields: dict[str, dict[str, str]] = {}
    for setting, value in shown.method.settings:
        section, _, rest = setting.partition(".")
        name, _, field = rest.rpartition(".")
        if section == "norms" and name:
            fields.setdefault(name, {})[field] = value
    for name, said in fields.items():
        clock = said.get("clock", name)
        if clock in {kind.value for kind in NoticeKind} and {"hours", "target"} <= said.keys():
            stated = (said.get("basis", ""), said.get("valid_from", ""), said.get("set_by", ""))
            yield Norm(NoticeKind(clock), float(said["hours"]), float(said["target"]), *stated, name)
