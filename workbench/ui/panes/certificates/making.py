"""The way from the wish for a code-signing hierarchy to its three cards."""

import hashlib
from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QCoreApplication
from shiboken6 import isValid

from workbench.pki.parse import one_certificate
from workbench.pki.quickstart import Hierarchy, HierarchyIncomplete, HierarchyRequest
from workbench.ui.errors import Explanation, explain
from workbench.ui.panes.certificates.hierarchy_dialog import HierarchyDialog
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.plan import suggestion


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def aliases_in_use(kms: Any) -> set[str]:
    """Return every alias, with its prefix.

    Raises:
        botocore.exceptions.ClientError: KMS refused.
    """
    pages = kms.get_paginator("list_aliases").paginate()
    return {str(one["AliasName"]) for page in pages for one in page.get("Aliases", ())}


class HierarchyMaker:
    """Opens the dialog, has the hierarchy made, says how it went.

    The result is told by the pane, so that closing the dialog early loses nothing.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: HierarchyDialog | None = None
        self.running: tuple[str, float] | None = None

    def begin(self) -> None:
        """Ask which names are in use, then open the dialog."""
        context = self._host.context
        context.session.start(
            self._host.widget, lambda: aliases_in_use(context.bench.kms), self._open
        )

    def _open(self, aliases: Collection[str]) -> None:
        names = {record.name for record in self._host.collection.records.values()}
        context = self._host.context
        dialog = HierarchyDialog(
            context.look, suggestion(names, aliases), context.bench.clock.now(), self._host.widget
        )
        dialog.know(names, aliases)
        dialog.submit_to(self._make)
        self.dialog = dialog
        dialog.open()

    def _make(self, request: HierarchyRequest) -> None:
        context = self._host.context
        tell = context.session.relay(self._host.widget, self._show_step)

        def work() -> Hierarchy | HierarchyIncomplete:
            try:
                made: Hierarchy = context.bench.create_hierarchy(request, tell)
            except HierarchyIncomplete as error:
                return error
            return made

        self._show_step(_tr("Starting"), 0.0, quiet=True)
        context.session.start(
            self._host.widget,
            work,
            lambda outcome: self._finish(outcome, request),
            self._fail,
            _tr("Creating a hierarchy"),
            mutates=True,
        )

    def _show_step(self, text: str, share: float, *, quiet: bool = False) -> None:
        self.running = (text, share)
        self._host.context.session.announce("jobs")
        dialog = self._dialog()
        if dialog is not None and not quiet:
            dialog.show_step(text, share)

    def _finish(self, outcome: Hierarchy | HierarchyIncomplete, request: HierarchyRequest) -> None:
        self._end()
        session = self._host.context.session
        if isinstance(outcome, HierarchyIncomplete):
            self._tell_failure(explain(outcome), made=True)
        else:
            dialog = self._dialog()
            if dialog is not None:
                dialog.accept()
            self._tell_success(outcome, request)
        session.announce("keys")

    def _tell_success(self, made: Hierarchy, request: HierarchyRequest) -> None:
        frame = self._host.context.frame
        leaf = one_certificate(made.certificate_pem.encode())
        self._host.reload(hashlib.sha256(leaf).hexdigest())
        target = request.alias or made.key_id

        def sign() -> None:
            frame.show_object("signing", target)

        words = _tr("“{name}” can sign now; its chain leads to “{root}”.")
        frame.notify(
            words.format(name=request.signer_name, root=request.root_name),
            "ok",
            (_tr("Sign files with it"), sign),
        )

    def _fail(self, words: Explanation) -> None:
        self._end()
        self._tell_failure(words, made=False)

    def _tell_failure(self, words: Explanation, *, made: bool) -> None:
        dialog = self._dialog()
        if dialog is not None:
            dialog.show_failure(words, made=made)
        else:
            self._host.context.frame.notify(words.text, "danger")
        if made:
            self._host.reload()

    def _end(self) -> None:
        self.running = None
        self._host.context.session.announce("jobs")

    def _dialog(self) -> HierarchyDialog | None:
        if self.dialog is None or not isValid(self.dialog):
            return None
        shown = self.dialog.isVisible() or self.dialog.property("curtained") is True
        return self.dialog if shown else None
