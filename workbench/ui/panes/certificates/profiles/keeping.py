"""What can be done with profiles, and the dialogs that lead there."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget
from shiboken6 import isValid

from workbench.pki.profile_shelf import every_profile
from workbench.pki.profiles import wrong_name
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.outgoing import Outgoing
from workbench.ui.panes.certificates.profiles.browser import Deeds, Entry, ProfilesDialog
from workbench.ui.panes.certificates.profiles.editor import ProfileDialog
from workbench.ui.panes.certificates.profiles.files import read_bytes, read_document
from workbench.ui.panes.certificates.profiles.words import OWN, uses_words
from workbench.ui.panes.certificates.sharing import plain_name
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant, FormDialog

_FEW: Final = 5
_SUFFIX: Final = "profile.json"


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Profiles:
    """Opens the dialogs and has profiles drafted, checked, kept and deleted.

    Args:
        host: the pane.
        outgoing: writes files.
    """

    def __init__(self, host: Host, outgoing: Outgoing) -> None:
        self._host = host
        self._outgoing = outgoing
        self.dialog: ProfilesDialog | None = None
        self.editor: ProfileDialog | None = None
        self.naming: FormDialog | None = None
        self.question: DangerDialog | None = None
        self.asked: QFileDialog | None = None

    def open(self) -> None:
        """Show every profile."""
        context = self._host.context
        deeds = Deeds(
            self._show, self._begin, self._rename, self._delete, self._export, self._bring,
            self._from_file,
        )  # fmt: skip
        dialog = ProfilesDialog(context.look, context.preferences, deeds, self._host.widget)
        self.dialog = dialog
        dialog.open()
        self._read()

    def begin_from_certificate(self) -> None:
        """Begin a profile that gives other certificates what the chosen one has."""
        record = self._host.selected[0]
        self._draft({"CertificateId": record.id}, plain_name(record.name, "profile"))

    def take_document(self, path: Path) -> None:
        """Bring a profile from a file."""
        shelf = self._host.context.bench.shelf

        def work() -> tuple[str, Entry, list[str]]:
            text = read_document(path)
            return text, shelf.draft_profile(Document=text)["Profile"], _names(shelf)

        self._start(work, lambda found: self._brought(*found), _tr("Reading a profile"))

    def take_certificate(self, path: Path) -> None:
        """Begin a profile from the certificate in a file."""
        shelf = self._host.context.bench.shelf

        def work() -> tuple[Entry, list[str]]:
            draft = shelf.draft_profile(Certificate=read_bytes(path))["Profile"]
            return draft, _names(shelf)

        def done(found: tuple[Entry, list[str]]) -> None:
            self._edit_new(found[0], plain_name(path.stem, "profile"), found[1])

        self._start(work, done, _tr("Reading a certificate"))

    def _read(self, select: str = "") -> None:
        shelf, dialog = self._host.context.bench.shelf, self._shown()
        if dialog is None:
            return
        self._host.context.session.start(
            dialog,
            lambda: list(every_profile(shelf)),
            lambda entries: dialog.show_entries(entries, select),
            dialog.show_problem,
        )

    def _show(self, entry: Entry) -> None:
        own = entry["Kind"] == OWN
        title = _tr("Profile “{name}”") if own else _tr("Template “{name}”")
        dialog = self._open_editor(title.format(name=entry["Name"]), entry)
        if not own:
            dialog.show_only(entry["Name"])
            return
        dialog.keep_name(entry["Name"])
        shelf = self._host.context.bench.shelf
        self._on_keep(dialog, lambda profile: shelf.update_profile(Profile=profile))

    def _begin(self, entry: Entry | None) -> None:
        if entry is None:
            self._draft({}, "")
        elif entry["Kind"] == OWN:
            self._draft({"Name": entry["Name"]}, f"{entry['Name'][:60]}-2")
        else:
            self._draft({"TemplateArn": entry["Arn"]}, "")

    def _draft(self, start: Mapping[str, Any], suggested: str) -> None:
        shelf = self._host.context.bench.shelf

        def work() -> tuple[Entry, list[str]]:
            if "Name" in start:
                return shelf.get_profile(Name=start["Name"])["Profile"], _names(shelf)
            return shelf.draft_profile(**start)["Profile"], _names(shelf)

        self._start(work, lambda found: self._edit_new(found[0], suggested, found[1]))

    def _edit_new(self, entry: Entry, suggested: str, taken: Sequence[str]) -> None:
        dialog = self._open_editor(_tr("New profile"), entry)
        dialog.ask_name(suggested, taken)
        shelf = self._host.context.bench.shelf
        self._on_keep(
            dialog, lambda profile: shelf.create_profile(Name=profile["Name"], Profile=profile)
        )

    def _open_editor(self, title: str, entry: Entry) -> ProfileDialog:
        dialog = ProfileDialog(self._host.context.look, title, entry, self._check, self._parent)
        self.editor = dialog
        dialog.open()
        return dialog

    def _check(self, dialog: ProfileDialog, profile: dict[str, Any]) -> None:
        context = self._host.context
        shelf, now = context.bench.shelf, context.bench.clock.now()
        dialog.number += 1
        mine = dialog.number

        def found(answer: Mapping[str, Any]) -> None:
            if mine == dialog.number:
                dialog.show_findings(answer, now)

        def refused(words: Explanation) -> None:
            if mine == dialog.number:
                dialog.show_refused(words)

        context.session.start(dialog, lambda: shelf.check_profile(Profile=profile), found, refused)

    def _on_keep(self, dialog: ProfileDialog, keep: Callable[[dict[str, Any]], Any]) -> None:
        def submit() -> None:
            profile = dialog.profile
            dialog.show_working(working=True)

            def kept(_answer: object) -> None:
                dialog.accept()
                self._tell(_tr("The profile “{name}” is kept."), profile["Name"])

            def failed(words: Explanation) -> None:
                dialog.show_working(working=False)
                dialog.show_problem(words)

            self._host.context.session.start(
                dialog, lambda: keep(profile), kept, failed, _tr("Keeping a profile"), mutates=True
            )

        dialog.on_submit(submit)

    def _rename(self, entry: Entry) -> None:
        context, before = self._host.context, entry["Name"]
        dialog = FormDialog(
            context.look, _tr("Rename “{name}”").format(name=before), _tr("Rename"), self._parent
        )
        dialog.setProperty(HELP_PAGE, "profiles")
        name = QLineEdit(before)
        name.setMaxLength(64)
        hint = _tr("Certificates that were made from it are noted under the new name as well.")
        dialog.add_field(_tr("&Name"), name, hint, lambda: wrong_name(name.text().strip()))
        name.selectAll()
        name.setFocus()

        def submit() -> None:
            after, shelf = name.text().strip(), context.bench.shelf

            def renamed(_answer: object) -> None:
                dialog.accept()
                self._tell(_tr("The profile is called “{name}” now."), after)

            context.session.start(
                dialog, lambda: shelf.rename_profile(Name=before, NewName=after), renamed,
                dialog.show_problem, mutates=True,
            )  # fmt: skip

        dialog.on_submit(submit)
        self.naming = dialog
        dialog.open()

    def _delete(self, entry: Entry) -> None:
        shelf, name = self._host.context.bench.shelf, entry["Name"]
        self._start(
            lambda: shelf.list_profile_uses(Name=name, MaxResults=_FEW),
            lambda uses: self._ask_delete(name, uses),
        )

    def _ask_delete(self, name: str, uses: Mapping[str, Any]) -> None:
        shelf = self._host.context.bench.shelf

        def delete() -> None:
            self._start(
                lambda: shelf.delete_profile(Name=name),
                lambda _answer: self._tell(_tr("The profile “{name}” is deleted."), name, ""),
                mutates=True,
            )

        made = [Dependant(uses_words(uses), "certificate")] if uses["Count"] else []
        self.question = DangerDialog(
            self._host.context.look,
            _tr("Delete the profile “{name}”?").format(name=name),
            [name],
            made,
            [Choice(_tr("Delete profile"), delete, danger=True,
                    why=_tr("Nothing new can be made from it; export it first to keep a copy."))],
            self._parent,
        )  # fmt: skip
        self.question.open()

    def _export(self, entry: Entry) -> None:
        shelf, name = self._host.context.bench.shelf, entry["Name"]
        files = QFileDialog(self._parent, _tr("Export profile"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setDefaultSuffix("json")
        files.setNameFilters([_tr("Certificate profiles (*.json)")])
        files.selectFile(f"{plain_name(name, 'profile')}.{_SUFFIX}")

        def document() -> bytes:
            return str(shelf.export_profile(Name=name)["Document"]).encode()

        files.fileSelected.connect(lambda path: self._outgoing.write_made(Path(path), document))
        self.asked = files
        files.open()

    def _bring(self) -> None:
        kinds = [_tr("Certificate profiles (*.json)"), _tr("All files (*)")]
        self._ask_file(_tr("Import profile"), kinds, self.take_document)

    def _from_file(self) -> None:
        kinds = [_tr("Certificates (*.pem *.crt *.cer *.der)"), _tr("All files (*)")]
        self._ask_file(_tr("Certificate"), kinds, self.take_certificate)

    def _ask_file(self, title: str, kinds: Sequence[str], take: Callable[[Path], None]) -> None:
        files = QFileDialog(self._parent, title)
        files.setNameFilters(kinds)
        files.fileSelected.connect(lambda name: take(Path(name)))
        self.asked = files
        files.open()

    def _brought(self, text: str, draft: Entry, taken: Sequence[str]) -> None:
        shelf, name = self._host.context.bench.shelf, draft["Name"]

        def keep(*, replace: bool) -> None:
            self._start(
                lambda: shelf.import_profile(Document=text, Replace=replace),
                lambda _answer: self._tell(_tr("The profile “{name}” is imported."), name),
                mutates=True,
            )

        if name not in taken:
            keep(replace=False)
            return
        self.question = DangerDialog(
            self._host.context.look,
            _tr("There is a profile “{name}” already").format(name=name),
            [name],
            [Dependant(_tr("The file holds a profile of the same name."), "profile")],
            [
                Choice(_tr("Import under another name…"),
                       lambda: self._edit_new(draft, f"{name[:60]}-2", taken)),
                Choice(_tr("Replace"), lambda: keep(replace=True), danger=True,
                       why=_tr("What the profile says now is lost.")),
            ],
            self._parent,
        )  # fmt: skip
        self.question.open()

    def _tell(self, words: str, name: str, select: str | None = None) -> None:
        self._host.context.frame.notify(words.format(name=name), "ok")
        self._read(name if select is None else select)

    def _start(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        busy: str = "",
        *,
        mutates: bool = False,
    ) -> None:
        dialog = self._shown()
        failed = dialog.show_problem if dialog is not None else None
        if dialog is not None:
            dialog.show_problem("")
        self._host.context.session.start(self._parent, work, done, failed, busy, mutates=mutates)

    @property
    def _parent(self) -> QWidget:
        return self._shown() or self._host.widget

    def _shown(self) -> ProfilesDialog | None:
        if self.dialog is None or not isValid(self.dialog):
            return None
        shown = self.dialog.isVisible() or self.dialog.property("curtained") is True
        return self.dialog if shown else None


def _names(shelf: Any) -> list[str]:
    return [one["Name"] for one in every_profile(shelf, Kind=OWN)]
