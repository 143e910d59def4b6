"""Asking before a user or role is deleted: what names it is looked up first and told.

Knows the kit and the session; what is deleted with it is `changes`'.
"""

from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from workbench.ui.identities.changes import delete_identity, silence_keys
from workbench.ui.identities.naming import Naming, find_naming
from workbench.ui.identities.rows import USER, Details
from workbench.ui.identities.words import title_of
from workbench.ui.pane import Context
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant

TOPIC = "identities"


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("identities", text, None, count)


def ask_deletion(context: Context, details: Details, owner: QWidget) -> None:
    """Look up what names a user or role, then ask whether it is to go.

    Args:
        context: the window.
        details: whom.
        owner: parent of the dialog.
    """
    bench, row = context.bench, details.row

    def ask(naming: Naming) -> None:
        acting = bench.acting.caller.identity == row.arn
        dialog = DangerDialog(
            context.look,
            _tr("Delete {who}?").format(who=title_of(row)),
            [row.arn],
            _dependants(context, details, naming, acting=acting),
            _choices(context, details, owner),
            owner,
        )
        dialog.setObjectName("identities.danger")
        dialog.open()

    context.session.start(
        owner,
        lambda: find_naming(bench.kms, bench.client("iam", ""), row),
        ask,
        None,
        _tr("Looking up what names it"),
    )


def _choices(context: Context, details: Details, owner: QWidget) -> list[Choice]:
    row, choices = details.row, []
    iam = context.bench.client("iam", "")

    def run(work: partial[None], busy: str) -> None:
        context.session.start(
            owner, work, lambda _none: context.session.announce(TOPIC), None, busy, mutates=True
        )

    if row.kind == USER and any(key.active for key in details.keys or ()):
        choices.append(
            Choice(
                _tr("Deactivate its access keys"),
                partial(run, partial(silence_keys, iam, row), _tr("Deactivating access keys")),
                why=_tr("its programs are refused at once; it can be undone."),
            )
        )
    words = _tr("Delete user") if row.kind == USER else _tr("Delete role")
    choices.append(
        Choice(
            words,
            partial(run, partial(delete_identity, iam, row), _tr("Deleting")),
            danger=True,
            why=_tr(
                "it cannot be undone. Policies and grants that name it stay, but hold for nobody: "
                "a new one of the same name is another, and has to be named again."
            ),
        )
    )
    return choices


def _dependants(
    context: Context, details: Details, naming: Naming, *, acting: bool
) -> list[Dependant]:
    def show(key: str) -> None:
        context.frame.show_object("keys", key)

    told = _with_it(details, acting=acting)
    if naming.keys:
        words = _tr("Key policies that name it: {n}").format(n=len(naming.keys))
        told.append(Dependant(words, "policy", partial(show, naming.keys[0])))
    if naming.grants:
        words = _tr("Grants that name it: {n}").format(n=naming.grants)
        told.append(Dependant(words, "link", partial(show, naming.granting[0])))
    if naming.roles:
        words = _tr("Roles that trust it: {names}").format(names=", ".join(naming.roles[:8]))
        told.append(Dependant(words, "role"))
    if not naming.whole:
        words = _tr("Not everything could be looked through: there may be more that names it.")
        told.append(Dependant(words, "info"))
    return told


def _with_it(details: Details, *, acting: bool) -> list[Dependant]:
    """Return what goes with a user or role, or is let go."""
    told: list[Dependant] = []
    if acting:
        told.append(Dependant(_tr("You act as it now; afterwards you act as root."), "user"))
    if details.policies:
        words = _tr("Its own policies go with it: {n}").format(n=len(details.policies))
        told.append(Dependant(words, "policy"))
    if details.attached:
        words = _tr("Managed policies are detached from it, and stay: {n}")
        told.append(Dependant(words.format(n=len(details.attached)), "policy"))
    if details.groups:
        words = _tr("It leaves its groups: {names}").format(names=", ".join(details.groups))
        told.append(Dependant(words, "user"))
    if details.keys:
        words = _tr("Its access keys go with it: {n}").format(n=len(details.keys))
        told.append(Dependant(words, "keys"))
    return told
