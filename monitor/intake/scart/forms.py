"""The eleven forms in which SCART hands its reports over, and which of them a header is.

In: the (folded) names of a header. Out: the `Form`, its `FormSpec`. `docs/scart.md` shows these tables, and a test
holds it against them. What would surprise: no form is known by its name or suffix, and a column that is not in a
table is no error: the reports CSV ends with the labels of questions, which are free text.
"""

from collections.abc import Mapping, Sequence

from monitor.intake.scart.dumps import DUMPS
from monitor.intake.scart.exports import EXPORTS
from monitor.intake.scart.fields import Form, FormSpec

FORMS: Mapping[Form, FormSpec] = {**EXPORTS, **DUMPS}

_ORDER = (
    Form.NTD, Form.NTD_CLOSED, Form.TABLE_HISTORY, Form.TABLE_NTD_URL, Form.TABLE_NTD, Form.TABLE_INPUT,
    Form.TABLE_CONTACT, Form.ALL, Form.WHOIS, Form.CLASSIFIED, Form.REPORTS,
)  # fmt: skip
"""Most particular first."""


def form_of(names: Sequence[str]) -> Form | None:
    """The form whose header this is, or None: then it is not SCART's."""
    there = set(names)
    for form in _ORDER:
        spec = FORMS[form]
        if spec.known_by <= there and not spec.not_with & there and len(there & known_names(form)) > 1:
            return form
    return None


def known_names(form: Form) -> frozenset[str]:
    spec = FORMS[form]
    return frozenset(spec.takes) | frozenset(spec.leaves)
