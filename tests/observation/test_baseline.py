"""Comparing two fingerprints: what is the same, what is not, and what cannot be said."""

import pytest

from monitor.model.observation import Fingerprint
from monitor.observation.baseline import alike, has_strong_validator, is_media, is_page, same_size, unchanged

ETAG, OTHER_ETAG, DATE, OTHER_DATE = "e" * 16, "f" * 16, "d" * 16, "0" * 16
PICTURE = Fingerprint("image/jpeg", 1000, ETAG, False, DATE)


@pytest.mark.parametrize(
    "seen",
    [
        PICTURE,
        Fingerprint("image/jpeg", None, ETAG),
        Fingerprint(None, None, ETAG),
        Fingerprint("image/jpg", 1000, OTHER_ETAG, False, DATE),
        Fingerprint("image/jpeg", 1000, ETAG, True, DATE),
        Fingerprint("application/octet-stream", 1000, None, False, DATE),
    ],
)
def test_an_equal_strong_etag_or_length_and_date_together_are_unchanged(seen):
    """One of the two is enough, whatever else differs or is missing."""
    assert unchanged(PICTURE, seen)


@pytest.mark.parametrize(
    "seen",
    [
        Fingerprint(),
        Fingerprint("image/jpeg", 1000),
        Fingerprint("image/jpeg", None, None, False, DATE),
        Fingerprint("image/jpeg", 1000, OTHER_ETAG),
        Fingerprint("image/jpeg", 1000, OTHER_ETAG, False, OTHER_DATE),
        Fingerprint("image/jpeg", 1001, OTHER_ETAG, False, DATE),
        Fingerprint("image/jpeg", None, ETAG, True),
        Fingerprint("text/html", 1000, ETAG, False, DATE),
    ],
)
def test_anything_less_is_not_unchanged(seen):
    """A weak ETag, a length alone, a date alone or media turned into a page prove nothing."""
    assert not unchanged(PICTURE, seen)


def test_nothing_is_unchanged_beside_nothing():
    """Two answers without any validator are not known to be the same."""
    assert not unchanged(Fingerprint(), Fingerprint())
    assert not unchanged(Fingerprint("image/png", 5), Fingerprint("image/png", 5))


def test_two_weak_etags_are_no_strong_validator():
    """A weak ETag is equal for answers that are not the same bytes."""
    weak = Fingerprint("text/html", 10, ETAG, True)
    assert not unchanged(weak, weak)
    assert not has_strong_validator(weak)
    assert has_strong_validator(PICTURE)
    assert has_strong_validator(Fingerprint("text/html", 10, None, False, DATE))


def test_same_size_wants_no_contradiction():
    """Type and length as before, and no ETag or date that both state and that differs."""
    bare = Fingerprint("image/jpeg", 1000)
    assert same_size(PICTURE, bare)
    assert same_size(Fingerprint("image/gif"), Fingerprint("image/gif"))
    assert not same_size(PICTURE, Fingerprint("image/jpeg"))
    assert not same_size(PICTURE, Fingerprint("image/png", 1000))
    assert not same_size(PICTURE, Fingerprint("image/jpeg", 1000, OTHER_ETAG))
    assert not same_size(PICTURE, Fingerprint("image/jpeg", 1000, None, False, OTHER_DATE))


def test_answers_made_up_at_different_instants_are_alike():
    """Last-modified and the server's name do not tell two paths apart; type, length and ETag do."""
    assert alike(PICTURE, Fingerprint("image/jpeg", 1000, ETAG, False, OTHER_DATE, "5" * 16))
    assert not alike(PICTURE, Fingerprint("image/jpeg", 1000, OTHER_ETAG))
    assert not alike(PICTURE, Fingerprint("image/jpeg", 999, ETAG))


def test_files_that_are_handed_out_as_such_are_media_and_data_is_not():
    """Error pages and error data come under types that are no media."""
    for content_type in ("image/svg+xml", "video/mp4", "audio/ogg", "application/octet-stream", "application/zip"):
        assert is_media(content_type)
        assert not is_page(content_type)
    for content_type in ("text/html", "application/xhtml+xml"):
        assert is_page(content_type)
        assert not is_media(content_type)
    for content_type in (None, "", "text/plain", "application/json", "application/xml"):
        assert not is_media(content_type)
        assert not is_page(content_type)
