"""A chart's SVG as a PNG at 2x.

In: SVG without text or links, as `chart_style` writes it. Out: PNG bytes, the same wherever they are made, with their
resolution. What would surprise: the compiler of the PDF draws it, in a tenth of the time that matplotlib takes to draw
its figure a second time; so the PNG, the SVG and the chart in the PDF are one drawing.
"""

import zlib
from functools import cache

import typst

DPI = 192
_SHEET = b"""#set page(width: auto, height: auto, margin: 0pt, fill: white)
#image(bytes(sys.inputs.drawing), format: "svg")"""
_BEFORE = 8 + 25  # bytes of the signature and of IHDR, behind which the resolution may stand
_INCH_IN_METRES = 0.0254


def picture(drawing: bytes) -> bytes:
    """`drawing` is an SVG with a size of its own; one that is none raises typst.TypstError."""
    png: bytes = typst.compile(
        _SHEET, format="png", ppi=DPI, sys_inputs={"drawing": drawing.decode()}, font_paths=_no_fonts()
    )
    return png[:_BEFORE] + _resolution() + png[_BEFORE:]


@cache
def _no_fonts() -> typst.Fonts:
    """Every letter of a chart is an outline."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)


def _resolution() -> bytes:
    """The chunk pHYs: without it a text processor would take the picture for one of twice the size."""
    dots = round(DPI / _INCH_IN_METRES).to_bytes(4, "big")
    body = b"pHYs" + dots + dots + b"\1"  # by metre
    return (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
