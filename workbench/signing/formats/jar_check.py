"""The questions to a signed JAR: is every entry the one that was signed, and by whom.

Owns their order and sentences; the CMS inside is for `cms_checks`. Stricter than Java, which lets
unsigned entries stand beside signed ones. Must not know how a JAR is signed.

Source: JAR File Specification (Java SE 21), "Signature Validation".
"""

import hmac
from collections.abc import Collection, Mapping
from typing import Final

from workbench.pki.names import visible
from workbench.signing.formats.base import Broken, BytesContent, Trust
from workbench.signing.formats.cms_checks import check_single, families_of
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.jar_manifest import (
    BLOCKS,
    SPECIFICATION,
    Archive,
    Section,
    digest_of,
    open_archive,
    parse_manifest,
)

_MOST_SIGNERS: Final = 16
_NEXT: Final = "Get an undamaged copy of the archive."


def check_archive(found: Findings, data: bytes, trust: Trust) -> None:
    """Check every signature of a JAR.

    Args:
        found: where the answers go.
        data: the archive.
        trust: whom to believe.
    """
    try:
        archive = open_archive(data)
        blocks = _blocks(archive)
        manifest = archive.manifest()
        if not blocks or manifest is None:
            _unsigned(found)
            return
        main, sections = parse_manifest(manifest, "The manifest")
        found.ok("Archive", "It is a well-formed JAR with signatures.", SPECIFICATION)
        _check_entries(found, archive, sections)
        for number, name in enumerate(blocks, start=1):
            single = Findings()
            _check_signature(single, archive, name, (manifest, main, sections), trust)
            found.take(single, f"Signature {number}: " if len(blocks) > 1 else "")
    except Broken as error:
        found.broken("Archive", error)
        return


def _blocks(archive: Archive) -> list[str]:
    names = sorted(
        name
        for name in archive.related
        if name.rpartition(".")[2] in BLOCKS and not name.startswith("META-INF/SIG-")
    )
    if len(names) > _MOST_SIGNERS:
        raise Broken(f"The archive has over {_MOST_SIGNERS} signatures.", SPECIFICATION, _NEXT)
    return names


def _unsigned(found: Findings) -> None:
    found.failed(
        "Archive", "The JAR has no signature.", SPECIFICATION, "Ask for the signed archive."
    )
    found.need("signature", "the signed archive")


def _check_entries(found: Findings, archive: Archive, sections: Mapping[str, Section]) -> None:
    """Check every entry against the manifest, and that nothing is missing or added."""
    names = {entry.filename for entry in archive.entries}
    added = sorted(names - set(sections))
    missing = sorted(
        name for name, section in sections.items() if section.digests() and name not in names
    )
    weak = sorted(name for name in names & set(sections) if not sections[name].digests())
    changed = [
        entry.filename
        for entry in archive.entries
        if entry.filename in sections
        and not _fits(sections[entry.filename].digests(), archive.read(entry))
    ]
    for what, wrong in (
        ("is not in the manifest and so not signed", added),
        ("is in the manifest but missing from the archive", missing),
        ("has no digest stronger than SHA-1", weak),
        ("is not what was signed: its digest differs", changed),
    ):
        if wrong:
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            found.failed(
                "Entries",
                f"{visible(wrong[0], 80)}{more} {what}.",
                SPECIFICATION,
                "Get the archive as its maker signed it.",
            )
            return
    found.ok(
        "Entries",
        f"All {len(names)} entries have the digests that the manifest states.",
        SPECIFICATION,
    )


def _fits(stated: Mapping[str, bytes], data: bytes) -> bool:
    return all(hmac.compare_digest(digest_of(name, data), value) for name, value in stated.items())


def _check_signature(
    found: Findings,
    archive: Archive,
    block: str,
    manifest: tuple[bytes, Section, Mapping[str, Section]],
    trust: Trust,
) -> None:
    base = block.rpartition(".")[0]
    text = archive.small(f"{base}.SF")
    value = archive.small(block)
    if text is None or value is None:
        found.failed(
            "Signature file",
            f"{visible(block, 80)} has no signature file ({visible(base, 80)}.SF) beside it.",
            SPECIFICATION,
            _NEXT,
        )
        return
    _check_manifest(found, text, manifest, [entry.filename for entry in archive.entries])
    content = BytesContent(text, "the signature file")
    signer = check_single(found, value, content, trust, SPECIFICATION, cades=False)
    if signer is not None:
        found.families |= families_of(signer)


def _check_manifest(
    found: Findings,
    text: bytes,
    manifest: tuple[bytes, Section, Mapping[str, Section]],
    names: Collection[str],
) -> None:
    """Check that the signature file is about this manifest, or at least about every section."""
    whole, main, sections = manifest
    signed_main, signed = parse_manifest(text, "The signature file")
    stated = signed_main.digests("-Digest-Manifest")
    if stated and _fits(stated, whole):
        found.ok("Manifest", "The signature file is over the whole manifest.", SPECIFICATION)
        return
    heads = signed_main.digests("-Digest-Manifest-Main-Attributes")
    covered = _fits(heads, main.raw) and all(
        name in signed
        and signed[name].digests()
        and _fits(signed[name].digests(), sections[name].raw)
        for name in names
        if name in sections
    )
    found.judge(
        "Manifest",
        "The signature file is over every section of the manifest, to which something was added.",
        "The signature file is not over this manifest, or over a part of it only: the manifest was "
        "changed after signing.",
        SPECIFICATION,
        "Get the archive as its maker signed it.",
        good=bool(covered and signed),
    )
