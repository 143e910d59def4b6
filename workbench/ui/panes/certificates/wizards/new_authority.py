"""The dialog for a new CA: a root, or below another CA of the vault.

A name is all that must be given. Making the CA is `founding`'s business.
"""

import re
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from workbench.base.errors import WorkbenchError
from workbench.base.spec_names import spec_name
from workbench.pki import founding
from workbench.pki.algorithms import OWN_KEY_SPEC_OF
from workbench.pki.alternative import contact_name
from workbench.pki.asking import Offered, read_offer
from workbench.pki.founding import Wish
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.days_box import DaysBox
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.lists.batch import KEYS
from workbench.ui.panes.certificates.plan import ALGORITHMS
from workbench.ui.panes.certificates.wizards.signature_box import SignatureBox
from workbench.ui.panes.certificates.wizards.subject_fields import SubjectFields
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog

OUTSIDE = "outside"
"""In place of a template: another organisation's CA decides what is in the certificate."""
_ROOT_DAYS, _BELOW_DAYS = 3650, 1825
_LICENCE_DAYS = 3285
"""Nine years: as long as licences last, and the signers that sign until the root's end."""

_LICENCE_KEY = "EC_prime256v1"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class NewAuthorityDialog(FormDialog):
    """Asks for a CA.

    Args:
        look: colours and spacing.
        offered: CAs and keys there are.
        parent: the pane.
    """

    def __init__(self, look: Look, offered: Offered, parent: QWidget) -> None:
        super().__init__(look, _tr("New CA"), _tr("Create CA"), parent)
        self.setProperty(HELP_PAGE, "certificates")
        self.kind, self.key, self.algorithm = QComboBox(), QComboBox(), QComboBox()
        self.signature = SignatureBox()
        self.contact, self.host = QLineEdit(), QLineEdit()
        self.days, self.levels = DaysBox(look, _ROOT_DAYS), QSpinBox()
        self.lists = QCheckBox(_tr("Publish revocation lists (CRL)"))
        self.ocsp = QCheckBox(_tr("Answer OCSP requests"))
        self.trusted = QCheckBox(_tr("Trust it as a root in this vault"))
        self._left = {one.arn: one.left for one in offered.issuers}
        self._fill(offered)
        self.add_field(_tr("&Kind"), self.kind)
        self.subject = SubjectFields(self)
        self.name = self.subject.name
        self._of_licences = (
            self.add_field(
                _tr("&Contact of the issuing authority"),
                self.contact,
                _tr("An e-mail address or URI; every document signer repeats it."),
                check=self._check_contact,
            ),
            self.add_field(
                _tr("&Host of the revocation list"),
                self.host,
                _tr(
                    "Without one certificates name this vault's own endpoint, which readers of"
                    " licences elsewhere do not reach."
                ),
                check=self._check_host,
            ),
        )
        self.add_field(_tr("Ke&y"), self.key)
        self._algorithm_group = self.add_field(_tr("&Algorithm"), self.algorithm)
        self._signature_group = self.add_field(_tr("Si&gns with"), self.signature)
        self._levels_group = self.add_field(
            _tr("&Levels of CAs below it"), self.levels,
            _tr("0: it issues certificates for people, servers and signers only."),
        )  # fmt: skip
        self._days_group = self.add_field(_tr("&Valid for"), self.days)
        self.outside = label(
            _tr("It is made with a certificate request, and waits for its certificate. How long it"
                " is valid and what it may issue is decided by the CA that signs the request."),
            "muted", wrap=True,
        )  # fmt: skip
        self.body.addWidget(self.outside)
        for box in (self.lists, self.ocsp, self.trusted):
            box.setChecked(True)
            self.body.addWidget(box)
        self.body.addStretch(1)
        self.kind.currentIndexChanged.connect(lambda _index: self._kind_changed())
        self.key.currentIndexChanged.connect(lambda _index: self._key_changed())
        self.algorithm.currentIndexChanged.connect(lambda _index: self._key_changed())
        self._kind_changed()
        self.name.setFocus()

    @property
    def wish(self) -> Wish:
        """What is chosen."""
        issuer, template = self.kind.currentData()
        licences = template == founding.IACA
        return Wish(
            self.subject.values,
            self._algorithm,
            self.days.value(),
            issuer,
            template or founding.below(self.levels.value()),
            self.key.currentData()[0],
            lists=self.lists.isChecked(),
            ocsp=self.ocsp.isChecked(),
            trusted=self.trusted.isChecked() and not issuer,
            outside=template == OUTSIDE,
            signing=self.signature.chosen,
            contact=self.contact.text().strip() if licences else "",
            host=self.host.text().strip() if licences else "",
        )

    def choose_issuer(self, arn: str) -> None:
        """Have it below a CA."""
        for place in range(self.kind.count()):
            if self.kind.itemData(place)[0] == arn:
                self.kind.setCurrentIndex(place)

    def _fill(self, offered: Offered) -> None:
        self.kind.addItem(_tr("Root CA"), ("", founding.ROOT))
        words = _tr("Root CA for mobile driving licences (IACA, ISO 18013-5)")
        self.kind.addItem(words, ("", founding.IACA))
        self.kind.addItem(_tr("Signed by a CA outside this vault"), ("", OUTSIDE))
        for one in offered.issuers:
            words = _tr("Below {name} ({algorithm})")
            self.kind.addItem(
                words.format(name=one.name, algorithm=spec_name(one.algorithm)), (one.arn, "")
            )
        self.key.addItem(_tr("A new key of its own"), ("", ""))
        for alias, spec in offered.keys:
            algorithm = founding.algorithm_of(spec)
            if algorithm:
                self.key.addItem(f"{alias} ({KEYS.get(spec, spec)})", (alias, algorithm))
        for name, words, _post_quantum in ALGORITHMS:
            self.algorithm.addItem(words, name)
        for name in OWN_KEY_SPEC_OF:
            if self.algorithm.findData(name) < 0:
                self.algorithm.addItem(spec_name(name), name)
        self.levels.setRange(0, 3)
        self.levels.lineEdit().setTextMargins(self.look.unit * 2, 0, 0, 0)
        for box in (self.kind, self.key, self.algorithm):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(24)

    def _kind_changed(self) -> None:
        issuer, template = self.kind.currentData()
        outside, licences = template == OUTSIDE, template == founding.IACA
        for group in self._of_licences:
            group.setVisible(licences)
        self.subject.need_place(needed=licences)
        if licences:
            self.lists.setChecked(True)
            if not self.algorithm.currentData().startswith("EC_"):
                self.algorithm.setCurrentIndex(self.algorithm.findData(_LICENCE_KEY))
        self.lists.setVisible(not licences)  # it must publish one
        self._levels_group.setVisible(bool(issuer))
        self._days_group.setVisible(not outside)
        self.outside.setVisible(outside)
        self.trusted.setVisible(not issuer and not outside)
        usual = _LICENCE_DAYS if licences else _ROOT_DAYS
        self.days.suggest(_BELOW_DAYS if issuer else usual)
        self.days.stay_within(self._left.get(issuer))
        self._key_changed()

    @property
    def _algorithm(self) -> str:
        """KeyAlgorithm of the chosen key, or of the new one."""
        return str(self.key.currentData()[1] or self.algorithm.currentData())

    def _key_changed(self) -> None:
        self._algorithm_group.setVisible(not self.key.currentData()[0])
        self.signature.offer(self._algorithm)
        self._signature_group.setVisible(self.signature.open)
        self.grow()

    def _check_contact(self) -> str:
        try:
            contact_name(self.contact.text().strip())
        except WorkbenchError as error:
            return error.message
        return ""

    def _check_host(self) -> str:
        text = self.host.text().strip()
        if not text or _HOST.fullmatch(text):
            return ""
        return _tr("A host name has no http:// before it and no path behind it.")


