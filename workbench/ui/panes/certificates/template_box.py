"""The choice of what a certificate is for: purposes in words, own profiles, AWS's templates."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox

from workbench.pki import asking
from workbench.pki.asking import Made, Offered
from workbench.ui.panes.certificates.days_box import DaysBox

_DAYS: Final = 257
"""Item role (`Qt.ItemDataRole.UserRole` + 1) of the validity that an own profile suggests."""

_FIXED: Final = 258
"""Item role of what takes the subject of a request as it is."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _purposes() -> tuple[tuple[str, str], ...]:
    return (
        (asking.CODE_SIGNING, _tr("Code signing")),
        (asking.TLS_SERVER, _tr("TLS server")),
        (asking.TLS_CLIENT, _tr("TLS client")),
        (asking.TLS_BOTH, _tr("TLS server and client")),
        (asking.EMAIL_PROTECTION, _tr("E-mail protection (S/MIME)")),
        (asking.TIMESTAMPS, _tr("Timestamping (RFC 3161)")),
        (asking.MDL_SIGNER, _tr("Mobile driving licences: document signer (ISO 18013-5)")),
        (asking.OCSP, _tr("OCSP responder")),
        (asking.SUBORDINATE, _tr("Subordinate CA that issues no further CAs")),
    )


class TemplateBox(QComboBox):
    """Offers templates and profiles; the data of each is its ARN.

    Args:
        offered: what there is beside the purposes.
        days: is given the validity that an own profile suggests, when one is chosen.
    """

    def __init__(self, offered: Offered, days: DaysBox) -> None:
        super().__init__()
        self._spin = days
        purposes = _purposes()
        for arn, words in purposes:
            self.addItem(words, arn)
        self._add_all(offered.profiles, _tr("Profile: {name}"), suggest=True)
        shown = {arn for arn, _ in purposes}
        self._add_all([one for one in offered.templates if one.arn not in shown], "{name}")
        # A long name makes no dialog wider than the screen: it is cut off in its box.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(24)
        self.currentIndexChanged.connect(lambda _index: self._suggest())

    def choose(self, arn: str) -> None:
        """Choose a template or profile, if it is there."""
        place = self.findData(arn)
        if place >= 0:
            self.setCurrentIndex(place)

    @property
    def takes_subjects(self) -> bool:
        """Whether a request's certificate may get another subject from what is chosen."""
        return not self.currentData(_FIXED)

    def _add_all(self, ones: Sequence[Made], words: str, *, suggest: bool = False) -> None:
        if ones:
            self.insertSeparator(self.count())
        for one in ones:
            self.addItem(words.format(name=one.name), one.arn)
            self.setItemData(self.count() - 1, not one.subjects, _FIXED)
            if suggest:
                self.setItemData(self.count() - 1, one.days, _DAYS)

    def _suggest(self) -> None:
        days = self.currentData(_DAYS)
        if days:
            self._spin.suggest(days)
