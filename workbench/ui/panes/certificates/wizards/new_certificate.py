"""The dialog for one new certificate: for a key of the vault, a new one, or a certificate request.

Knows the choices and the kit; asking the services is handed in. What a strict verifier would reject
is shown before anything is issued.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from workbench.base.errors import WorkbenchError
from workbench.base.spec_names import spec_name
from workbench.pki import asking as orders
from workbench.pki.alternative import alternative_name
from workbench.pki.asking import Offered, Order
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.days_box import DaysBox
from workbench.ui.panes.certificates.dropping import request_in_file
from workbench.ui.panes.certificates.findings import Checked
from workbench.ui.panes.certificates.template_box import TemplateBox
from workbench.ui.panes.certificates.wizards.exportable_fields import ExportableFields
from workbench.ui.panes.certificates.wizards.signature_box import SignatureBox
from workbench.ui.panes.certificates.wizards.subject_fields import (
    COUNTRY,
    NAME,
    STATE,
    SubjectFields,
)
from workbench.ui.widgets.basics import push_button
from workbench.ui.widgets.dialogs import FormDialog

_KEY, _EXPORTABLE, _REQUEST = "key", "exportable", "request"
_USUAL_DAYS: Final = 365


class NewCertificateDialog(FormDialog):
    """Asks for a certificate.

    Args:
        look: colours and spacing.
        offered: what can be chosen; at least one CA.
        check: is given the order; answers by `show_findings` or `show_problem`.
        issue: is given the rules that are overridden.
        parent: the pane.
    """

    def __init__(
        self,
        look: Look,
        offered: Offered,
        check: Callable[[Order], None],
        issue: Callable[[Sequence[str]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(look, parent.tr("New certificate"), parent.tr("Check and issue"), parent)
        self.setProperty(HELP_PAGE, "certificates")
        self._check, self._issue = check, issue
        self._files: QFileDialog | None = None
        self.issuer, self.source, self.key = QComboBox(), QComboBox(), QComboBox()
        self.days = DaysBox(look, _USUAL_DAYS)
        self.template = TemplateBox(offered, self.days)
        self.signature = SignatureBox()
        self.others, self.further = QLineEdit(), QPlainTextEdit()
        self.csr, self.rename = QPlainTextEdit(), QCheckBox()
        self._issuers = {one.arn: one for one in offered.issuers}
        self._suggested = ("", "")
        self._fill(offered)
        self._arrange(offered)
        override = self.tr("Issue it although strict verifiers will reject it")
        self._checked = Checked(self, self.tr("Check and issue"), override)
        self.findings, self.override = self._checked.findings, self._checked.tick
        self._listen_for_changes()
        self.on_submit(self._go)
        self._source_changed()
        self._issuer_changed()

    @property
    def order(self) -> Order:
        """What is chosen now."""
        common = (self.issuer.currentData(), self.template.currentData(), self.days.value())
        signing = self.signature.chosen
        subject = self.subject.values
        name = subject.pop(NAME, "")
        if self.source.currentData() == _REQUEST:
            asked = Order(*common, csr=self.csr.toPlainText().strip() + "\n", signing=signing)
            return replace(asked, name=name, subject=subject) if self._renames else asked
        others = (*self._others, *self._further)
        exportable = self.source.currentData() == _EXPORTABLE
        key = "" if exportable else self.key.currentData()
        wrapping, spec = self.exportable.chosen if exportable else ("", "")
        return Order(
            *common,
            key,
            name,
            others,
            subject=subject,
            signing=signing,
            wrapping=wrapping,
            pair_spec=spec,
        )

    def choose_issuer(self, arn: str) -> None:
        """Choose a CA, if it can issue."""
        place = self.issuer.findData(arn)
        if place >= 0:
            self.issuer.setCurrentIndex(place)

    def take_request(self, pem: str) -> None:
        """Certify the key of a certificate request."""
        self.source.setCurrentIndex(self.source.findData(_REQUEST))
        self.csr.setPlainText(pem)

    def show_findings(self, found: Sequence[dict[str, Any]]) -> None:
        """Say what a strict verifier would reject; with `REFUSED` among it nothing can be done."""
        self._checked.show(found, self.tr("Issue all the same"))

    def _fill(self, offered: Offered) -> None:
        for one in offered.issuers:
            self.issuer.addItem(f"{one.name} ({spec_name(one.algorithm)})", one.arn)
        self.source.addItem(self.tr("A key of this vault"), _KEY)
        self.source.addItem(self.tr("A new key that can be exported"), _EXPORTABLE)
        self.source.addItem(self.tr("A certificate request (CSR)"), _REQUEST)
        for alias, spec in offered.keys:
            self.key.addItem(f"{alias} ({spec_name(spec)})", alias)
        if not offered.keys:
            self.source.setCurrentIndex(self.source.findData(_REQUEST))

    def _arrange(self, offered: Offered) -> None:
        self.csr.setPlaceholderText("-----BEGIN CERTIFICATE REQUEST-----")
        self.csr.setTabChangesFocus(True)
        self.csr.setFont(self.look.mono)
        self.csr.setFixedHeight(self.look.unit * 36)
        self.further.setPlaceholderText("upn:anna@house.example\ndir:CN=Anna,O=House")
        self.further.setTabChangesFocus(True)
        self.further.setFixedHeight(self.look.unit * 18)
        for box in (self.issuer, self.key):
            # A long name makes no dialog wider than the screen: it is cut off in its box.
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(24)
        self.add_field(self.tr("&Issued by"), self.issuer)
        self.add_field(self.tr("&For"), self.source)
        key = self.add_field(self.tr("&Key"), self.key, check=self._check_key)
        self.exportable = ExportableFields(self, offered.wrapping, self._changed)
        self._of_request = self.add_field(self.tr("&Request"), self.csr, check=self._check_request)
        choose = push_button(self.tr("Choose file…"), self._ask_file, "")
        self.rename.setText(self.tr("Give it &another subject than the request asks for"))
        inside = self._of_request.layout()
        if inside is not None:
            inside.addWidget(choose)
            inside.setAlignment(choose, Qt.AlignmentFlag.AlignLeft)
            inside.addWidget(self.rename)
        self.subject = SubjectFields(self)
        self.name = self.subject.name
        self.subject.add_more(
            self.add_field(
                self.tr("Names of other kinds"),
                self.further,
                self.tr(
                    "One a line, its kind before it: upn: or other:1.2.3= (other name), dir:"
                    " (directory name), rid: (registered id), uri:, dns:, ip:, email:."
                ),
                check=self._check_further,
            )
        )
        others = self.add_field(
            self.tr("Al&ternative names"), self.others,
            self.tr("DNS names, IP addresses, e-mail addresses or URIs, separated by blanks;"
                    " servers need at least one."),
            check=self._check_others,
        )  # fmt: skip
        self._of_key, self._of_names = key, others
        self.add_field(self.tr("&Purpose"), self.template, check=self._check_purpose)
        self.add_field(self.tr("&Valid for"), self.days)
        self._signature_group = self.add_field(self.tr("Si&gned with"), self.signature)

    def _listen_for_changes(self) -> None:
        for box in (self.issuer, self.key, self.template):
            box.currentIndexChanged.connect(lambda _index: self._changed())
        for box in (self.issuer, self.template):
            box.currentIndexChanged.connect(lambda _index: self._issuer_changed())
        self.signature.currentIndexChanged.connect(lambda _index: self._changed())
        self.source.currentIndexChanged.connect(lambda _index: self._source_changed())
        self.rename.toggled.connect(lambda _on: self._source_changed())
        self.others.textChanged.connect(lambda _text: self._changed())
        self.subject.changed.connect(self._changed)
        for text in (self.csr, self.further):
            text.textChanged.connect(self._changed)
        self.days.valueChanged.connect(lambda _value: self._changed())

    def _source_changed(self) -> None:
        source = self.source.currentData()
        self._of_key.setVisible(source == _KEY)
        self.exportable.show_fields(shown=source == _EXPORTABLE)
        new = source != _REQUEST
        self.subject.show_fields(shown=new or self._renames, more=new)
        self._of_names.setVisible(new)
        self._of_request.setVisible(not new)
        self._changed()
        self.grow()

    def _issuer_changed(self) -> None:
        """Offer the CA's signatures; a document signer is of its root's country and state."""
        issuer = self._issuers[self.issuer.currentData()]
        self.days.stay_within(issuer.left)
        self.signature.offer(issuer.algorithm, issuer.signing)
        self._signature_group.setVisible(self.signature.open)
        licences = self.template.currentData() == orders.MDL_SIGNER
        self.subject.need_place(needed=licences)
        place = (issuer.country, issuer.state) if licences else ("", "")
        for member, text, before in zip((COUNTRY, STATE), place, self._suggested, strict=True):
            self.subject.suggest(member, text, before)
        self._suggested = place

    def _changed(self) -> None:
        """Forget the check: it was of something else."""
        self._checked.forget()

    def _go(self) -> None:
        rules = self._checked.rules
        if rules is None:
            self.show_working(working=True, text=self.tr("Checking…"))
            self._check(self.order)
        elif self._checked.overridden:
            self.show_working(working=True, text=self.tr("Issuing…"))
            self._issue(rules)

    @property
    def _renames(self) -> bool:
        return self.source.currentData() == _REQUEST and self.rename.isChecked()

    def _check_purpose(self) -> str:
        if self._renames and not self.template.takes_subjects:
            return self.tr("This profile takes the subject from the request alone.")
        return ""

    def _check_key(self) -> str:
        return (
            "" if self.key.currentData() else self.tr("There is no key with an alias that signs.")
        )

    @property
    def _others(self) -> list[str]:
        return self.others.text().replace(",", " ").split()

    @property
    def _further(self) -> list[str]:
        return [line.strip() for line in self.further.toPlainText().splitlines() if line.strip()]

    def _check_others(self) -> str:
        return _wrong_with_names(self._others)

    def _check_further(self) -> str:
        return _wrong_with_names(self._further)

    def _check_request(self) -> str:
        try:
            orders.request_name(self.csr.toPlainText())
        except WorkbenchError as error:
            return str(error)
        return ""

    def _ask_file(self) -> None:
        files = QFileDialog(self, self.tr("Certificate request"))
        files.setNameFilters([self.tr("Certificate requests (*.csr *.pem *.p10 *.der)"),
                              self.tr("All files (*)")])  # fmt: skip
        files.fileSelected.connect(lambda name: self.read_file(Path(name)))
        self._files = files
        files.open()

    def read_file(self, path: Path) -> None:
        """Take the request out of a file, PEM or DER."""
        pem = request_in_file(path)
        if pem:
            self.csr.setPlainText(pem)
        else:
            self.show_problem(
                self.tr("“{name}” holds no certificate request.").format(name=path.name)
            )


def _wrong_with_names(names: Sequence[str]) -> str:
    try:
        for text in names:
            alternative_name(text)
    except WorkbenchError as error:
        return error.message
    return ""
