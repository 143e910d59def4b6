"""The fields of a recipe: format, keys, digest, where to write, whether to replace, a name for it.

Owns what is chosen. Certificates are looked up when a key is chosen, off the GUI thread.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from workbench.base.errors import Refused
from workbench.base.sites import HOME
from workbench.base.spec_names import spec_name
from workbench.pki.parse import facts
from workbench.signing.chains import signing_chain
from workbench.signing.formats.base import Format
from workbench.signing.formats.registry import FORMATS, advice, format_named
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.signing.format_fields import FormatFields, keep_narrow
from workbench.ui.panes.signing.further import Further
from workbench.ui.panes.signing.place_field import PlaceField
from workbench.ui.panes.signing.recipe_bar import RecipeBar
from workbench.ui.panes.signing.recipes import LONGEST_NAME, Choices, KeyChoice, Remembered
from workbench.ui.panes.signing.signers import Signer, WhyNot
from workbench.ui.panes.signing.words import chain_line
from workbench.ui.widgets.basics import label, push_button, set_role
from workbench.ui.widgets.texts import local_date

_SOON_DAYS = 30


class RecipeForm(QWidget):
    """How files are to be signed.

    Args:
        context: look, session, bench.
        remembered: what was chosen last.

    Signals:
        changed: something was chosen, or a certificate was found.
        certificate_wanted(str): issue a certificate for this key id.
    """

    changed = Signal()
    certificate_wanted = Signal(str)

    def __init__(self, context: Context, remembered: Remembered) -> None:
        super().__init__()
        self._context = context
        self._signers: tuple[Signer, ...] = ()
        self.chain: tuple[bytes, ...] = ()
        self._captions: list[QLabel] = []
        self._wanted = remembered.last
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(context.look.unit * 4)
        self._grid.setVerticalSpacing(context.look.unit * 2)
        self._grid.setColumnStretch(1, 1)
        self._bar = RecipeBar(context, remembered)
        self._bar.chosen.connect(self._apply)
        self._add(self.tr("&Recipe"), self._bar)
        self._build_format()
        self._build_key()
        self._build_algorithms()
        self._place = PlaceField(context.look)
        self._place.changed.connect(self.changed)
        place = self._add(self.tr("&Write to"), self._place)
        place.setContentsMargins(0, context.look.unit * 2, 0, 0)
        self._grid.setAlignment(place, Qt.AlignmentFlag.AlignTop)
        self._build_name()
        self._align()
        self._bar.read()

    # What is chosen.

    @property
    def signer(self) -> Signer | None:
        """The chosen key."""
        found = self._key.currentData()
        return found if isinstance(found, Signer) else None

    @property
    def form(self) -> Format:
        """The chosen format, its choices as usual."""
        return format_named(str(self._format.currentData()))

    @property
    def choices(self) -> Choices:
        """Everything chosen, to be remembered."""
        signers = [one for one in (self.signer, self._further.second) if one is not None]
        pss, site = None, self._context.bench.site
        if self._padding.isVisibleTo(self):
            pss = self._padding.currentIndex() == 1
        return Choices(
            keys=tuple(KeyChoice(one.id, one.spec) for one in signers),
            kind=self.form.name,
            options=self._options.options,
            digest=str(self._digest.currentData() or ""),
            pss=pss,
            stamper=self._further.stamper,
            folder=self._place.chosen,
            replace=self._place.replace.isChecked(),
            checksums=self._further.checksums,
            name=self._name.text().strip(),
            site=None if site == HOME else site,
        )

    @property
    def problem(self) -> str:
        """Why this cannot be used to sign, or nothing."""
        signer = self.signer
        if signer is None:
            return self.tr("Choose a key.")
        missing = self.form.traits.certificate == "needed" and not self.chain
        if signer.why_not_in(self.form) or missing:
            return self.tr("This key cannot sign files in this format yet.")
        if self._place.problem:
            return self._place.problem
        try:
            self.choices.check()
        except Refused as error:
            return str(error)
        return ""

    def show_signers(self, signers: Sequence[Signer]) -> None:
        """Offer these keys; those that can sign come first."""
        self._signers = tuple(signers)
        self._fill_keys()
        self._apply(self._wanted)

    # Building.

    def _add(self, name: str, field: QWidget, *extra: QWidget) -> QLabel:
        row = self._grid.rowCount()
        caption = QLabel(name)
        caption.setProperty("role", "strong")
        caption.setBuddy(field)
        field.setAccessibleName(name.replace("&", ""))
        line = QHBoxLayout()
        line.setSpacing(self._context.look.unit * 2)
        line.addWidget(field, 1)
        for widget in extra:
            line.addWidget(widget)
        self._grid.addWidget(caption, row, 0)
        self._grid.addLayout(line, row, 1)
        self._captions.append(caption)
        return caption

    def _align(self) -> None:
        """Let all fields begin below each other, those that come and go as well."""
        captions = (*self._captions, *self._options.captions, *self._further.captions)
        width = max(caption.sizeHint().width() for caption in captions)
        self._grid.setColumnMinimumWidth(0, width)
        self._options.align(width)
        self._further.align(width)

    def _build_format(self) -> None:
        self._format = QComboBox()
        keep_narrow(self._format)
        for form in FORMATS.values():
            self._format.addItem(f"{form.title} ({form.suffix})", form.name)
            tip = form.standard
            self._format.setItemData(self._format.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._format.setCurrentIndex(self._format.findData("cms"))
        self._format.currentIndexChanged.connect(lambda _place: self._format_chosen())
        self._add(self.tr("&Format"), self._format)

    def _build_key(self) -> None:
        look = self._context.look
        self._key = QComboBox()
        self._key.setEnabled(False)
        self._key.addItem(self.tr("Looking for signing keys…"))
        keep_narrow(self._key)
        self.setFocusProxy(self._key)
        self._key.currentIndexChanged.connect(lambda _place: self._key_chosen())
        self._add(self.tr("Signing &key"), self._key)
        self._chain_line = label("", "muted", wrap=True)
        self._issue = push_button(
            self.tr("Issue a certificate…"),
            lambda: self.certificate_wanted.emit(self.signer.id if self.signer else ""),
        )
        look.dress(self._issue, "certificate")
        self._issue.hide()
        row = self._grid.rowCount()
        line = QHBoxLayout()
        line.addWidget(self._chain_line, 1)
        line.addWidget(self._issue)
        self._grid.addLayout(line, row, 1)

    def _build_algorithms(self) -> None:
        self._digest = QComboBox()
        keep_narrow(self._digest)
        self._digest.currentIndexChanged.connect(lambda _place: self.changed.emit())
        self._digest.setToolTip(
            self.tr("The hash of the file that is signed; the key's algorithm decides which fit")
        )
        self._padding = QComboBox()
        self._padding.addItems([self.tr("PKCS#1 v1.5"), self.tr("PSS")])
        self._padding.setAccessibleName(self.tr("RSA padding"))
        self._padding.setToolTip(self.tr("RSA padding"))
        self._padding.hide()
        self._digest_caption = self._add(self.tr("&Digest"), self._digest, self._padding)
        self._options = FormatFields(self._context.look)
        self._options.show_format("cms", {})
        self._options.changed.connect(self.changed)
        self._grid.addWidget(self._options, self._grid.rowCount(), 0, 1, 2)
        self._further = Further(self._context.look)
        self._further.changed.connect(self._further_chosen)
        self._grid.addWidget(self._further, self._grid.rowCount(), 0, 1, 2)
        self._advice = label("", "muted", wrap=True)
        self._advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(self._advice, self._grid.rowCount(), 1)

    def _build_name(self) -> None:
        self._name = QLineEdit()
        self._name.setMaxLength(LONGEST_NAME)
        self._name.setPlaceholderText(self.tr("Optional: keeps these choices under a name"))
        self._add(self.tr("Recipe &name"), self._name)

    # What happens.

    def _key_line(self, signer: Signer) -> str:
        spec = spec_name(signer.spec)
        if not signer.why_not_in(self.form):
            return f"{signer.name} ({spec})"
        return f"{signer.name} ({spec}) \N{EN DASH} {self._why_not(signer)}"

    def _why_not(self, signer: Signer) -> str:
        why = signer.why_not_in(self.form)
        if why is WhyNot.NO_CERTIFICATE:
            return self.tr("no certificate yet")
        if why is WhyNot.NO_SCHEME:
            return self.tr("this format has no such signatures")
        return self.tr("not enabled")

    def _fill_keys(self) -> None:
        """Offer the keys, those that can sign in the format first; the chosen one stays chosen."""
        before, form = self.signer, self.form
        listed = sorted(self._signers, key=lambda one: bool(one.why_not_in(form)))
        self._key.blockSignals(True)
        self._key.clear()
        for place, signer in enumerate(listed):
            ready = not signer.why_not_in(form)
            if place and not ready and not listed[place - 1].why_not_in(form):
                self._key.insertSeparator(self._key.count())
            self._key.addItem(self._key_line(signer), signer)
            if not ready:
                tip = self._why_not(signer)
                self._key.setItemData(self._key.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        if before is not None and not before.why_not_in(form):
            self._key.setCurrentIndex(max(0, self._key.findText(self._key_line(before))))
        self._key.blockSignals(False)
        self._key.setEnabled(bool(self._signers))

    def _format_chosen(self) -> None:
        self._options.show_format(self.form.name, {})
        self._align()
        self._fill_keys()
        self._key_chosen()

    def _further_chosen(self) -> None:
        self._advise()
        self.changed.emit()

    def _apply(self, choices: Choices) -> None:
        self._wanted = choices
        self._name.setText(choices.name)
        self._place.apply(choices)
        self._padding.setCurrentIndex(1 if choices.pss else 0)
        self._format.blockSignals(True)
        self._format.setCurrentIndex(max(0, self._format.findData(choices.kind)))
        self._format.blockSignals(False)
        self._options.show_format(self.form.name, dict(choices.options))
        self._align()
        self._fill_keys()
        wanted = choices.keys[0].id if choices.keys else ""
        for place in range(self._key.count()):
            signer = self._key.itemData(place)
            usable = isinstance(signer, Signer) and not signer.why_not_in(self.form)
            if usable and signer.is_called(wanted):
                self._key.blockSignals(True)
                self._key.setCurrentIndex(place)
                self._key.blockSignals(False)
        self._key_chosen()
        self._further.apply(choices)
        self._advise()

    def _key_chosen(self) -> None:
        signer, form = self.signer, self.form
        self.chain = ()
        digests = form.traits.digests(signer.spec) if signer else ()
        self._digest.blockSignals(True)
        self._digest.clear()
        for place, digest in enumerate(digests):
            usual = self.tr("{digest} (usual for this key)").format(digest=digest)
            self._digest.addItem(usual if place == 0 else digest, "" if place == 0 else digest)
        self._digest.setCurrentIndex(max(0, self._digest.findData(self._wanted.digest)))
        self._digest.setEnabled(self._digest.count() > 1)
        self._digest.blockSignals(False)
        for widget in (self._digest, self._digest_caption):
            widget.setVisible(bool(digests))
        self._padding.setVisible(bool(signer and signer.spec.startswith("RSA")))
        self._further.show_signers(form, signer, self._signers)
        why = signer.why_not_in(form) if signer else WhyNot.NOTHING
        self._issue.setVisible(why is WhyNot.NO_CERTIFICATE)
        self._advise()
        self._look_up(signer)
        self.changed.emit()

    def _advise(self) -> None:
        """Say who cannot check ML-DSA yet, and that a second key is the way out."""
        specs = [key.spec for key in self.choices.keys]
        text = advice(self.form, specs) if specs else ""
        self._advice.setText(text)
        self._advice.setVisible(bool(text))

    def _look_up(self, signer: Signer | None) -> None:
        if signer is None:
            self._say("" if self._key.isEnabled() else self.tr("There is no signing key."), "muted")
            self._issue.setVisible(self._signers == () and not self._key.isEnabled())
            return
        if signer.why_not_in(self.form):
            self._say(self._hint(signer), "error")
            return
        if self.form.traits.certificate == "none":
            self._say(self.tr("This format carries no certificate: give the public key along."))
            return
        self._say(self.tr("Looking up its certificate…"), "muted")
        bench, purpose = self._context.bench, self.form.traits.purpose
        self._context.session.start(
            self,
            lambda: signing_chain(bench.kms, bench.shelf, signer.id, purpose),
            partial(self._chain_found, signer.id),
            partial(self._chain_missing, signer.id),
        )

    def _hint(self, signer: Signer) -> str:
        why = signer.why_not_in(self.form)
        if why is WhyNot.NO_CERTIFICATE:
            return self.tr(
                "No certificate says whose key this is. Issue one, then sign files with it."
            )
        if why is WhyNot.NO_SCHEME:
            return self.tr("No standard says how {spec} keys sign in this format.").format(
                spec=spec_name(signer.spec)
            )
        return self.tr("Its state is {state}. Enable it in the Keys pane first.").format(
            state=signer.state
        )

    def _chain_found(self, key_id: str, chain: tuple[bytes, ...]) -> None:
        if self.signer is None or self.signer.id != key_id:
            return
        self.chain = chain
        until = facts(chain[0]).certificate.not_valid_after_utc
        left = (until - self._context.bench.clock.now()).days
        line = chain_line(chain)
        if left < 0:
            text = self.tr("{chain}. Expired on {date}: nobody will accept its signatures.")
            self._say(text.format(chain=line, date=local_date(until)), "error")
        elif left < _SOON_DAYS:
            text = self.tr("{chain}. Expires soon, on {date}.")
            self._say(text.format(chain=line, date=local_date(until)), "muted")
        else:
            self._say(line, "muted")
        self.changed.emit()

    def _chain_missing(self, key_id: str, words: Explanation) -> None:
        if self.signer is None or self.signer.id != key_id:
            return
        if self.form.traits.certificate == "used":
            self._say(self.tr("Without a certificate: give the public key along."))
        else:
            self._say(words.text, "error")
        self.changed.emit()

    def _say(self, text: str, role: str = "muted") -> None:
        self._chain_line.setText(text)
        set_role(self._chain_line, role)
