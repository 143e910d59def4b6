"""What the choices of a signature format are called, in the person's language. Knows no widget."""

from PySide6.QtCore import QCoreApplication

from workbench.signing.formats.registry import Value


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


def choice_label(name: str) -> str:
    """Return what a choice is called; its own name where nobody has said."""
    known = {
        "audience": _tr("Audience"),
        "accuracy": _tr("Accuracy in seconds"),
        "certificates": _tr("Put the certificate chain in"),
        "comment": _tr("Trusted comment"),
        "content_type": _tr("Media type of the content"),
        "days": _tr("Valid for days"),
        "detached": _tr("Keep the content outside (detached)"),
        "document": _tr("Document type"),
        "expiry_required": _tr("Refuse tokens without an end"),
        "external": _tr("External data, hexadecimal"),
        "form": _tr("Form"),
        "header": _tr("Header word for word, JSON"),
        "issuer": _tr("Issuer"),
        "leeway": _tr("Clocks may differ by seconds"),
        "legacy": _tr("Sign the file itself (old minisign)"),
        "location": _tr("Place"),
        "namespace": _tr("Namespace"),
        "number": _tr("Key number"),
        "payload_type": _tr("Media type of the content"),
        "policy": _tr("Timestamp policy"),
        "predicate": _tr("Predicate, JSON"),
        "predicate_type": _tr("Predicate type"),
        "reason": _tr("Reason"),
        "subject": _tr("Subject name"),
        "tagged": _tr("Begin with the COSE tag"),
        "tuf_digest": _tr("Sign a digest, as securesystemslib does"),
        "typ": _tr("Media type (typ)"),
        "unencoded": _tr("Sign the content as it is, not in base64 (RFC 7797)"),
    }
    return known.get(name, name.replace("_", " ").capitalize())


def value_label(value: Value) -> str:
    """Return what a value from a short list is called."""
    known = {
        "compact": _tr("Compact, one line"),
        "flattened": _tr("JSON, one signature"),
        "general": _tr("JSON, several signatures"),
    }
    return known.get(str(value), str(value))
