"""A verdict as a report: JSON for programs, one self-contained HTML page for people.

Owns what a report says and how it looks. It holds names, digests, fingerprints and certificates'
facts, which are public; no secret comes near it. Everything from outside is escaped; the page
loads nothing and runs nothing.
"""

import hashlib
import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from workbench import __version__
from workbench.pki.names import readable
from workbench.pki.parse import Malformed, facts
from workbench.pki.purposes import in_words
from workbench.pki.validate import LinkVerdict
from workbench.signing.formats.base import Trust
from workbench.signing.verdict import Check, Part, Verdict

_MARKS: Final = {
    "ok": "✓ passed",
    "failed": "✗ failed",
    "unknown": "? not checked",
    "open": "? not known",
}
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8886; --good: #17683a; --bad: #b3261e; --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --good: #7fd8a0; --bad: #ff9d94; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
.verdict { border: 2px solid; border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.good { border-color: var(--good); } .bad { border-color: var(--bad); }
.good h1, .ok { color: var(--good); } .bad h1, .failed { color: var(--bad); }
table { border-collapse: collapse; width: 100%; } td, th { border-top: 1px solid var(--line);
  padding: .4rem .6rem .4rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { width: 14rem; font-weight: 600; } code { font-size: .85em; }
.evidence { opacity: .75; font-size: .85em; overflow-wrap: anywhere; }
ol.chain { list-style: none; padding: 0; } ol.chain li { border: 1px solid var(--line);
  border-radius: .5rem; padding: .6rem .8rem; margin: .4rem 0; background: var(--soft); }
section.part { border-left: 3px solid var(--line); padding-left: 1rem; }
"""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was checked, by whom and when.

    Attributes:
        file: the signed file, or None where it is inside the signature.
        signature: the signature file.
        made: when the check was made, UTC.
        trust: whom it believed, at which moment.
    """

    file: Path | None
    signature: Path
    made: datetime
    trust: Trust


def as_document(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "valid": verdict.valid,
        "headline": verdict.headline,
        "format": verdict.form,
        "proves": verdict.proves,
        "signer": verdict.signer,
        "algorithm": verdict.algorithm,
        "digest": verdict.digest,
        "signingTime": _iso(verdict.signing_time),
        "fileHash": verdict.file_hash,
        "needs": [{"kind": need.kind, "name": need.name} for need in verdict.needs],
        "checks": _checks(verdict.checks),
        "chain": _links(verdict.links),
        "parts": [_part(part) for part in verdict.parts],
    }


def to_json(verdict: Verdict, about: Circumstances) -> str:
    """Return the report as a JSON document."""
    document = {
        "report": "key-workbench verification",
        "version": 1,
        "program": f"Key Workbench {__version__}",
        "made": _iso(about.made),
        "file": None if about.file is None else _shown(about.file),
        "signature": _shown(about.signature),
        "trust": {
            "moment": _iso(about.trust.moment),
            "atSigningTime": about.trust.at_signing_time,
            "purpose": str(about.trust.purpose or "usual for the format"),
            "roots": [_root(der) for der in about.trust.roots],
            "keys": [
                {"name": key.name, "sha256": hashlib.sha256(key.public_key).hexdigest()}
                for key in about.trust.keys
            ],
            "required": [str(family) for family in about.trust.required],
            "demands": [
                {"format": one.form, "option": one.option, "value": one.value}
                for one in about.trust.demands
            ],
        },
        **as_document(verdict),
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def to_html(verdict: Verdict, about: Circumstances) -> str:
    """Return the report as one HTML page that loads nothing."""
    right = "Valid timestamp, no signature" if verdict.proves == "time" else "Valid signature"
    answer = right if verdict.valid else "Not valid"
    kind = "good" if verdict.valid else "bad"
    first = next((check for check in verdict.checks if check.state == "failed"), None)
    pieces = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{_text(answer)}: {_text(_shown(about.signature))}</title>",
        f"<style>{_STYLE}</style></head><body>",
        f'<div class="verdict {kind}"><h1>{_text(answer)}</h1><p>{_text(verdict.headline)}</p>',
    ]
    if first is not None:
        pieces.append(f"<p>First failing check: <strong>{_text(first.name)}</strong></p>")
    pieces.append("</div>")
    pieces.append(_facts_table(verdict, about))
    if verdict.needs:
        listed = "".join(f"<li>{_text(n.kind)}: {_text(n.name)}</li>" for n in verdict.needs)
        pieces.append(f"<h2>Missing</h2><ul>{listed}</ul>")
    pieces.append(f"<h2>Checks</h2>{_check_table(verdict.checks)}")
    if _several(verdict.parts):
        pieces += [
            _part_section(depth, one) for part in verdict.parts for depth, one in part.walk()
        ]
    else:
        pieces.append(_chain(verdict.links))
    pieces.append("</body></html>\n")
    return "\n".join(pieces)


def _several(parts: Sequence[Part]) -> bool:
    return len(parts) > 1 or any(part.parts for part in parts)


def _facts_table(verdict: Verdict, about: Circumstances) -> str:
    trust = about.trust
    claimed = (
        "" if verdict.signing_time is None else f"{verdict.signing_time:%Y-%m-%d %H:%M:%S} UTC"
    )
    rows = {
        "File": "inside the signature" if about.file is None else _shown(about.file),
        "Signature": _shown(about.signature),
        "Format": verdict.form,
        "Signer": verdict.signer,
        "Algorithm": verdict.algorithm,
        "Signing time, as the signer claims": claimed,
        f"{verdict.digest or 'Digest'} of the file": verdict.file_hash,
        "Judged at": f"{trust.moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "Trusted roots": "; ".join(_root(der)["subject"] for der in trust.roots[:20]),
        "Trusted keys": "; ".join(key.name for key in trust.keys[:20]),
        "Signer's certificate must be for": ""
        if trust.purpose is None
        else in_words(trust.purpose),
        "Required signatures": ", ".join(trust.required),
        "Demanded": "; ".join(
            f"{one.option}={one.value}" for one in trust.demands if one.form == verdict.kind
        ),
        "Checked": f"{about.made.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC "
        f"by Key Workbench {__version__}",
    }
    return _table((name, _text(value)) for name, value in rows.items() if value)


def _check_table(checks: Iterable[Check]) -> str:
    return _table((check.name, _check_cell(check)) for check in checks)


def _check_cell(check: Check) -> str:
    cell = f'<span class="{check.state}">{_MARKS[check.state]}</span>: {_text(check.sentence)}'
    if check.next_step and check.state != "ok":
        cell += f" {_text(check.next_step)}"
    if check.rule:
        cell += f"<br><em>{_text(check.rule)}</em>"
    if check.evidence:
        cell += f'<div class="evidence"><code>{_text(check.evidence)}</code></div>'
    return cell


def _part_section(depth: int, part: Part) -> str:
    state = "ok" if part.valid else "failed"
    level = min(2 + depth, 3)
    when = "" if part.moment is None else f", {part.moment:%Y-%m-%d %H:%M:%S} UTC"
    return (
        f'<section class="part"><h{level}>{_text(part.title)} '
        f'<span class="{state}">{_MARKS[state]}</span></h{level}>'
        f"<p>{_text(part.signer)} ({_text(part.algorithm or part.kind)}){_text(when)}</p>"
        f"{_check_table(part.checks)}{_chain(part.links)}</section>"
    )


def _chain(links: Sequence[LinkVerdict]) -> str:
    if not links:
        return ""
    items = "".join(
        f'<li><span class="{"ok" if link.ok else "failed"}">'
        f"{_MARKS['ok' if link.ok else 'failed']}</span> <strong>{_text(link.subject)}</strong>"
        f"<br>{_text(link.sentence)}"
        + (f"<br><em>{_text(link.rule)}</em>" if link.rule else "")
        + f'<div class="evidence"><code>SHA-256 {hashlib.sha256(link.der).hexdigest()}</code></div>'
        "</li>"
        for link in links
    )
    return f'<h3>Certificate chain</h3><ol class="chain">{items}</ol>'


def _table(rows: Iterable[tuple[str, str]]) -> str:
    body = "".join(f"<tr><th>{_text(name)}</th><td>{cell}</td></tr>" for name, cell in rows)
    return f"<table>{body}</table>"


def _checks(checks: Sequence[Check]) -> list[dict[str, str]]:
    return [
        {
            "name": check.name,
            "state": check.state,
            "sentence": check.sentence,
            "rule": check.rule,
            "nextStep": check.next_step,
            "evidence": check.evidence,
        }
        for check in checks
    ]


def _links(links: Sequence[LinkVerdict]) -> list[dict[str, Any]]:
    return [
        {
            "subject": link.subject,
            "issuer": link.issuer,
            "ok": link.ok,
            "sentence": link.sentence,
            "rule": link.rule,
            "sha256": hashlib.sha256(link.der).hexdigest(),
        }
        for link in links
    ]


def _part(part: Part) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "title": part.title,
        "valid": part.valid,
        "signer": part.signer,
        "algorithm": part.algorithm,
        "moment": _iso(part.moment),
        "checks": _checks(part.checks),
        "chain": _links(part.links),
        "parts": [_part(one) for one in part.parts],
    }


def _root(der: bytes) -> dict[str, str]:
    try:
        subject = readable(facts(der).certificate.subject)
    except Malformed:
        subject = "(unreadable)"
    return {"subject": subject, "sha256": hashlib.sha256(der).hexdigest()}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _shown(path: Path) -> str:
    """Return a path as text, whatever bytes its name has."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _text(value: str) -> str:
    """Return text for HTML, with what could not be seen or turns the line around written out."""
    seen = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in value)
    return html.escape(seen, quote=True)
