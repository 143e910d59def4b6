"""What the pane offers for the vault's own CAs.

Owns these commands, so that the pane need only make this, and tell it which CA is chosen.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from PySide6.QtCore import QCoreApplication
from shiboken6 import isValid

from workbench.pki.authority import Status
from workbench.pki.roster import Held
from workbench.ui.command import Command
from workbench.ui.panes.certificates.authorities import verbs
from workbench.ui.panes.certificates.authorities.actions import Action
from workbench.ui.panes.certificates.authorities.arriving import Arriving
from workbench.ui.panes.certificates.authorities.ending import Ending
from workbench.ui.panes.certificates.authorities.report_dialog import ReportDialog
from workbench.ui.panes.certificates.authorities.roster_dialog import RosterDialog
from workbench.ui.panes.certificates.authorities.self_sign import Rooting
from workbench.ui.panes.certificates.host import CommandHost
from workbench.ui.panes.certificates.importing import Importer
from workbench.ui.panes.certificates.outgoing import Outgoing

_ROSTER = "ca-roster"


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Pane(CommandHost, Protocol):
    """The pane, which registers commands and imports."""

    @property
    def importer(self) -> Importer:
        """Takes what is dropped beside the card of a CA."""


def _says(text: str) -> Callable[[Held | None], str]:
    return lambda _held: text


def _switch(held: Held | None) -> str:
    disabled = held is not None and held.status is Status.DISABLED
    return _tr("&Enable CA") if disabled else _tr("D&isable CA…")


class AuthorityCommands:
    """Registers the commands, keeps them true, and carries them out.

    Args:
        pane: the pane.
        outgoing: writes files.
    """

    def __init__(self, pane: Pane, outgoing: Outgoing) -> None:
        self._pane = pane
        self._outgoing = outgoing
        self._commands: dict[str, Command] = {}
        self.arriving = Arriving(pane, outgoing)
        self.rooting = Rooting(pane)
        self.ending = Ending(pane, self._reread, self._leave)
        self.report: ReportDialog | None = None
        self.roster: RosterDialog | None = None
        self.actions: Mapping[str, Action] = {
            "ca-request": Action(
                _says(_tr("Certificate re&quest of the CA…")), "file", "",
                _tr("Show, copy or save the request that an outside CA signs"),
                verbs.why_no_request, self.arriving.show_request,
            ),
            "ca-install": Action(
                _says(_tr("I&nstall CA certificate…")), "import", "Ctrl+Alt+I",
                _tr("Install the certificate that an outside CA issued for a CA of this vault"),
                verbs.why_not_installed, self.arriving.install,
            ),
            "ca-self-sign": Action(
                _says(_tr("Sign its o&wn certificate…")), "root", "",
                _tr("Have a root that waits for its certificate sign it with its own key"),
                verbs.why_not_self_signed, self.rooting.begin,
            ),
            "ca-report": Action(
                _says(_tr("&Audit report…")), "activity", "Ctrl+Alt+U",
                _tr("Everything a CA issued and revoked, as JSON or CSV"),
                verbs.why_not_reported, self._report,
            ),
            "ca-switch": Action(
                _switch, "disable", "",
                _tr("Have a CA issue nothing for now, or let it issue again"),
                verbs.why_not_switched, self.ending.switch,
            ),
            "ca-delete": Action(
                _says(_tr("Delete &CA…")), "delete", "",
                _tr("Delete a disabled CA; it can be restored for 7 to 30 days"),
                verbs.why_not_deleted, self.ending.delete,
            ),
            "ca-restore": Action(
                _says(_tr("Resto&re CA")), "restore", "",
                _tr("Bring a deleted CA back as it was"),
                verbs.why_not_restored, self.ending.restore,
            ),
        }  # fmt: skip

    def register(self) -> Mapping[str, Command]:
        """Put the commands into menu and palette; returns them by name."""
        for name, action in self.actions.items():
            slot = partial(self._run, action)
            self._commands[name] = self._pane.make_command(
                name, action.text(None), action.icon, slot, action.keys, action.tip
            )
        self._commands[_ROSTER] = self._pane.make_command(
            _ROSTER, _tr("Certificate au&thorities…"), "hierarchy", self._list, "Ctrl+Alt+A",
            _tr("Every CA of this vault, also those that wait for a certificate and deleted ones"),
        )  # fmt: skip
        for command in self._commands.values():
            self._pane.add_command(command)
            if self._on_aws:
                command.forbid(_tr("CAs in AWS are only looked at here"))
        return self._commands

    def update(self, held: Held | None) -> None:
        """Allow what is possible with the chosen CA and say why the rest is not."""
        if self._on_aws:
            return
        for name, action in self.actions.items():
            why = action.why_not(held)
            command = self._commands[name]
            command.setText(action.text(held))
            command.permit(possible=not why, why=why)

    @property
    def _on_aws(self) -> bool:
        return self._pane.context.bench.site.aws

    def steps(self, held: Held) -> list[tuple[str, str, Callable[[], None]]]:
        """Return what to do with a CA that waits for its certificate: why, words, what it does."""
        unwanted = (
            _tr("Or, if it is no longer wanted"),
            _tr("Delete this CA"),
            partial(self.ending.delete, held),
        )
        if held.root:
            own = _tr("A root signs its own certificate")
            return [
                (own, _tr("Sign its own certificate"), partial(self.rooting.begin, held)),
                unwanted,
            ]
        return [
            (
                _tr("First, have it signed by the outside CA"),
                _tr("Show its certificate request"),
                partial(self.arriving.show_request, held),
            ),
            (
                _tr("Then, once the certificate has come"),
                _tr("Install the certificate"),
                partial(self.arriving.install, held),
            ),
            unwanted,
        ]

    def begun(self, arn: str, name: str, csr: str) -> None:
        """Show the request of a CA that was just made."""
        self.arriving.begun(arn, name, csr)

    def take(self, arn: str, data: bytes) -> None:
        """Take certificates that were dropped on the drawing.

        Args:
            arn: the waiting CA on whose card they were dropped; empty beside every one.
            data: PEM, DER or PKCS#7.
        """
        held = self._pane.collection.authorities.get(arn)
        if held is not None:
            self.arriving.install(held, data)
        else:
            self._pane.importer.take_data(data)

    def _run(self, action: Action) -> None:
        held = self._pane.authority
        if held is not None:
            action.run(held)

    def _report(self, held: Held) -> None:
        self.report = ReportDialog(self._pane, self._outgoing, held)
        self.report.open()
        self.report.make()

    def _list(self) -> None:
        self.roster = RosterDialog(self._pane, self.actions)
        self.roster.open()

    def _reread(self) -> None:
        if self.roster is not None and isValid(self.roster):
            self.roster.read()

    def _leave(self) -> None:
        if self.roster is not None and isValid(self.roster):
            self.roster.reject()
