"""Signed JARs: a manifest of digests, a signature file over it, and a CMS signature over that.

Owns the making of them, one signer after the other. Must not know how they are judged; `jar_check`
does.

Source: JAR File Specification (Java SE 21), "Signed JAR File".
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.crypto.table import KEY_SPECS, Family
from workbench.pki.purposes import Purpose
from workbench.signing.algorithms import DIGESTS, allowed_digests
from workbench.signing.formats.base import Broken, Content, Signing, Traits, Trust
from workbench.signing.formats.cades import CMS_SPECS, stamped
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.jar_check import check_archive
from workbench.signing.formats.jar_manifest import (
    BLOCKS,
    MANIFEST,
    STRONG,
    Archive,
    Section,
    digest_of,
    header,
    open_archive,
    parse_manifest,
    stated,
)
from workbench.signing.formats.signed_data import CmsSigner, cms_signer, signed_data, signer_info
from workbench.signing.formats.timestamp import Timestamper
from workbench.signing.verdict import Verdict

_BLOCK_NAME: Final = re.compile(rb"META-INF/[^/\x00]{1,64}\.(?:RSA|EC|DSA)", re.IGNORECASE)
_BLOCK_OF: Final = {Family.RSA: "RSA", Family.ELLIPTIC: "EC", Family.EDWARDS: "EC"}
_OTHERS: Final = "DSA"
"""What Java names the block of every other algorithm, ML-DSA among them."""


def _digests(spec: str) -> tuple[str, ...]:
    return tuple(name for name in allowed_digests(spec) if name in STRONG)


@dataclass(frozen=True, slots=True)
class Jar:
    """Signed JARs.

    Attributes:
        digest: of entries and manifest; empty, or for keys that cannot sign with it, takes the
            key's usual.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        timestamper: asks a timestamp authority for every signature; not part of a stored recipe.
    """

    name: ClassVar[str] = "jar"
    title: ClassVar[str] = "JAR signature"
    suffix: ClassVar[str] = ".jar"
    standard: ClassVar[str] = "JAR File Specification"
    specs: ClassVar[frozenset[str]] = CMS_SPECS
    traits: ClassVar[Traits] = Traits(
        certificate="needed", most_signers=16, stamps=True, embeds=True, digests=_digests,
        purpose=Purpose.CODE_SIGNING, takes="a JAR or ZIP archive",
    )  # fmt: skip
    peer_limits: ClassVar[str] = (
        "Java before 24 knows no ML-DSA and treats such a signature as none; for it sign with an "
        "ECDSA or RSA key as well."
    )

    digest: str = ""
    pss: bool = False
    timestamper: Timestamper | None = field(default=None, compare=False, repr=False)

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signed archive; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signings: Sequence[Signing], content: Content) -> bytes:
        """Return the archive signed by several keys, the signatures beside each other.

        Raises:
            Refused: it is no JAR, has a signature that would break, there is no signer, one of
                them is there twice, or as `sign`.
        """
        if not signings or len({one.public_key for one in signings}) != len(signings):
            raise Refused("Every signer signs once.", "Choose one or several different keys.")
        signers = [self._signer(one) for one in signings]
        try:
            archive = open_archive(content.whole())
            manifest = _manifest(archive, signers[0].plan.digest.name, content.name)
        except Broken as error:
            raise Refused(error.message, error.next_step) from error
        added: dict[str, bytes] = {}
        for signer in signers:
            base = _free_name({*archive.related, *(name.upper() for name in added)})
            text = _signature_file(manifest, signer.plan.digest.name)
            added[f"META-INF/{base}.SF"] = text
            block = f"META-INF/{base}.{_BLOCK_OF.get(_family(signer), _OTHERS)}"
            added[block] = self._block(kms, signer, text)
        try:
            return _written(archive, manifest, added, signings[0].moment)
        except Broken as error:
            raise Refused(error.message, error.next_step) from error

    def sniff(self, head: bytes) -> bool:
        """Whether it is an archive with the signature block of a JAR."""
        return head[:2] == b"PK" and _BLOCK_NAME.search(head) is not None

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check every signature of an archive; raises as `Format.verify`.

        Args:
            signature: the archive.
            content: left aside: the signatures are over what is in the archive.
            trust: whom to believe.
        """
        del content
        found = Findings()
        check_archive(found, signature, trust)
        return found.verdict(self.title)

    def _signer(self, signing: Signing) -> CmsSigner:
        usual = _digests(signing.spec)
        chosen = self.digest if self.digest in usual else next(iter(usual), "")
        return cms_signer(signing, chosen, pss=self.pss)

    def _block(self, kms: Any, signer: CmsSigner, text: bytes) -> bytes:
        running = DIGESTS[signer.plan.digest.name].start()
        running.update(text)
        info, value = signer_info(kms, signer, running.digest())
        if self.timestamper is not None:
            info += stamped(self.timestamper, value)
        return signed_data([signer], [info])


