"""The dialog that connects to AWS: profile, Region, endpoint; tried out before anything is shown.

Owns what is asked and remembered. Profiles are shown by name alone; what they say stays boto3's.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHBoxLayout, QLineEdit, QWidget

from workbench.base.errors import Refused
from workbench.base.sites import Site, check_endpoint
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.places.connections import (
    LONGEST_NAME,
    Connection,
    connections_of,
    forget,
    name_problem,
    remember,
)
from workbench.ui.ports import BenchPort
from workbench.ui.session import Task
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import number

_FOUND_BY_ITSELF: Final = ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("places", text)


class ConnectDialog(FormDialog):
    """Asks where in AWS to look, and as whom.

    Args:
        context: bench, session, look, frame, preferences.
        parent: the workspace, so that it goes with the vault.

    Signals:
        entered(BenchPort): the connection answered; the bench as it looks from there.
    """

    entered = Signal(object)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context.look, _tr("Connect to AWS"), _tr("Connect"), parent)
        self.setObjectName("places.connect")
        self.setProperty("help_page", "aws")
        self.setMinimumWidth(context.look.unit * 150)
        self._context = context
        self._asking: Task | None = None
        told = self.tr(
            "The panes then show the keys and CAs of an AWS account. Who you are comes from a"
            " profile of the AWS configuration on this machine; Key Workbench remembers its name"
            " and never what is in it."
        )
        self.body.addWidget(label(told, "muted", wrap=True))
        self._add_remembered()
        self._add_fields()
        self._add_outcome()
        self.on_submit(self._connect)
        self.test_button = push_button(self.tr("&Test connection"), self.test)
        self.buttons.insertWidget(0, self.test_button)
        self.finished.connect(lambda _result: self._give_up())
        self._read_profiles()
        self.profile.setFocus()

    @property
    def site(self) -> Site:
        """What the fields say."""
        return Site(
            self.region.currentText().strip(),
            aws=True,
            profile=str(self.profile.currentData() or ""),
            endpoint=self.endpoint.text().strip(),
        )

    # Building.

    def _add_remembered(self) -> None:
        self.remembered = QComboBox()
        self.forget_button = push_button(self.tr("&Forget"), self._forget)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.look.unit * 2)
        row.addWidget(self.remembered, 1)
        row.addWidget(self.forget_button)
        field = QWidget()
        field.setLayout(row)
        field.setFocusProxy(self.remembered)
        self._remembered_group = self.add_field(self.tr("Re&membered connection"), field)
        self.remembered.setAccessibleName(self.tr("Remembered connection"))
        self._fill_remembered()
        self.remembered.currentIndexChanged.connect(lambda _row: self._take())

    def _add_fields(self) -> None:
        self.profile = QComboBox()
        self.profile.addItem(self.tr("Reading the AWS configuration…"), _FOUND_BY_ITSELF)
        self.add_field(
            self.tr("&Profile"),
            self.profile,
            self.tr("From ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE points."),
        )
        self.region = QComboBox()
        self.region.setEditable(True)
        self.region.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.add_field(self.tr("&Region"), self.region, check=self._check_region)
        self.endpoint = QLineEdit()
        self.endpoint.setPlaceholderText(self.tr("AWS's own"))
        self.add_field(
            self.tr("&Endpoint URL (optional)"),
            self.endpoint,
            self.tr("Only for what stands in for AWS: LocalStack, or another workbench serve."),
            self._check_endpoint,
        )
        self.keep = QCheckBox(self.tr("Re&member this connection"))
        self.keep.setChecked(True)
        self.body.addWidget(self.keep)
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        group = self.add_field(self.tr("&Name"), self.name, check=self._check_name)
        self.keep.toggled.connect(group.setVisible)
        self.keep.toggled.connect(lambda _on: self.validate())
        self._named = False
        self.name.textEdited.connect(lambda text: self._set_named(named=bool(text.strip())))
        self.profile.currentIndexChanged.connect(lambda _row: self._profile_chosen())
        self.region.editTextChanged.connect(lambda _text: self._changed())
        self.endpoint.textChanged.connect(lambda _text: self._changed())

    def _add_outcome(self) -> None:
        self._outcome = QFrame()
        self._outcome.setProperty("role", "card-ok")
        self.outcome = label("", wrap=True)
        row = QHBoxLayout(self._outcome)
        row.addWidget(self.outcome, 1)
        self._outcome.hide()
        self.body.addWidget(self._outcome)

    # What it reads.

    def _read_profiles(self) -> None:
        places = self._context.bench.places

        def read() -> tuple[tuple[str, ...], tuple[str, ...]]:
            # Like the panes, only now: it reads botocore's files.
            from workbench.ui.panes.keys.regions import known_regions  # noqa: PLC0415 - as said

            return places.profiles(), known_regions()

        def refused(words: Explanation) -> None:
            self._fill_profiles(())
            self.show_problem(words)

        self._context.session.start(self, read, lambda found: self._fill(*found), refused)

    def _fill(self, profiles: tuple[str, ...], regions: tuple[str, ...]) -> None:
        typed = self.region.currentText()
        self.region.blockSignals(True)
        self.region.addItems(list(regions))
        self.region.setCurrentIndex(-1)
        self.region.setEditText(typed)
        self.region.blockSignals(False)
        self._fill_profiles(profiles)

    def _fill_profiles(self, profiles: tuple[str, ...]) -> None:
        self.profile.blockSignals(True)
        self.profile.clear()
        for name in profiles:
            self.profile.addItem(name, name)
        words = self.tr("No profile: credentials of the environment or of this machine")
        self.profile.addItem(words, _FOUND_BY_ITSELF)
        default = self.profile.findData("default")
        self.profile.setCurrentIndex(max(0, default))
        self.profile.blockSignals(False)
        self._profile_chosen()
        self._take()

    def _profile_chosen(self) -> None:
        """Take over the Region the profile names, unless one was typed."""
        self._changed()
        profile, places = self.site.profile, self._context.bench.places

        def known(region: str) -> None:
            if profile == self.site.profile and region and not self._picked:
                self.region.setEditText(region)

        self._context.session.start(
            self, partial(places.region_of, profile), known, lambda _words: None
        )

    @property
    def _picked(self) -> Connection | None:
        found = self.remembered.currentData()
        return found if isinstance(found, Connection) else None

    def _fill_remembered(self) -> None:
        self.remembered.blockSignals(True)
        self.remembered.clear()
        self.remembered.addItem(self.tr("A new one"), None)
        for one in connections_of(self._context.preferences):
            self.remembered.addItem(one.name, one)
        self.remembered.blockSignals(False)
        self._remembered_group.setVisible(self.remembered.count() > 1)
        self.forget_button.setEnabled(False)

    def _take(self) -> None:
        """Fill the fields from the remembered connection that is chosen."""
        one = self._picked
        self.forget_button.setEnabled(one is not None)
        if one is None:
            return
        place = self.profile.findData(one.site.profile)
        if place < 0:
            self.profile.addItem(one.site.profile, one.site.profile)
            place = self.profile.count() - 1
        self.profile.setCurrentIndex(place)
        self.region.setEditText(one.site.region)
        self.endpoint.setText(one.site.endpoint)
        self._set_named(named=True)
        self.name.setText(one.name)

    def _forget(self) -> None:
        one = self._picked
        if one is not None:
            forget(self._context.preferences, one.name)
            self._fill_remembered()

    def _set_named(self, *, named: bool) -> None:
        self._named = named

    def _changed(self) -> None:
        """Forget what was found out about something else; suggest a name."""
        self._outcome.hide()
        self.show_problem("")
        if not self._named:
            self.name.setText(self.site.text[:LONGEST_NAME])

    # What is checked while it is typed.

    def _check_region(self) -> str:
        typed = self.region.currentText().strip()
        usable = typed.isascii() and typed.replace("-", "").isalnum()
        return "" if usable else self.tr("Choose a Region, such as eu-central-1.")

    def _check_endpoint(self) -> str:
        try:
            check_endpoint(self.endpoint.text().strip())
        except Refused as error:
            return f"{error.message} {error.next_step}"
        return ""

    def _check_name(self) -> str:
        return name_problem(self.name.text()) if self.keep.isChecked() else ""

    # What it does.

    def test(self) -> None:
        """Ask who one is and whether keys can be listed; show what came of it."""
        self.show_problem("")
        self._outcome.hide()
        if self.validate(everything=True):
            site, places = self.site, self._context.bench.places
            self._ask(partial(places.check, site), self._tested, self.tr("Testing the connection"))

    def _connect(self) -> None:
        site, bench = self.site, self._context.bench
        words = self.tr("Connecting to {place}").format(place=site.text)
        self._ask(partial(bench.at, site), self._arrived, words)

    def _ask(self, work: Callable[[], Any], done: Callable[[Any], None], busy: str) -> None:
        self._give_up()
        self.show_working(working=True, text=self.tr("Connecting…"))
        self.test_button.setEnabled(False)
        mine: list[Task] = []

        def finish(tell: Callable[[Any], None], outcome: Any) -> None:
            if self._asking is mine[0]:
                self._asking = None
                self.show_working(working=False)
                self.test_button.setEnabled(True)
                tell(outcome)

        session = self._context.session
        mine.append(
            session.start(
                self, work, partial(finish, done), partial(finish, self.show_problem), busy
            )
        )
        self._asking = mine[0]

    def _give_up(self) -> None:
        if self._asking is not None:
            self._asking.drop()
            self._asking = None

    def _tested(self, found: Any) -> None:
        standing = found.standing
        lines = [
            self.tr("You are {arn}.").format(arn=standing.caller.arn),
            self.tr("Requests go to {url}.").format(url=standing.url),
        ]
        if found.problem:
            told = self.tr("Keys may not be listed: {why}").format(why=found.problem)
            lines.append(told)
        elif found.more:
            lines.append(self.tr("There are more than {n} keys.").format(n=number(found.keys)))
        elif found.keys == 1:
            lines.append(self.tr("There is one key."))
        else:
            lines.append(self.tr("There are {n} keys.").format(n=number(found.keys)))
        self._outcome.setProperty("role", "card-warning" if found.problem else "card-ok")
        self._outcome.style().unpolish(self._outcome)
        self._outcome.style().polish(self._outcome)
        self.outcome.setText("\n".join(lines))
        self._outcome.setAccessibleName("\n".join(lines))
        self._outcome.show()
        self.grow()

    def _arrived(self, view: BenchPort) -> None:
        if self.keep.isChecked():
            remember(self._context.preferences, Connection(self.name.text().strip(), view.site))
        self.accept()
        self.entered.emit(view)
