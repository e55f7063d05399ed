"""A Word document as somebody sent it or a clerk left it: its bytes in, the opened document out, or DocumentError.

What would surprise: whatever the libraries below raise is taken for "that is no Word document". A file that was cut
short, or damaged on its way, makes unpacking, XML and the document's own relations fail in dozens of ways.
"""

from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument

from monitor.errors import DocumentError

SAVE_AGAIN = "Save it in Word as .docx and try again"


def opened(docx: bytes) -> WordDocument:
    """Raises DocumentError."""
    try:
        document = Document(BytesIO(docx))
        whole = document.element.body is not None and len(document.sections) > 0
    except Exception:  # noqa: BLE001 (see above)
        whole = False
    if not whole:
        raise DocumentError("That is not a Word document (.docx)", SAVE_AGAIN)
    return document
