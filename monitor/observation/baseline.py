"""Is it still the same thing that answers? Two fingerprints in, yes or no out; nothing else is ever compared.

What would surprise: a strong ETag that changed is no change where length and last-modified are both equal, because
servers behind one name make ETags of their own; and a type is compared by its class (media, page, other), because
`image/jpg` and `image/jpeg` are one picture.
"""

from monitor.model.observation import Fingerprint

_MEDIA = ("image/", "video/", "audio/")
_FILES = frozenset(
    f"application/{name}"
    for name in (
        "mp4",
        "octet-stream",
        "ogg",
        "pdf",
        "vnd.rar",
        "x-7z-compressed",
        "x-matroska",
        "x-rar-compressed",
        "x-zip-compressed",
        "zip",
    )
)
"""Files handed out as such: file hosts serve films and archives so, and no error page comes under these types."""
_PAGES = frozenset(("text/html", "application/xhtml+xml"))


def is_media(content_type: str | None) -> bool:
    """Pictures, films, sound, and files handed out as such."""
    return content_type is not None and (content_type.startswith(_MEDIA) or content_type in _FILES)


def is_page(content_type: str | None) -> bool:
    """A page that a browser would show, whatever it says."""
    return content_type in _PAGES


def has_strong_validator(seen: Fingerprint) -> bool:
    """Whether a later answer can be held against this one for certain."""
    strong_etag = seen.etag is not None and not seen.etag_weak
    return strong_etag or (seen.length is not None and seen.last_modified is not None)


def unchanged(baseline: Fingerprint, seen: Fingerprint) -> bool:
    """Whether a strong validator says that both are the same bytes. False where there is none: not known.

    An answer without a type (304) agrees with every type.
    """
    same_etag = baseline.etag is not None and baseline.etag == seen.etag
    if same_etag and not baseline.etag_weak and not seen.etag_weak:
        return _same_class(baseline.content_type, seen.content_type)
    if baseline.length is None or baseline.last_modified is None:
        return False
    same_dated = baseline.length == seen.length and baseline.last_modified == seen.last_modified
    return same_dated and _same_class(baseline.content_type, seen.content_type)


def same_size(baseline: Fingerprint, seen: Fingerprint) -> bool:
    """Type and length are equal (or a length is stated by neither), and nothing that both state differs."""
    return (
        baseline.content_type == seen.content_type
        and baseline.length == seen.length
        and not _differ(baseline.etag, seen.etag)
        and not _differ(baseline.last_modified, seen.last_modified)
    )


def alike(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two paths of one server, asked one after the other, give the same answer.

    `last_modified` is left out: a server that makes its answers up often states the current time there.
    """
    return one.content_type == other.content_type and one.length == other.length and not _differ(one.etag, other.etag)


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _same_class(one: str | None, other: str | None) -> bool:
    if one is None or other is None or one == other:
        return True
    return is_media(one) == is_media(other) and is_page(one) == is_page(other)
