"""A typst source with its values, as a tagged PDF (PDF/UA-1): what every document of ours is set with.

In: the source, and its inputs by name. Out: the PDF's bytes, the same for the same input on any machine: the fonts are
those that matplotlib brings, and nothing is read from the disk besides. What would surprise: a character that the fonts
lack would be an error in an accessible PDF, so callers replace those they do not find in `known_characters`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import matplotlib as mpl
import typst
from matplotlib.ft2font import FT2Font

_UPRIGHT = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_SLANTED = ("DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf")


def compiled(source: bytes, inputs: Mapping[str, str], *, archival: bool = False) -> bytes:
    """The PDF; `archival`: PDF/A-2a too, for which the source has to state a date.

    Raises `typst.TypstError` where the source is wrong or the result would not be accessible.
    """
    return typst.compile(
        source,
        format="pdf",
        sys_inputs=dict(inputs),
        pdf_standards=["a-2a", "ua-1"] if archival else ["ua-1"],
        ignore_system_fonts=True,
        font_paths=_fonts(),
    )


@cache
def known_characters(*, slanted: bool = False) -> frozenset[int]:
    """Code points that both weights have, with `slanted` those of italics too."""
    names = _UPRIGHT + _SLANTED if slanted else _UPRIGHT
    charmaps = [frozenset(FT2Font(str(_font_folder() / name)).get_charmap()) for name in names]
    return frozenset.intersection(*charmaps)


def _font_folder() -> Path:
    return Path(mpl.get_data_path(), "fonts", "ttf")


@cache
def _fonts() -> typst.Fonts:
    """Those that matplotlib brings, whatever the machine has."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_font_folder())])
