"""A correction replaces a release, says what changed, leaves a notice, lists those to tell, touches nothing else."""

import csv
import json
import shutil
from dataclasses import replace
from hashlib import sha256

import pytest

from monitor.errors import ReleaseError
from monitor.model.provider import person_label
from monitor.model.release import Amendment, Correction, KnownNames
from monitor.model.words import ReleaseKind
from monitor.publication import correction, publish, verified, verify
from monitor.publication.changes import changes, with_matches
from monitor.publication.corrections import list_of_those_to_tell
from monitor.publication.disclosure import check
from monitor.publication.shown import shown
from monitor.publication.site import pages

ASKED = Amendment(1, "A table was wrong & old.", "Een tabel was fout & oud.")


def corrected_cards(helpers) -> list:
    """Polder Rack has other figures and now meets the norm, Klein Duin is too small to show, a new one came."""
    cards = helpers["cards"]()
    cards[5] = replace(cards[5], n_episodes=14, within_norm=0.871, class_="meets", undelivered_bounced=1)
    cards[6] = replace(cards[6], within_norm=cards[6].within_norm + 1e-6)  # reads the same
    cards[8] = replace(cards[8], n_episodes=2)
    new = helpers["scorecard"]("Nieuwe Sluis", 64509, 25, 6, 0.2, 0.9, 0.1, 0.96, "not-proven", rank=9)
    return [*cards[:8], new, *cards[8:]]


@pytest.fixture(scope="module")
def corrected(make, helpers):
    """The hand-made release with those corrections, not yet said to be one."""
    return make(ranking=replace(helpers["ranking"](corrected_cards(helpers)), freeze="cd" * 32))


def said(replaced, **more) -> Correction:
    """A correction of `replaced`, as if that had been published as v1."""
    seen = shown(replaced)
    rows = tuple(card.as_fields() for card in seen.network.rows)
    values = {"freeze": replaced.ranking.freeze, "named": replaced.named, "rows": rows} | more
    return Correction(1, "ee" * 32, ASKED.reason_en, ASKED.reason_nl, **values)


@pytest.fixture(scope="module")
def replaced(corrected, published, tmp_path_factory):
    """A folder with v1 and the correction of it; no test changes it."""
    out = tmp_path_factory.mktemp("corrected")
    shutil.copytree(published.path, out / published.path.name)
    release = replace(
        corrected, correction=correction(out, "2026H1", ReleaseKind.INTERIM, ASKED), inform=("Tweede Kamer",)
    )
    return publish(release, out, out.with_name("private")), release, out


def test_manifest_says_what_is_replaced(replaced, published):
    """The number and the digest of the manifest of the replaced release are in the manifest of the new one."""
    manifest = json.loads((replaced[0].path / "manifest.json").read_bytes())
    assert manifest["supersedes"] == {"version": 1, "manifest": published.digest}
    assert replaced[0].path.name == "2026H1-interim-v2"
    assert verify(replaced[0].path) == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [("erratum.html", ("A table was wrong &amp; old.", "Klein Duin", "Nieuwe Sluis", "87.1%")),
     ("nl/erratum.html", ("Een tabel was fout &amp; oud.", "Klein Duin", "Nieuwe Sluis", "87,1%"))],
)  # fmt: skip
def test_erratum_page_gives_the_reason_and_what_changed(replaced, published, name, words):
    """Reason, old and new figures, who is gone and who is new, and both datasets are on the page in both languages."""
    page = (replaced[0].path / name).read_text()
    for word in (*words, "ab" * 32, "cd" * 32, published.digest):
        assert word in page
    assert "Lindenlaan Servers" not in page


def test_only_a_correction_has_an_erratum_page(published):
    """A first release has neither the page nor a link to it."""
    assert not (published.path / "erratum.html").exists()
    assert "erratum" not in (published.path / "index.html").read_text()


def test_the_replaced_release_is_whole_and_said_to_be_replaced(replaced, published):
    """v1 keeps every byte and verifies; the notices beside it lead to v2 by a relative path, in both languages."""
    _, _, out = replaced
    found = verified(out / "2026H1-interim-v1")
    assert found.differences == ()
    assert found.superseded.by == "2026H1-interim-v2"
    notice = json.loads((out / "2026H1-interim-v1.superseded.json").read_bytes())
    assert notice == {"version": 1, "manifest": published.digest, "superseded_by": "2026H1-interim-v2",
                      "reason": {"en": ASKED.reason_en, "nl": ASKED.reason_nl}}  # fmt: skip
    page = (out / "2026H1-interim-v1.superseded.html").read_text()
    for link in ("2026H1-interim-v2/erratum.html", "2026H1-interim-v2/nl/erratum.html"):
        assert f'href="{link}"' in page
        assert (out / link).is_file()


