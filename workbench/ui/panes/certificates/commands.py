"""The pane's commands: names, icons, shortcuts, and when each is possible."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command
from workbench.ui.panes.certificates.custody import why_not_deleted, why_not_trusted
from workbench.ui.panes.certificates.host import Registrar
from workbench.ui.panes.certificates.lifecycle.renewing import (
    why_not_cross_signed,
    why_not_renewed,
)
from workbench.ui.panes.certificates.lifecycle.revoking import why_not_revoked
from workbench.ui.panes.certificates.lifecycle.settings import why_not_set
from workbench.ui.panes.certificates.records import Record


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


Entries = Sequence[tuple[str, str, str, str, str]]
"""Name, text, icon, shortcut, tooltip."""


def _entries() -> Entries:
    return (
        ("create", _tr("Post-quantum code-signing &hierarchy…"), "add", "Ctrl+N",
         _tr("Make a root CA, a subordinate CA and a certificate to sign files with")),
        ("found", _tr("&New CA…"), "hierarchy", "Ctrl+Alt+N",
         _tr("Make a root CA, or a CA below another one of this vault")),
        ("issue", _tr("N&ew certificate…"), "certificate", "Ctrl+Shift+N",
         _tr("Have a CA of this vault certify a key or a certificate request")),
        ("list", _tr("Issue from a &list…"), "list", "Ctrl+Alt+L",
         _tr("Have a CA of this vault certify every row of a table (CSV)")),
        ("profiles", _tr("&Profiles…"), "profile", "Ctrl+Alt+P",
         _tr("What certificates are made from: AWS's templates and profiles of your own")),
        ("profile", _tr("Make a profile &of it…"), "profile", "",
         _tr("Make a profile that gives other certificates the same usages and policies")),
        ("import", _tr("&Import…"), "import", "Ctrl+O",
         _tr("Import certificates, keys, requests, lists and containers, told by content")),
        ("paste", _tr("Pa&ste certificates"), "import", "Ctrl+V",
         _tr("Import what is on the clipboard, told by content")),
        ("sign", _tr("Sign &files with it…"), "sign", "",
         _tr("Sign files with the key of this certificate")),
        ("export", _tr("E&xport…"), "export", "Ctrl+E",
         _tr("Write the certificate, its chain, or a key made to be exported to a file")),
        ("copy", _tr("Cop&y PEM"), "copy", "Ctrl+Shift+C",
         _tr("Copy the chosen certificates as PEM")),
        ("chain", _tr("Chec&k chain"), "verify", "Ctrl+Shift+H",
         _tr("Show the verdict on every link")),
        ("issuer", _tr("&Go to issuer"), "link", "Ctrl+Up",
         _tr("Choose the certificate that signed this one")),
        ("trust", _tr("Trust as a &root…"), "shield", "",
         _tr("Decide whether signatures that lead to it count")),
        ("renew", _tr("Rene&w…"), "retry", "",
         _tr("Issue its successor, with the same key or a new one")),
        ("cross", _tr("Cro&ss-sign…"), "pair", "",
         _tr("Have another CA of this vault certify this CA's key as well")),
        ("settings", _tr("CA settin&gs…"), "settings", "",
         _tr("Whether a CA issues, its revocation lists and OCSP")),
        ("revoke", _tr("Re&voke…"), "cancel", "",
         _tr("Declare a certificate of a CA in this vault invalid, for good")),
        ("delete", _tr("&Delete…"), "delete", "Del",
         _tr("Remove certificates that no CA of this vault needs from the collection")),
        ("view", _tr("Show as &table or tree"), "columns", "Ctrl+T",
         _tr("Change between tree and table")),
        ("fold", _tr("&Fold or unfold"), "chevron-right", "",
         _tr("Hide or show what was issued below (Space)")),
        ("unfold", _tr("&Unfold everything"), "chevron-down", "",
         _tr("Show every certificate")),
        ("fold-all", _tr("F&old everything"), "chevron-right", "",
         _tr("Show the roots and the CAs right below them only")),
        ("overview", _tr("O&verview"), "inspector", "",
         _tr("Show the whole drawing in small, in its corner")),
        ("legend", _tr("&Legend"), "info", "",
         _tr("Say what colours, patterns and lines mean")),
        ("filters", _tr("Filte&rs…"), "filter", "Ctrl+Shift+L",
         _tr("Filter by algorithm, state, time left, purpose, kind and origin")),
        ("today", _tr("Show as of to&day"), "clock", "",
         _tr("Show the hierarchy as it is now")),
        ("picture", _tr("&Export drawing…"), "export", "Ctrl+Shift+E",
         _tr("Write the drawing as PDF, SVG or PNG")),
        ("compare", _tr("&Compare…"), "pair", "Ctrl+Shift+M",
         _tr("Show two chosen certificates side by side")),
        ("zoom-in", _tr("Zoom &in"), "add", "Ctrl++",
         _tr("Show the tree larger")),
        ("zoom-out", _tr("&Zoom out"), "search", "Ctrl+-",
         _tr("Show the tree smaller")),
        ("zoom-one", _tr("&Actual size"), "search", "Ctrl+0",
         _tr("Show the tree at the size of other text")),
        ("fit", _tr("Fit &whole tree"), "inspector", "Ctrl+Shift+F",
         _tr("Show all of the tree")),
    )  # fmt: skip


_PAIR = 2
_CHANGES = ("create", "found", "issue", "import", "paste", "trust", "renew", "cross", "settings",
            "revoke", "delete")  # fmt: skip
_ON_TREE = ("fold", "unfold", "fold-all", "overview", "legend", "picture", "zoom-in", "zoom-out",
            "zoom-one", "fit")  # fmt: skip


class Commands:
    """Makes the commands and keeps them true.

    Args:
        pane: registers them.
        slots: what each does, by its name.
        frozen: why nothing here can be changed, as on AWS; empty where it can.
    """

    def __init__(
        self, pane: Registrar, slots: Mapping[str, Callable[[], None]], frozen: str = ""
    ) -> None:
        self._frozen = frozen
        self.by_name: dict[str, Command] = {}
        for name, text, icon, keys, tip in _entries():
            command = pane.make_command(name, text, icon, slots[name], keys, tip)
            pane.add_command(command, button=name == "import", primary=name == "create", words=True)
            self.by_name[name] = command

    def __getitem__(self, name: str) -> Command:
        """Return a command."""
        return self.by_name[name]

    def update(self, chosen: Sequence[Record], *, tree: bool, anything: bool) -> None:
        """Allow what is possible now and say why the rest is not.

        Args:
            chosen: the selected certificates.
            tree: whether the tree is in front.
            anything: whether there are certificates at all.
        """
        one = len(chosen) == 1
        none = _tr("choose one certificate")
        for name in ("export", "chain", "profile"):
            self[name].permit(possible=one, why=none)
        self["copy"].permit(possible=bool(chosen), why=_tr("no certificate is chosen"))
        self["issuer"].permit(
            possible=one and bool(chosen[0].issuer_id),
            why=none if not one else _tr("it is a root"),
        )
        self["sign"].permit(
            possible=one and not chosen[0].authority,
            why=none if not one else _tr("CAs sign certificates, not files"),
        )
        self._update_trust(chosen)
        why = why_not_renewed(chosen)
        self["renew"].permit(possible=not why, why=why)
        why = why_not_cross_signed(chosen)
        self["cross"].permit(possible=not why, why=why)
        why = why_not_set(chosen)
        self["settings"].permit(possible=not why, why=why)
        why = why_not_revoked(chosen)
        self["revoke"].permit(possible=not why, why=why)
        why = why_not_deleted(chosen)
        self["delete"].permit(possible=not why, why=why)
        self["compare"].permit(
            possible=len(chosen) == _PAIR, why=_tr("choose two certificates (Ctrl and a click)")
        )
        for name in _ON_TREE:
            why = _tr("the tree is not shown") if anything else _tr("there are no certificates")
            self[name].permit(possible=tree and anything, why=why)
        if self._frozen:
            for name in _CHANGES:
                self[name].forbid(self._frozen)

    def _update_trust(self, chosen: Sequence[Record]) -> None:
        trust = self["trust"]
        trusted = len(chosen) == 1 and chosen[0].trusted
        trust.setText(_tr("Stop &trusting…") if trusted else _tr("Trust as a &root…"))
        why = "" if trusted else why_not_trusted(chosen)
        trust.permit(possible=not why, why=why)
