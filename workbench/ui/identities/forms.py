"""The forms that make users and roles, and those for a role's terms, tags and the organization.

Know the kit and what names look like; carry out nothing.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from workbench.ui.identities.words import name_problem, path_problem
from workbench.ui.look import Look
from workbench.ui.panes.keys.tag_editor import TagEditor
from workbench.ui.policies.people import Person
from workbench.ui.policies.picker import PrincipalPicker
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.spin import padded

_ORGANIZATION: Final = re.compile(
    r"o-[a-z0-9]{10,32}(?:/r-[a-z0-9]{4,32}(?:/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}){0,5}/?)?"
)
_HOUR: Final = 3600


def _tr(text: str) -> str:
    return QCoreApplication.translate("identities", text)


def trust_in(principal: str) -> str:
    """Return a trust policy that lets one principal, an ARN or an AWS service, assume a role."""
    kind = "Service" if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
    statement = {
        "Effect": "Allow",
        "Principal": {kind: principal},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


class UserForm(FormDialog):
    """Asks for a new user."""

    def __init__(self, look: Look, taken: Callable[[str], bool], parent: QWidget) -> None:
        super().__init__(look, _tr("Create a user"), _tr("Create user"), parent)
        self.setObjectName("identities.create-user")
        self._taken = taken
        self.name = QLineEdit()
        self.name.setPlaceholderText("anna")
        self.path = QLineEdit("/")
        self.add_field(
            _tr("&Name"),
            self.name,
            _tr("A new user may do nothing until a policy or a grant says so."),
            self._check_name,
        )
        self._add_path()
        self.name.setFocus()

    def _add_path(self) -> None:
        self.add_field(
            _tr("&Path"),
            self.path,
            _tr("Part of the ARN, to sort by department; / for none."),
            lambda: path_problem(self.path.text().strip()),
        )

    def _check_name(self) -> str:
        name = self.name.text().strip()
        if self._taken(name):
            return _tr("There is one of this name.")
        return name_problem(name)


class RoleForm(FormDialog):
    """Asks for a new role: its name, whom it trusts, how long its sessions last."""

    def __init__(
        self,
        look: Look,
        taken: Callable[[str], bool],
        people: tuple[Person, ...],
        parent: QWidget,
    ) -> None:
        super().__init__(look, _tr("Create a role"), _tr("Create role"), parent)
        self.setObjectName("identities.create-role")
        self._taken = taken
        self.name = QLineEdit()
        self.name.setPlaceholderText("Signer")
        self.trusted = PrincipalPicker(look)
        self.trusted.offer(people)
        self.path = QLineEdit("/")
        self.description = QLineEdit()
        self.description.setMaxLength(1000)
        self.add_field(
            _tr("&Name"),
            self.name,
            _tr("A new role may do nothing until a policy or a grant says so."),
            self._check_name,
        )
        self.add_field(
            _tr("Who may &assume it"),
            self.trusted,
            _tr(
                "The account root means: every user and role of the account whose own policy"
                " allows it. The trust policy can be changed later."
            ),
            self.trusted.problem,
        )
        self.add_field(_tr("&Description"), self.description)
        self.add_field(_tr("&Path"), self.path, "", lambda: path_problem(self.path.text().strip()))
        self.body.addStretch(1)
        self.name.setFocus()

    def _check_name(self) -> str:
        name = self.name.text().strip()
        if self._taken(name):
            return _tr("There is one of this name.")
        return name_problem(name)


class RoleTermsForm(FormDialog):
    """Asks for a role's description and how long its sessions may last."""

    def __init__(
        self, look: Look, name: str, description: str, seconds: int, parent: QWidget
    ) -> None:
        super().__init__(look, _tr("Edit role {name}").format(name=name), _tr("Save"), parent)
        self.setObjectName("identities.role-terms")
        self.description = QLineEdit(description)
        self.description.setMaxLength(1000)
        self.hours = padded(look, QSpinBox())
        self.hours.setRange(1, 12)
        self.hours.setSuffix(_tr(" h"))
        self.hours.setValue(max(1, round(seconds / _HOUR)))
        self.add_field(_tr("&Description"), self.description)
        self.add_field(_tr("Longest &session"), self.hours)

    @property
    def seconds(self) -> int:
        """The longest session in seconds."""
        return self.hours.value() * _HOUR


class IdentityTagsForm(FormDialog):
    """Asks for the tags of a user or role."""

    def __init__(self, look: Look, title: str, tags: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(look, title, _tr("Save"), parent)
        self.setObjectName("identities.tags")
        self.editor = TagEditor(look, tags)
        self.add_field(
            _tr("Tags"),
            self.editor,
            _tr("Policies may ask for them as aws:PrincipalTag. Keys are not case sensitive."),
            self._wrong,
        )
        self.body.addStretch(1)
        self.resize(look.unit * 140, look.unit * 80)
        if not self.editor.tags:
            self.editor.add_line(focus=True)

    def _wrong(self) -> str:
        keys = [key.casefold() for key in self.editor.tags]
        if len(set(keys)) != len(keys):
            return _tr("Two tag keys differ by capital letters only.")
        return self.editor.problem()


class OrganizationForm(FormDialog):
    """Asks which organization the account belongs to."""

    def __init__(self, look: Look, organization: str, parent: QWidget) -> None:
        super().__init__(look, _tr("Organization of the account"), _tr("Save"), parent)
        self.setObjectName("identities.organization")
        self.organization = QLineEdit(organization)
        self.organization.setPlaceholderText("o-exampleorgid")
        self.add_field(
            _tr("&Organization"),
            self.organization,
            _tr(
                "Its ID, which aws:PrincipalOrgID is compared with, or where in it the account is, "
                "for aws:PrincipalOrgPaths too: o-…/r-…/ou-…/. Empty for none."
            ),
            self._wrong,
        )

    def _wrong(self) -> str:
        text = self.organization.text().strip()
        if not text or _ORGANIZATION.fullmatch(text):
            return ""
        return _tr(
            "Write it as o- and 10 to 32 small letters and digits, perhaps with the root and the "
            "organizational units after it: o-…/r-…/ou-…/."
        )
