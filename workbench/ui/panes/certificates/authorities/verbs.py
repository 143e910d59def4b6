"""What can be done with a CA of this vault now, and why the rest cannot. Knows no widget."""

from PySide6.QtCore import QCoreApplication

from workbench.pki.authority import DELETABLE, IMPORTABLE, Status
from workbench.pki.roster import Held


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _none() -> str:
    return _tr("choose a CA of this vault")


def _deleted() -> str:
    return _tr("it is deleted: restore it first")


def _unsigned() -> str:
    return _tr("it has no certificate yet")


def why_no_request(held: Held | None) -> str:
    """Return why a CA's certificate request cannot be shown; empty if it can."""
    if held is None:
        return _none()
    return _deleted() if held.status is Status.DELETED else ""


def why_not_installed(held: Held | None) -> str:
    """Return why no certificate from outside can be installed; empty if one can."""
    if held is None:
        return _none()
    if held.status not in IMPORTABLE:
        return _deleted()
    if held.root and not held.waiting:
        return _tr("a root signs its own certificate: renew it instead")
    return ""


def why_not_self_signed(held: Held | None) -> str:
    """Return why a CA cannot sign its own first certificate; empty if it can."""
    if held is None:
        return _none()
    if not held.waiting:
        return _tr("it does not wait for a certificate")
    return "" if held.root else _tr("another CA signs the certificate of a subordinate one")


def why_not_switched(held: Held | None) -> str:
    """Return why a CA can be neither disabled nor enabled; empty if it can."""
    if held is None:
        return _none()
    if held.status in {Status.ACTIVE, Status.DISABLED}:
        return ""
    if held.waiting:
        return _unsigned()
    return _deleted() if held.status is Status.DELETED else _tr("its certificate has expired")


def why_not_deleted(held: Held | None) -> str:
    """Return why a CA cannot be deleted, or disabled to be deleted later; empty if it can."""
    if held is None:
        return _none()
    possible = held.status in DELETABLE or held.status is Status.ACTIVE
    return "" if possible else _tr("it is deleted already")


def why_not_restored(held: Held | None) -> str:
    """Return why a CA cannot be restored; empty if it can."""
    if held is None:
        return _tr("choose a deleted CA of this vault")
    return "" if held.status is Status.DELETED else _tr("it is not deleted")


def why_not_reported(held: Held | None) -> str:
    """Return why there is nothing to report of a CA; empty if there is."""
    if held is None:
        return _none()
    if held.waiting:
        return _unsigned()
    return "" if held.signed else _deleted()
