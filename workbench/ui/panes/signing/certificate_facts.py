"""A certificate's facts as fields, for the inspector and for looking into dropped things."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from workbench.pki.names import common_name, readable
from workbench.pki.parse import Facts, Malformed, facts
from workbench.ui.panes.signing.words import grouped
from workbench.ui.widgets.fields import FieldList


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


def fill_certificate(
    fields: FieldList,
    der: bytes,
    now: datetime,
    show: Callable[[str], None] | None = None,
) -> str:
    """Fill fields with a certificate's facts and return its name.

    Args:
        fields: emptied by the caller.
        der: the certificate.
        now: to say whether it is valid.
        show: leads to the Certificates pane, given the fingerprint; None for no link.
    """
    try:
        one = facts(der)
    except Malformed as error:
        fields.text(_tr("Certificate"), str(error))
        return _tr("Unreadable certificate")
    certificate = one.certificate
    _add_validity(fields, one, now)
    fields.text(_tr("Subject"), readable(certificate.subject), copy=True)
    fields.text(_tr("Issuer"), readable(certificate.issuer), copy=True)
    fields.text(_tr("Role"), _role(one))
    fields.text(_tr("Serial number"), f"{certificate.serial_number:x}", mono=True, copy=True)
    shown = fields.text(_tr("SHA-256 fingerprint"), one.fingerprint, mono=True, copy=True)
    shown.setText(grouped(one.fingerprint))
    if show is not None:
        fields.link(
            _tr("Everything in it"), _tr("Show in Certificates"), lambda: show(one.fingerprint)
        )
    return common_name(certificate.subject)


def _add_validity(fields: FieldList, one: Facts, now: datetime) -> None:
    certificate = one.certificate
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < start:
        fields.badge(_tr("State"), _tr("Not valid yet"), "warning")
    elif now > end:
        fields.badge(_tr("State"), _tr("Expired"), "danger")
    else:
        fields.badge(_tr("State"), _tr("Within its dates"), "ok")
    fields.time(_tr("Valid from"), start)
    fields.time(_tr("Valid until"), end)


def _role(one: Facts) -> str:
    if one.ca and one.self_issued:
        return _tr("Root certificate authority")
    return _tr("Certificate authority") if one.ca else _tr("Signs files or connections")