def _family(signer: CmsSigner) -> Family:
    return KEY_SPECS[signer.signing.spec].family


def _manifest(archive: Archive, digest: str, shown: str) -> bytes:
    """Return the manifest with a digest for every entry; the one that is there is kept.

    Raises:
        Broken: the archive or its manifest is damaged.
        Refused: a signature that is there would break.
    """
    old = archive.manifest()
    first = header("Manifest-Version", "1.0") + header("Created-By", "Key Workbench") + b"\r\n"
    main, sections = Section("", {}, first), dict[str, Section]()
    if old is not None:
        main, sections = parse_manifest(old, "The manifest")
    parts = [section.raw for section in (main, *sections.values())]
    missing = []
    for entry in archive.entries:
        section = sections.get(entry.filename)
        data = archive.read(entry)
        have = {} if section is None else section.digests()
        wrong = any(digest_of(name, data) != value for name, value in have.items())
        if section is not None and (wrong or not have):
            raise Refused(
                f"The manifest of {shown} has a section for {entry.filename} that does not fit it.",
                "Build the archive anew, then sign it.",
            )
        if section is None:
            name = header("Name", entry.filename)
            missing.append(name + header(f"{digest}-Digest", stated(digest, data)) + b"\r\n")
    signed = any(name.rpartition(".")[2] in BLOCKS for name in archive.related)
    if missing and signed and old is not None:
        raise Refused(
            f"{shown} has a signature that does not cover everything in it and would break.",
            "Remove that signature, or sign the archive as it was before.",
        )
    if old is not None and not missing:
        return old
    ended = [part if part.endswith((b"\r\n\r\n", b"\n\n")) else _ended(part) for part in parts]
    return b"".join((*ended, *missing))


def _ended(section: bytes) -> bytes:
    """Return a section with the blank line that ends it."""
    return section.rstrip(b"\r\n") + b"\r\n\r\n"


def _signature_file(manifest: bytes, digest: str) -> bytes:
    main, sections = parse_manifest(manifest, "The manifest")
    parts = [
        header("Signature-Version", "1.0"),
        header("Created-By", "Key Workbench"),
        header(f"{digest}-Digest-Manifest-Main-Attributes", stated(digest, main.raw)),
        header(f"{digest}-Digest-Manifest", stated(digest, manifest)),
        b"\r\n",
    ]
    for name, section in sections.items():
        parts.append(header("Name", name))
        parts.append(header(f"{digest}-Digest", stated(digest, section.raw)) + b"\r\n")
    return b"".join(parts)


def _free_name(taken: set[str]) -> str:
    """Return a base name for a signature that no other has."""
    names = ("SIGNER", *(f"SIGNER{number}" for number in range(2, 100)))
    return next(
        name
        for name in names
        if not any(f"META-INF/{name}.{suffix}" in taken for suffix in ("SF", *BLOCKS))
    )


def _written(archive: Archive, manifest: bytes, added: dict[str, bytes], moment: datetime) -> bytes:
    """Return the archive with a manifest and further signatures before everything else."""
    out = io.BytesIO()
    stamp = (max(moment.year, 1980), *moment.timetuple()[1:6])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = archive.zip.comment
        for name, data in {MANIFEST: manifest, **added}.items():
            made.writestr(zipfile.ZipInfo(name, stamp), data, zipfile.ZIP_DEFLATED)
        for entry in archive.zip.infolist():
            if entry.filename.upper() == MANIFEST:
                continue
            kept = zipfile.ZipInfo(entry.filename, entry.date_time)
            kept.external_attr, kept.create_system = entry.external_attr, entry.create_system
            kept.comment, kept.extra = entry.comment, b""
            content = b"" if entry.is_dir() else archive.read(entry)
            packed = zipfile.ZIP_STORED if entry.compress_type == 0 else zipfile.ZIP_DEFLATED
            made.writestr(kept, content, packed)
    return out.getvalue()
