"""What is inside a signature or a certificate, without judging it. Changes nothing."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from workbench.base.errors import Refused
from workbench.base.files import fault
from workbench.pki.parse import LARGEST_INPUT, read_certificates
from workbench.signing.cms_read import Signature, SignerInfo, Unacceptable, read_signature
from workbench.signing.public import NAMES
from workbench.signing.sniff import Kind, Sniffed
from workbench.ui.pane import Context
from workbench.ui.panes.signing.certificate_facts import fill_certificate
from workbench.ui.panes.signing.words import grouped, shown_name
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.fields import FieldList, scrolled
from workbench.ui.widgets.texts import size

_MOST_CERTIFICATES = 20


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found inside.

    Attributes:
        signature: the signature taken apart, or None for certificates.
        certificates: those inside, DER.
    """

    signature: Signature | None
    certificates: tuple[bytes, ...]


def read_contents(thing: Sniffed) -> Contents:
    """Open a signature or certificates; called on a worker.

    Raises:
        EnvironmentFault: it cannot be read.
        Refused: it is not what it seemed to be.
    """
    try:
        with thing.path.open("rb") as stream:
            data = stream.read(LARGEST_INPUT + 1)
    except OSError as error:
        raise fault(error, "read", thing.path) from error
    if thing.kind is Kind.CMS:
        try:
            signature = read_signature(data)
        except Unacceptable as error:
            raise Refused(error.sentence, error.rule) from error
        return Contents(signature, signature.certificates)
    found = tuple(one.der for one in read_certificates(data) if one.der)
    if not found:
        raise Refused("No certificate in it can be read.", "Get the file again from its source.")
    return Contents(None, found)


class ContentsDialog(BaseDialog):
    """Shows contents.

    Args:
        context: look, frame, bench.
        path: whose they are.
        contents: what was found.
        parent: the pane.
    """

    def __init__(self, context: Context, path: Path, contents: Contents, parent: QWidget) -> None:
        super().__init__(context.look, f"“{shown_name(path)}”", parent)
        self.setObjectName("signing.contents")
        self._context = context
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self.fields = FieldList(context.look, context.frame.copy)
        self.fields.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        column.addWidget(self.fields)
        signature = contents.signature
        if signature is not None:
            for signer in signature.signers:
                self._add_signer(signer)
            inside = self.tr("Detached: the file is not inside")
            if signature.content is not None:
                inside = self.tr("The content is inside ({size})").format(
                    size=size(len(signature.content))
                )
            self.fields.text(self.tr("Content"), inside)
        for place, der in enumerate(contents.certificates[:_MOST_CERTIFICATES], start=1):
            self.fields.heading(self.tr("Certificate {n}").format(n=place))
            fill_certificate(self.fields, der, context.bench.clock.now())
        area = scrolled(page)
        unit = context.look.unit
        area.setMinimumSize(unit * 130, unit * 100)
        self.body.addWidget(area, 1)
        self.add_cancel(self.tr("Close"))

    def _add_signer(self, signer: SignerInfo) -> None:
        fields = self.fields
        fields.heading(self.tr("Signature"))
        fields.text(self.tr("Signer, as the signature names it"), signer.named)
        fields.text(
            self.tr("Signature algorithm"), NAMES.get(signer.signature_oid, signer.signature_oid)
        )
        fields.time(self.tr("Signing time, as the signer claims"), signer.signing_time)
        digest = signer.message_digest.hex()
        name = self.tr("{digest} of the signed file").format(digest=signer.digest)
        fields.text(name, digest, mono=True, copy=True).setText(grouped(digest))
