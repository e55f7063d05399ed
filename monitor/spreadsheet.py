"""Text for a cell of a table that people open in a spreadsheet.

What would surprise: a spreadsheet reckons with any cell that begins like a formula, be it a name or a reference that
somebody chose for that; an apostrophe before it makes it text, and shows as one in everything that is no spreadsheet.
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a spreadsheet begins to reckon."""


def as_text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