def test_a_notice_about_another_release_is_not_believed(replaced, tmp_path):
    """A notice whose digest is not that of the folder beside it says nothing about it."""
    shutil.copytree(replaced[2] / "2026H1-interim-v1", tmp_path / "v1")
    text = (replaced[2] / "2026H1-interim-v1.superseded.json").read_text()
    (tmp_path / "v1.superseded.json").write_text(text)
    assert verified(tmp_path / "v1").superseded is not None
    (tmp_path / "v1.superseded.json").write_text(text.replace('"manifest": "', '"manifest": "0'))
    assert verified(tmp_path / "v1").superseded is None


def test_those_to_tell_are_on_a_list_in_a_folder_of_its_own(replaced):
    """Who has other figures, who came and who went, and whom the configuration names; nobody else, and only for us."""
    release, _, out = replaced
    assert release.inform.stat().st_mode & 0o777 == 0o600
    assert release.inform.parent.stat().st_mode & 0o777 == 0o700
    assert not release.inform.is_relative_to(out)
    assert sorted(path.suffix for path in out.iterdir() if path.is_file()) == [".html", ".json"]
    rows = list(csv.reader(release.inform.read_text().splitlines()))
    assert rows == [
        ["who", "why", "old_class", "new_class"],
        ["Polder Rack (as64501)", "judgement and figures differ", "not-proven", "meets"],
        ["Nieuwe Sluis (as64509)", "shown now, was not before", "", "not-proven"],
        ["Klein Duin (as64504)", "no longer shown", "too-few", ""],
        ["Tweede Kamer", "configured: [publication] inform", "", ""],
    ]


@pytest.fixture(scope="module")
def corrected_small(small, small_release, tmp_path_factory):
    """What `world` is a copy of; no test changes it."""
    out = tmp_path_factory.mktemp("world")
    shutil.copytree(small_release.path, out / small_release.path.name)
    right = replace(small, contact="Somebody else")
    release = replace(right, correction=correction(out, "2026H1", ReleaseKind.INTERIM, ASKED))
    return out, right, release, publish(release, out, out / "private")


@pytest.fixture
def world(corrected_small, tmp_path):
    """A folder with v1 and its correction, and what was published as that."""
    made, right, release, whole = corrected_small
    out = shutil.copytree(made, tmp_path / "world")
    path, inform = (out / each.relative_to(made) for each in (whole.path, whole.inform))
    return out, right, release, replace(whole, path=path, inform=inform)


def test_the_same_again_changes_nothing_with_and_without_a_word_of_the_correction(world, small):
    """The same folder for the same reason, for the content alone and, with what replaced it, for the wrong content."""
    out, right, release, first = world
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert publish(release, out, out / "private") == first
    assert publish(right, out).path == first.path
    old = publish(small, out)
    assert (old.path.name, old.superseded_by) == ("2026H1-interim-v1", "2026H1-interim-v2")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_what_a_killed_run_left_out_is_written_by_the_next(world):
    """Notices and list are made good where a run ended right after the folder of the correction."""
    out, _, release, whole = world
    files = (*out.glob("*.superseded.*"), *(out / "private").iterdir())
    beside = {path: path.read_bytes() for path in files}
    assert len(beside) == 3
    for path in beside:
        path.unlink()
    (out / ".release-half").write_text("half a notice")
    assert publish(release, out, out / "private") == whole
    assert {path: path.read_bytes() for path in beside} == beside
    assert not (out / ".release-half").exists()


def test_corrections_follow_one_another(world):
    """v3 replaces v2, v2 goes on to replace v1, and only the newest can be corrected."""
    out, right, release, _ = world
    asked = correction(out, "2026H1", ReleaseKind.INTERIM, replace(ASKED, supersedes=2))
    publish(replace(right, contact="Desk 3", correction=asked), out)
    assert verified(out / "2026H1-interim-v1").superseded.by == "2026H1-interim-v2"
    assert verified(out / "2026H1-interim-v2").superseded.by == "2026H1-interim-v3"
    with pytest.raises(ReleaseError, match="not the newest: v3 is out"):
        publish(replace(release, contact="Desk 9"), out)