class Founding:
    """Opens the dialog and has the CA made.

    Args:
        host: the pane.
        begun: told of a CA that waits for a certificate from outside: its ARN, name and request.
    """

    def __init__(self, host: Host, begun: Callable[[str, str, str], None]) -> None:
        self._host = host
        self._begun = begun
        self.dialog: NewAuthorityDialog | None = None

    def begin(self) -> None:
        """Ask for a CA, below the chosen one if one is chosen."""
        bench, chosen = self._host.context.bench, self._host.selected
        arns = chosen[0].arns if len(chosen) == 1 and chosen[0].authority else ()
        self._host.context.session.start(
            self._host.widget,
            lambda: read_offer(bench.kms, bench.acm_pca, bench.shelf, bench.clock.now()),
            lambda offered: self._open(offered, arns),
        )

    def _open(self, offered: Offered, arns: tuple[str, ...]) -> None:
        dialog = NewAuthorityDialog(self._host.context.look, offered, self._host.widget)
        for arn in arns:
            dialog.choose_issuer(arn)
        dialog.on_submit(lambda: self._make(dialog))
        self.dialog = dialog
        dialog.open()

    def _make(self, dialog: NewAuthorityDialog) -> None:
        context, wish = self._host.context, dialog.wish
        bench = context.bench
        dialog.show_working(working=True, text=_tr("Creating…"))

        def work() -> tuple[str, str]:
            if wish.outside:
                return founding.begin(bench.acm_pca, bench.shelf, wish)
            return founding.found(bench.acm_pca, bench.shelf, wish), ""

        def made(answer: tuple[str, str]) -> None:
            name, csr = answer
            dialog.accept()
            context.session.announce("keys")
            self._host.reload(name)
            if csr:
                self._begun(name, wish.name, csr)
                return
            context.frame.notify(_tr("“{name}” can issue now.").format(name=wish.name), "ok")

        def failed(words: Explanation) -> None:
            dialog.show_working(working=False)
            dialog.show_problem(words)

        context.session.start(
            dialog,
            work,
            made,
            failed,
            _tr("Creating a CA"),
            mutates=True,
        )
