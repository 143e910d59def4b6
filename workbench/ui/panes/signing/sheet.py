"""The sheet that comes up for what was dropped or chosen: what it is, and what can be done.

Owns the choice between signing, verifying, inspecting and importing, with the likeliest chosen
already. What is then done is the pane's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from workbench.signing.sniff import Sniffed
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.signing.counting import Counter, sign_verb, summary
from workbench.ui.panes.signing.recipe_form import RecipeForm
from workbench.ui.panes.signing.recipes import Choices, Remembered
from workbench.ui.panes.signing.signers import Signer, SignerBook
from workbench.ui.panes.signing.survey import Survey, Way
from workbench.ui.panes.signing.words import (
    DOT,
    count_things,
    kind_mark,
    shown_name,
)
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.elided import ElidedLabel
from workbench.ui.widgets.texts import number, size

_LISTED = 5


@dataclass(frozen=True, slots=True)
class SheetActions:
    """What the pane does with what was chosen.

    Attributes:
        sign: given choices and paths; calls back with nothing or the explanation.
        verify: given the survey.
        inspect: given the survey.
        take_in: leads to importing certificates; given the survey.
        issue: leads to issuing a certificate for a key id.
    """

    sign: Callable[[Choices, Survey, Callable[[Explanation | None], None]], None]
    verify: Callable[[Survey], None]
    inspect: Callable[[Survey], None]
    take_in: Callable[[Survey], None]
    issue: Callable[[str], None]


class DropSheet(BaseDialog):
    """Asks what to do.

    Args:
        context: look, session, bench.
        survey: what there is.
        book: what was chosen last.
        signers: lists keys.
        actions: does it.
        parent: the pane.
        way: what is chosen to begin with; the likeliest if None.
    """

    def __init__(
        self,
        context: Context,
        survey: Survey,
        book: Remembered,
        signers: SignerBook,
        actions: SheetActions,
        parent: QWidget,
        way: Way | None = None,
    ) -> None:
        super().__init__(context.look, _title(survey), parent)
        self.setObjectName("signing.sheet")
        self.setMinimumWidth(context.look.unit * 150)
        self._context = context
        self._survey = survey
        self._book = book
        self._signers = signers
        self._actions = actions
        self._counter = Counter(context.session, survey.signable, self)
        self._counter.changed.connect(self._show_state)
        self._working = False
        self.ways = survey.ways
        self.body.addWidget(self._build_things())
        self._pages: list[QWidget] = []
        self._group = QButtonGroup(self)
        self._build_ways(way)
        self.add_cancel()
        self.main_button = push_button("", self._press, "primary")
        self.main_button.setDefault(True)
        self.buttons.addWidget(self.main_button)
        self.finished.connect(lambda _result: self._counter.stop())
        self._turn()
        self.main_button.setFocus()
        if Way.SIGN in self.ways:
            self._load()

    @property
    def way(self) -> Way | None:
        """What is chosen."""
        place = self._group.checkedId()
        return self.ways[place] if 0 <= place < len(self.ways) else None

    # Building.

    def _build_things(self) -> QFrame:
        look = self._context.look
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setSpacing(look.unit)
        things = self._survey.things
        for thing in things[:_LISTED]:
            column.addLayout(self._thing_line(thing))
        more = len(self._survey.paths) - _LISTED
        if more > 0:
            column.addWidget(label(self.tr("and {n} more").format(n=number(more)), "muted"))
        return card

    def _thing_line(self, thing: Sniffed) -> QHBoxLayout:
        look = self._context.look
        mark = kind_mark(thing.kind)
        picture = QLabel()
        look.dress_label(picture, mark.icon, mark.tone)
        name = ElidedLabel("strong")
        name.say(shown_name(thing.path))
        about = thing.title + (f"{DOT}{size(thing.size)}" if thing.size else "")
        line = QHBoxLayout()
        line.setSpacing(look.unit * 2)
        line.addWidget(picture)
        line.addWidget(name, 1)
        line.addWidget(label(about, "muted"))
        return line

    def _build_ways(self, way: Way | None) -> None:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._context.look.unit)
        builders = {
            Way.SIGN: self._build_sign,
            Way.VERIFY: lambda: self._build_note(self._verify_note()),
            Way.INSPECT: lambda: self._build_note(
                self.tr("Shows what is inside. Nothing is changed.")
            ),
            Way.IMPORT: self._build_import,
        }
        for place, one in enumerate(self.ways):
            button = QRadioButton(self._way_line(one))
            self._group.addButton(button, place)
            column.addWidget(button)
            self._pages.append(builders[one]())
        box.setVisible(len(self.ways) > 1)
        self.body.addWidget(box)
        if not self.ways:
            self._pages.append(self._build_note(self._nothing_note()))
        for page in self._pages:
            self.body.addWidget(page)
        self.body.addStretch(1)
        if not self.ways:
            return
        chosen = self.ways.index(way) if way in self.ways else 0
        self._group.button(chosen).setChecked(True)
        self._group.idToggled.connect(lambda _place, on: self._turn() if on else None)

    def _way_line(self, way: Way) -> str:
        if way is Way.SIGN:
            return self.tr("&Sign: write a signature for each file")
        if way is Way.VERIFY:
            return self.tr("&Verify: is it signed, by whom, and can that be trusted?")
        if way is Way.INSPECT:
            return self.tr("&Inspect: show what is inside")
        return self.tr("I&mport: add to the certificates of this vault")

    def _build_sign(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._context.look.unit * 3)
        self.form = RecipeForm(self._context, self._book)
        self.form.changed.connect(self._form_changed)
        self.form.certificate_wanted.connect(self._issue)
        self.summary = label("", wrap=True)
        column.addWidget(self.form)
        column.addWidget(self.summary)
        return page

    def _build_note(self, text: str) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(text, "muted", wrap=True))
        return page

    def _build_import(self) -> QWidget:
        return self._build_note(
            self.tr("Shows what was found first; nothing is added before you have seen it.")
        )

    def _verify_note(self) -> str:
        pairs = self._survey.pairs
        if len(pairs) == 1:
            file, signature = pairs[0]
            return self.tr("Checks “{file}” against “{signature}”.").format(
                file=shown_name(file), signature=shown_name(signature)
            )
        if pairs:
            return self.tr("Checks {n} files, each against its own signature.").format(
                n=number(len(pairs))
            )
        if self._survey.arrangement.signatures:
            return self.tr("The file it belongs to is asked for next.")
        return self.tr("Its signature is asked for next.")

    def _nothing_note(self) -> str:
        titles = [f"{shown_name(thing.path)}: {thing.title}." for thing in self._survey.things]
        return self.tr("Nothing can be done with this here. {why}").format(
            why=" ".join(titles[:_LISTED])
        )

    # What happens.

    def _load(self) -> None:
        self._context.session.start(self, self._signers.read, self._signers_found, self._failed)

    def _signers_found(self, signers: tuple[Signer, ...]) -> None:
        self.form.show_signers(signers)
        if self.way is Way.SIGN:
            self.form.setFocus()
        self._form_changed()

    def _failed(self, words: Explanation) -> None:
        self.show_problem(words)

    def _form_changed(self) -> None:
        choices = self.form.choices
        self._counter.begin(choices.place, choices.kind)
        self._show_state()

    def _turn(self) -> None:
        for place, page in enumerate(self._pages):
            page.setVisible(place == max(0, self._group.checkedId()))
        self.show_problem("")
        self._show_state()

    def _show_state(self) -> None:
        way = self.way
        self.grow()
        self.main_button.setVisible(way is not None)
        if way is Way.SIGN:
            problem = self.form.problem
            known = self._counter.whole
            ready = not problem and not self._working and (known is None or known.files > 0)
            self.main_button.setEnabled(ready)
            self.main_button.setToolTip(problem)
            self.main_button.setText(sign_verb(known))
            signer = self.form.signer
            key, replace = signer.name if signer else "", self.form.choices.replace
            self.summary.setText(summary(self._counter, key, replace=replace))
            return
        verbs = {
            Way.VERIFY: self.tr("Verify"),
            Way.INSPECT: self.tr("Inspect"),
            Way.IMPORT: self.tr("Import…"),
        }
        self.main_button.setEnabled(True)
        self.main_button.setToolTip("")
        if way is not None:
            self.main_button.setText(verbs[way])

    def _issue(self, key_id: str) -> None:
        self.reject()
        self._actions.issue(key_id)

    def _press(self) -> None:
        self.show_problem("")
        way = self.way
        if way is Way.SIGN:
            if self.form.problem:
                self.show_problem(self.form.problem)
                return
            self._working = True
            self._show_state()
            self._actions.sign(self.form.choices, self._survey, self._sign_answered)
            return
        self.accept()
        if way is Way.VERIFY:
            self._actions.verify(self._survey)
        elif way is Way.INSPECT:
            self._actions.inspect(self._survey)
        elif way is Way.IMPORT:
            self._actions.take_in(self._survey)

    def _sign_answered(self, problem: Explanation | None) -> None:
        if not isValid(self):
            return
        self._working = False
        if problem is None:
            self.accept()
        else:
            self.show_problem(problem)
            self._show_state()


def _title(survey: Survey) -> str:
    name = count_things(survey.paths)
    if survey.ways == (Way.SIGN,):
        return QCoreApplication.translate("signing", "Sign {name}").format(name=name)
    return name
