"""What can be done with users and roles: asks, carries out on a worker, tells.

Knows forms, changes and the session; knows neither table nor tabs.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from workbench.iam.policy.documents import PolicyKind
from workbench.ui.identities import forms
from workbench.ui.identities.changes import named, set_tags
from workbench.ui.identities.new_key_dialog import NewKeyDialog
from workbench.ui.identities.policy_form import PolicyForm
from workbench.ui.identities.rows import AccessKeyRow, Details, IdentityRow
from workbench.ui.identities.words import title_of
from workbench.ui.pane import Context
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.policies.people import Person
from workbench.ui.widgets.dialogs import Choice, DangerDialog, FormDialog

TOPIC = "identities"


def _tr(text: str) -> str:
    return QCoreApplication.translate("identities", text)


class IdentityVerbs(QObject):
    """One method for each thing to do.

    Args:
        context: the window.
        owner: parent of dialogs and owner of work.
        rows: who is known, for names that are taken and principals to offer.
        select: called with the ARN of somebody just made.
    """

    def __init__(
        self,
        context: Context,
        owner: QWidget,
        rows: Callable[[], tuple[IdentityRow, ...]],
        select: Callable[[str], None],
    ) -> None:
        super().__init__(owner)
        self._context = context
        self._owner = owner
        self._rows = rows
        self._select = select
        self._waiting: list[tuple[str, dict[str, str]]] = []

    @property
    def iam(self) -> Any:
        """IAM's client."""
        return self._context.bench.client("iam", "")

    def unless_root(self) -> str:
        """Return why somebody other than root may not; empty for root."""
        bench = self._context.bench
        root = bench.acting.caller.identity == bench.place.iam("root")
        return "" if root else _tr("Only root may. Act as root first.")

    def create_user(self) -> None:
        """Ask for a new user."""
        form = forms.UserForm(self._context.look, partial(self._taken, "user"), self._owner)
        iam = self.iam

        def begin() -> None:
            request = {"UserName": form.name.text().strip(), "Path": form.path.text().strip()}

            def work() -> str:
                return str(iam.create_user(**request)["User"]["Arn"])

            self._submit(form, work, self._made, _tr("Creating a user"))

        form.on_submit(begin)
        form.open()

    def create_role(self) -> None:
        """Ask for a new role."""
        people = tuple(Person(row.arn, row.kind, row.name) for row in self._rows())
        form = forms.RoleForm(self._context.look, partial(self._taken, "role"), people, self._owner)
        iam = self.iam

        def begin() -> None:
            request = {
                "RoleName": form.name.text().strip(),
                "Path": form.path.text().strip(),
                "AssumeRolePolicyDocument": forms.trust_in(form.trusted.principal),
            }
            if form.description.text().strip():
                request["Description"] = form.description.text().strip()

            def work() -> str:
                return str(iam.create_role(**request)["Role"]["Arn"])

            self._submit(form, work, self._made, _tr("Creating a role"))

        form.on_submit(begin)
        form.open()

    def edit_organization(self, organization: str) -> None:
        """Ask which organization the account belongs to."""
        form = forms.OrganizationForm(self._context.look, organization, self._owner)
        bench = self._context.bench

        def begin() -> None:
            text = form.organization.text().strip()
            work = partial(bench.set_organization, text)
            self._submit(form, work, self._changed, _tr("Saving"))

        form.on_submit(begin)
        form.open()

    def edit_terms(self, details: Details) -> None:
        """Ask for a role's description and longest session."""
        row = details.row
        form = forms.RoleTermsForm(
            self._context.look, row.name, row.description, details.max_session, self._owner
        )
        before = form.seconds

        def begin() -> None:
            request: dict[str, Any] = {"Description": form.description.text().strip()}
            if form.seconds != before:
                request["MaxSessionDuration"] = form.seconds
            work = partial(self.iam.update_role, RoleName=row.name, **request)
            self._submit(form, work, self._changed, _tr("Saving"))

        form.on_submit(begin)
        form.open()

    def edit_tags(self, details: Details) -> None:
        """Ask for tags."""
        row, present = details.row, details.tags or ()
        title = _tr("Tags of {who}").format(who=title_of(row))
        form = forms.IdentityTagsForm(self._context.look, title, dict(present), self._owner)

        def begin() -> None:
            work = partial(set_tags, self.iam, row, present, form.editor.tags)
            self._submit(form, work, self._changed, _tr("Saving tags"))

        form.on_submit(begin)
        form.open()

    def add_policy(self, details: Details) -> None:
        """Ask for a new inline policy."""
        taken = tuple(name for name, _ in details.policies or ())
        title = _tr("Add a policy to {who}").format(who=title_of(details.row))
        form = self._policy_form(title, PolicyKind.IDENTITY, "", taken)
        form.on_submit(lambda: self._put_policy(form, details, form.name.text().strip()))
        form.open()

    def edit_policy(self, details: Details, name: str, text: str) -> None:
        """Ask for the new text of an inline policy."""
        title = _tr("Policy {name} of {who}").format(name=name, who=title_of(details.row))
        form = self._policy_form(title, PolicyKind.IDENTITY, text, None)
        form.on_submit(lambda: self._put_policy(form, details, name))
        form.open()

    def edit_trust(self, details: Details) -> None:
        """Ask for the new trust policy of a role."""
        title = _tr("Who may assume {who}").format(who=title_of(details.row))
        form = self._policy_form(title, PolicyKind.TRUST, details.trust, None)

        def begin() -> None:
            work = partial(
                self.iam.update_assume_role_policy,
                RoleName=details.row.name,
                PolicyDocument=form.text,
            )
            self._submit(form, work, self._changed, _tr("Saving the trust policy"))

        form.on_submit(begin)
        form.open()

    def delete_policy(self, details: Details, name: str) -> None:
        """Ask whether an inline policy is to go."""
        row = details.row
        delete = getattr(self.iam, f"delete_{row.kind}_policy")
        work = partial(delete, **named(row), PolicyName=name)
        self._danger(
            _tr("Delete this policy of {who}?").format(who=title_of(row)),
            name,
            Choice(
                _tr("Delete policy"),
                partial(self._run, work, _tr("Deleting a policy")),
                danger=True,
                why=_tr("What only it allowed or denied changes at once."),
            ),
        )

    def create_key(self, details: Details) -> None:
        """Make an access key and show its secret this once."""
        row, iam = details.row, self.iam

        def made(key: dict[str, str]) -> None:
            self._waiting.append((title_of(row), key))
            self._changed(None)
            if self._owner.isVisible():
                self.show_new_keys()

        self._context.session.start(
            self,
            lambda: dict(iam.create_access_key(**named(row))["AccessKey"]),
            made,
            None,
            _tr("Creating an access key"),
            mutates=True,
        )

    def show_new_keys(self) -> None:
        """Show the secrets that could not be shown while the vault was locked."""
        waiting, self._waiting = self._waiting, []
        look, copy = self._context.look, self._context.frame.copy
        for whose, key in waiting:
            NewKeyDialog(look, whose, key, copy, self._owner).open()

    def turn_key(self, details: Details, key: AccessKeyRow) -> None:
        """Make an access key inactive, or active again."""
        status = "Inactive" if key.active else "Active"
        work = partial(
            self.iam.update_access_key, **named(details.row), AccessKeyId=key.id, Status=status
        )
        self._run(work, _tr("Changing an access key"))

    def delete_key(self, details: Details, key: AccessKeyRow) -> None:
        """Ask whether an access key is to go; deactivating it comes first."""
        work = partial(self.iam.delete_access_key, **named(details.row), AccessKeyId=key.id)
        choices = []
        if key.active:
            choices.append(
                Choice(
                    _tr("Deactivate it"),
                    partial(self.turn_key, details, key),
                    why=_tr("it is refused at once and can be activated again."),
                )
            )
        choices.append(
            Choice(
                _tr("Delete access key"),
                partial(self._run, work, _tr("Deleting an access key")),
                danger=True,
                why=_tr("it can never be used again."),
            )
        )
        title = _tr("Delete this access key of {who}?").format(who=title_of(details.row))
        self._danger(title, key.id, *choices)

    def _policy_form(
        self, title: str, kind: PolicyKind, text: str, taken: tuple[str, ...] | None
    ) -> PolicyForm:
        context = self._context
        return PolicyForm(
            context.look, title, kind, context.bench.place.account, text, taken, self._owner
        )

    def _put_policy(self, form: PolicyForm, details: Details, name: str) -> None:
        row = details.row
        put = getattr(self.iam, f"put_{row.kind}_policy")
        work = partial(put, **named(row), PolicyName=name, PolicyDocument=form.text)
        self._submit(form, work, self._changed, _tr("Saving a policy"))

    def _taken(self, kind: str, name: str) -> bool:
        # AWS compares names without regard to capital letters.
        return any(
            row.kind == kind and row.name.casefold() == name.casefold() for row in self._rows()
        )

    def _submit(
        self,
        form: FormDialog,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        busy: str,
    ) -> None:
        submit(self._context, self._owner, form, work, done, busy)

    def _run(self, work: Callable[[], Any], busy: str) -> None:
        self._context.session.start(self, work, self._changed, None, busy, mutates=True)

    def _danger(self, title: str, name: str, *choices: Choice) -> None:
        dialog = DangerDialog(self._context.look, title, [name], [], choices, self._owner)
        dialog.setObjectName("identities.danger")
        dialog.open()

    def _made(self, arn: str) -> None:
        self._select(arn)
        self._changed(None)

    def _changed(self, _answer: object) -> None:
        self._context.session.announce(TOPIC)
