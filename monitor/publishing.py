"""`monitor publish`: a frozen dataset becomes a release, a correction of one, or the refusal of one.

In: a frozen dataset and the settings; for a final release also the store with the register of letters. Out: the
release's folder; in the data folder who is to be told of a correction (`inform/`), or where the disclosure check found
what (`refused/`). What would surprise: an interim release asks no store, and no figure is taken from an older release
but to say what a correction changed.
"""

from dataclasses import replace
from pathlib import Path

from monitor.config import Settings
from monitor.disk import write_whole
from monitor.errors import FreezeError, ReleaseError, ReleaseRefused
from monitor.frozen_figures import basis_of, open_freeze, ranking_of, read_freeze
from monitor.method import measured_by, version_of_the_code
from monitor.model.period import Period
from monitor.model.release import Amendment, Correction, KnownNames, Release, ReleaseInput, Verified
from monitor.model.scorecard import Ranking
from monitor.model.words import NoticeKind, ReleaseKind, Role
from monitor.store import Store, frozen


def publish(
    data_dir: Path,
    settings: Settings,
    period: Period,
    kind: ReleaseKind,
    out: Path | None = None,
    digest8: str | None = None,
    asked: Amendment | None = None,
    db: Store | None = None,
) -> Release:
    """Write the release of a frozen dataset, `asked`: to correct one; the same again gives the same folder.

    A final release needs the store (`db`) for its letters and answers. Raises NamingRefused where somebody would be
    named who was not heard, ReleaseError where the norm is nobody's.
    """
    folder = out or data_dir / "releases"
    correction = _correction(data_dir, folder, period, kind, asked) if asked else None
    data = read_freeze(data_dir, period, digest8)
    if kind is ReleaseKind.FINAL:
        _refuse_final(data, db)
    release = release_input(data, settings, kind, correction)
    if kind is ReleaseKind.FINAL and db is not None:
        from monitor import naming  # noqa: PLC0415 (it loads matplotlib)

        release = naming.heard(release, settings.letters, db)
    return write_release(release, folder, data_dir)


def release_input(
    data: frozen.OpenFreeze, settings: Settings, kind: ReleaseKind, correction: Correction | None = None
) -> ReleaseInput:
    """Everything that a release of this dataset is made from; of a final one all but what the register adds."""
    proxies = ranking_of(data, NoticeKind.REQUEST, Role.PROXY, with_curves=True)
    release = ReleaseInput(
        kind=kind,
        named=kind is ReleaseKind.FINAL or settings.publication.name_in_interim,
        ranking=ranking_of(data, NoticeKind.REQUEST, Role.NETWORK, final=kind is ReleaseKind.FINAL, with_curves=True),
        proxies=proxies if proxies.scorecards else None,
        method=measured_by(data.method.info(data.tables)),
        code_version=version_of_the_code(),
        contact=settings.publication.publisher,
        notice_en=settings.publication.notice_en,
        notice_nl=settings.publication.notice_nl,
        licence=settings.publication.licence,
        inform=settings.publication.inform,
        correction=correction,
        names=tuple(map(KnownNames.of, data.providers)),
        corrected=data.inputs.corrected,
    )
    return _broken_down(release, data)


def write_release(release: ReleaseInput, folder: Path, data_dir: Path) -> Release:
    """Raises ReleaseRefused, having left in the data folder where the check found what; success removes that again."""
    from monitor import publication  # noqa: PLC0415 (it loads matplotlib, a second that no other command should wait for)

    findings = data_dir / "refused" / f"{release.ranking.period.label}-{release.kind.value}.txt"
    try:
        made = publication.publish(release, folder, data_dir / "inform")
    except ReleaseRefused as refusal:
        findings.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(findings, refusal.findings.encode())
        where = f"Line by line it is in {findings.relative_to(data_dir)} in the data folder"
        raise ReleaseRefused(f"{refusal.message}. {where}", refusal.hint, refusal.findings) from None
    findings.unlink(missing_ok=True)
    return made


def _broken_down(release: ReleaseInput, data: frozen.OpenFreeze) -> ReleaseInput:
    """With what stands beside the Ranking: groups, evidence, other norms; and which words no release may show."""
    from monitor import ranked  # noqa: PLC0415 (it loads numba)

    basis = basis_of(data)
    chosen = {clock: data.selected(clock, Role.NETWORK) for clock in NoticeKind}
    requests = chosen[NoticeKind.REQUEST]
    further: list[Ranking] = []
    for clock, rows in chosen.items():
        norms = [norm for norm in data.method.norms_in_order if norm.clock is clock and norm != release.ranking.norm]
        like = release.ranking if clock is NoticeKind.REQUEST else None
        if rows.is_episode.any():
            further += ranked.under_norms(norms, rows, basis, data.previous, like)
    return replace(
        release,
        further=tuple(further),
        groups=ranked.groups(requests, data.words("site_type", NoticeKind.REQUEST, Role.NETWORK), basis),
        evidence=ranked.evidence(requests),
        record_ids_among=data.record_ids_among,
    )


def _correction(data_dir: Path, folder: Path, period: Period, kind: ReleaseKind, asked: Amendment) -> Correction:
    """What is replaced; where it showed code letters or numbers also its Ranking, if the dataset is at hand."""
    from monitor import publication  # noqa: PLC0415 (as above)
    from monitor.publication.hidden import hidden_name  # noqa: PLC0415

    found = publication.correction(folder, period.label, kind, asked)
    if found.named and not any(row["provider"] == hidden_name(str(row["provider_id"])) for row in found.rows):
        return found
    try:
        data = open_freeze(data_dir, period, found.freeze)
    except FreezeError:
        return found
    final = kind is ReleaseKind.FINAL
    before = ranking_of(data, NoticeKind.REQUEST, Role.NETWORK, final=final, resamples=0)
    return replace(found, before=before) if data.digest == found.freeze else found


def _refuse_final(data: frozen.FrozenData, db: Store | None) -> None:
    """Raises ReleaseError: nobody is named by a target that nobody set, or without a register of who was heard."""
    why = data.method.norm(NoticeKind.REQUEST).why_not_final(data.period)
    if why is not None:
        raise ReleaseError(why, "Set basis, valid_from and set_by of the norm, freeze again, then publish")
    if db is None:
        raise ReleaseError("A final release needs the store", "Its register says who was heard before being named")


def verify_release(folder: Path) -> Verified:
    """The files of a release that are not as its manifest says, and whether a correction replaced it."""
    from monitor import publication  # noqa: PLC0415 (as above)

    return publication.verified(folder)
