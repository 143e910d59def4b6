"""Successors of certificates: renewed with the same key, re-keyed, or signed by another CA as well.

Owns the dialogs and their requests. What is carried over from the certificate before is the
certificate service's business.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QWidget

from workbench.base.spec_names import spec_name
from workbench.pki.asking import Issuer, Made, read_issuers, read_templates
from workbench.pki.roster import authority_of
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.days_box import DaysBox
from workbench.ui.panes.certificates.findings import Checked, checked, override
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.records import Record
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import local_date

_OWN: Final = "AUTHORITY"


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def why_not_renewed(records: Sequence[Record]) -> str:
    """Return why there can be no successor from here; empty if there can."""
    if len(records) != 1:
        return _tr("choose one certificate")
    if not records[0].own:
        return _tr("no CA of this vault issued it: ask its issuer for a new one")
    return ""


def why_not_cross_signed(records: Sequence[Record]) -> str:
    """Return why no other CA can certify it; empty if one can."""
    if len(records) != 1:
        return _tr("choose one certificate")
    return "" if records[0].authority else _tr("it is not a CA's certificate")


class SuccessorDialog(FormDialog):
    """Asks for a successor.

    Args:
        look: colours and spacing.
        title: what is asked.
        verb: on the main button.
        before: the certificate there is.
        choices: label, and data with its words, of the one choice there is.
        parent: the pane.
    """

    def __init__(
        self,
        look: Look,
        title: str,
        verb: str,
        before: Record,
        choices: tuple[str, Sequence[tuple[str, str]]],
        parent: QWidget,
    ) -> None:
        super().__init__(look, title, verb, parent)
        self.setProperty(HELP_PAGE, "certificates")
        words = _tr("{subject}, valid until {date}")
        self.body.addWidget(
            label(words.format(subject=before.subject, date=local_date(before.ends)), "", wrap=True)
        )
        self.choice, self.days = QComboBox(), DaysBox(look, _length(before))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(24)
        for data, text in choices[1]:
            self.choice.addItem(text, data)
        self.add_field(choices[0], self.choice)
        hint = _tr("From today; not beyond the issuer's last day.")
        self.add_field(_tr("&Valid for"), self.days, hint)
        self.profile = QComboBox()
        hint = _tr("Subject and alternative names stay as they are.")
        self._profiles = self.add_field(_tr("&What it says"), self.profile, hint)
        self._profiles.hide()
        words = _tr("Issue it although strict verifiers will reject it")
        self.checked = Checked(self, verb, words)
        for box in (self.choice, self.profile):
            box.currentIndexChanged.connect(lambda _index: self.checked.forget())
        self.days.valueChanged.connect(lambda _value: self.checked.forget())

    def offer_profiles(self, profiles: Sequence[Made]) -> None:
        """Let a profile decide what the successor says."""
        self.profile.addItem(_tr("The same as before"), {})
        for one in profiles:
            words = _tr("What the profile “{name}” says").format(name=one.name)
            self.profile.addItem(words, {"TemplateArn": one.arn})
        self._profiles.setVisible(bool(profiles))
        self.grow()

    @property
    def terms(self) -> dict[str, Any]:
        """The members of a request that are the same for every kind of successor."""
        chosen = self.checked.rules if self.checked.overridden else None
        reason = "Confirmed in the dialog for a successor."
        content = self.profile.currentData() or {}
        return {"Validity": self.validity, **content, **override(chosen or (), reason)}

    @property
    def validity(self) -> dict[str, Any]:
        """The chosen validity, as AWS Private CA has it."""
        return {"Value": self.days.value(), "Type": "DAYS"}


class Renewing:
    """Asks and has the successor made.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: SuccessorDialog | None = None

    def renew(self) -> None:
        """Ask how the chosen certificate is renewed."""
        record, shelf = self._host.selected[0], self._host.context.bench.shelf
        self._host.context.session.start(
            self._host.widget,
            lambda: [] if record.authority else _fitting(shelf),
            lambda profiles: self._ask_renewal(record, profiles),
        )

    def _ask_renewal(self, record: Record, profiles: Sequence[Made]) -> None:
        shelf = self._host.context.bench.shelf
        choices = (
            ("same", _tr("The same key")),
            (
                "new",
                _tr("A new key of the same kind, which can be exported as well")
                if record.wrapping
                else _tr("A new key of the same kind"),
            ),
        )
        title = _tr("Renew “{name}”").format(name=record.name)
        dialog = self._open(title, _tr("Renew"), record, (_tr("&Key"), choices))
        dialog.offer_profiles(profiles)

        def submit() -> None:
            again, terms = dialog.choice.currentData() == "same", dialog.terms

            def work() -> dict[str, Any]:
                return _succeed(shelf, record, terms, again=again)

            done = _tr("“{name}” has a successor.").format(name=record.name)
            self._start(dialog, record, work, done)

        dialog.on_submit(submit)

    def cross_sign(self) -> None:
        """Ask which other CA is to certify the chosen one."""
        record, bench = self._host.selected[0], self._host.context.bench
        self._host.context.session.start(
            self._host.widget,
            lambda: read_issuers(bench.acm_pca, bench.clock.now()),
            lambda issuers: self._ask_issuer(record, issuers),
        )

    def _ask_issuer(self, record: Record, issuers: Sequence[Issuer]) -> None:
        shelf = self._host.context.bench.shelf
        others = [
            (one.arn, f"{one.name} ({spec_name(one.algorithm)})")
            for one in issuers
            if one.arn not in record.arns
        ]
        if not others:
            words = _tr("There is no other active CA in this vault that could sign it.")
            self._host.context.frame.notify(words, "warning")
            return
        title = _tr("Cross-sign “{name}”").format(name=record.name)
        dialog = self._open(title, _tr("Cross-sign"), record, (_tr("&Signed by"), others))

        def submit() -> None:
            request = {
                "IssuerArn": dialog.choice.currentData(),
                "CertificateId": record.id,
                **dialog.terms,
            }
            done = _tr("“{name}” is signed by “{issuer}” as well.").format(
                name=record.name, issuer=dialog.choice.currentText()
            )
            self._start(
                dialog, record, lambda: shelf.cross_sign_certificate_authority(**request), done
            )

        dialog.on_submit(submit)

    def _open(
        self,
        title: str,
        verb: str,
        record: Record,
        choices: tuple[str, Sequence[tuple[str, str]]],
    ) -> SuccessorDialog:
        look = self._host.context.look
        dialog = SuccessorDialog(look, title, verb, record, choices, self._host.widget)
        self.dialog = dialog
        dialog.open()
        return dialog

    def _start(
        self,
        dialog: SuccessorDialog,
        record: Record,
        work: Callable[[], dict[str, Any]],
        done: str,
    ) -> None:
        context = self._host.context

        def made(outcome: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
            answer, found = outcome
            if found:
                dialog.checked.show(found, _tr("Issue all the same"))
                return
            dialog.accept()
            context.frame.notify(done, "ok")
            context.session.announce("keys")
            self._host.reload(answer.get("Id", record.id))

        def failed(words: Explanation) -> None:
            dialog.show_working(working=False)
            dialog.show_problem(words)

        dialog.show_working(working=True, text=_tr("Issuing…"))
        context.session.start(
            dialog,
            lambda: checked(work),
            made,
            failed,
            _tr("Issuing a certificate"),
            mutates=True,
        )


def _length(before: Record) -> int:
    return max(1, round((before.ends - before.starts).total_seconds() / 86_400))


def _fitting(shelf: Any) -> list[Made]:
    return [one for one in read_templates(shelf)[0] if not one.ca]


def _succeed(shelf: Any, record: Record, terms: dict[str, Any], *, again: bool) -> dict[str, Any]:
    if record.source == _OWN:
        do = shelf.renew_certificate_authority if again else shelf.rekey_certificate_authority
        return dict(do(CertificateAuthorityArn=authority_of(record.arns), **terms))
    do = shelf.renew_certificate if again else shelf.rekey_certificate
    return dict(do(CertificateId=record.id, **terms))