def test_nothing_to_correct_is_refused(small, first, tmp_path):
    """The same content under a reason is no correction, and nothing is written."""
    asked = correction(tmp_path, "2026H1", ReleaseKind.INTERIM, ASKED)
    with pytest.raises(ReleaseError, match="Nothing differs from release v1"):
        publish(replace(small, correction=asked), tmp_path)
    assert list(tmp_path.iterdir()) == [first.path]


def test_a_release_that_is_not_there_is_of_another_kind_or_was_changed_is_not_corrected(first, tmp_path):
    """Each refusal says what is the matter and what to do."""
    for kind, version, words in (
        (ReleaseKind.INTERIM, 7, "no interim release v7"),
        (ReleaseKind.FINAL, 1, "That one is interim"),
    ):
        with pytest.raises(ReleaseError, match=words):
            correction(tmp_path, "2026H1", kind, replace(ASKED, supersedes=version))
    (first.path / "index.html").write_text("changed")
    with pytest.raises(ReleaseError, match="was changed after it was published"):
        correction(tmp_path, "2026H1", ReleaseKind.INTERIM, ASKED)


def test_a_number_that_a_notice_bears_is_not_given_again(small, first, tmp_path):
    """A release that was moved away keeps its number while a notice of it is there."""
    first.path.rename(tmp_path / "away")
    (tmp_path / "2026H1-interim-v1.superseded.html").write_text("withdrawn")
    assert publish(small, tmp_path).path.name == "2026H1-interim-v2"


def test_letters_are_matched_by_who_is_behind_them(corrected, unnamed):
    """Without names a change is found although the letters moved, and the list of those to tell has the names."""
    release = replace(corrected, named=False, correction=said(unnamed, before=unnamed.ranking))
    seen = shown(with_matches(release))
    found = changes(seen, seen.correction)
    assert [(each.provider, each.then.provider, each.class_now) for each in found.changed] == [("F", "F", "meets")]
    assert [each.provider for each in found.gone] == ["I"]
    assert [each.provider for each in found.added] == ["I"]
    assert seen.correction.before is None
    rows = list(csv.reader(list_of_those_to_tell(release, seen).decode().splitlines()))
    assert [row[0] for row in rows[1:]] == ["Polder Rack (as64501)", "Nieuwe Sluis (as64509)", "Klein Duin (as64504)"]


@pytest.mark.parametrize("names_then", [False, True])
def test_nothing_is_said_by_provider_where_letters_cannot_be_traced(corrected, named, unnamed, names_then):
    """Without the old dataset, or with names on one side alone, nobody is compared and everybody is told."""
    before = named if names_then else unnamed
    release = replace(corrected, named=False, correction=said(before))
    seen = shown(with_matches(release))
    found = changes(seen, seen.correction)
    assert (found.comparable, found.changed, found.gone, found.added) == (False, (), (), ())
    assert {code: (then, now) for code, then, now in found.judgements}["meets"] == (2, 3)
    told = list_of_those_to_tell(release, seen).decode()
    assert "Polder Rack (as64501)" in told
    assert ("Klein Duin" in told) is names_then


def test_what_the_page_says_is_what_the_old_table_held(replaced, published):
    """The old figures are read from the tables of the replaced release, which are unchanged."""
    table = published.path / "tables" / "ranking.json"
    old = json.loads(table.read_bytes())["scorecards"]
    _, release, out = replaced
    assert release.correction.rows == tuple(old)
    assert (
        sha256((out / "2026H1-interim-v1/tables/ranking.json").read_bytes()).hexdigest()
        == sha256(table.read_bytes()).hexdigest()
    )


def test_who_is_known_as_a_natural_person_since_is_not_named_on_the_erratum(named, helpers):
    """The replaced release named them; what replaces it compares their figures under their number."""
    cards = helpers["cards"]()
    label = person_label(cards[5].provider_id)
    now = [*cards[:5], replace(cards[5], provider=label, n_episodes=14), *cards[6:]]
    known = KnownNames(cards[5].provider_id, (cards[5].provider,), natural_person=True)
    release = replace(named, ranking=helpers["ranking"](now), correction=said(named), names=(known,))
    seen = shown(with_matches(release))
    found = changes(seen, seen.correction)
    assert [(each.provider, each.renamed) for each in found.changed] == [("natural person (P1)", False)]
    assert (found.gone, found.added) == ((), ())
    page = pages(seen)["erratum.html"]
    assert b"Polder Rack" not in page
    with pytest.raises(ReleaseError):
        check({"erratum.html": page + b"Polder Rack"}, release, seen)
