"""Every signature format, by name: one line each.

Owns the list, the order in which content is recognised, and the making of a format from stored
choices. Must not know any one format's rules.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from workbench.base.errors import Refused
from workbench.crypto.table import KEY_SPECS, Family
from workbench.signing.formats.authenticode import Authenticode
from workbench.signing.formats.base import (
    Content,
    Format,
    Particular,
    SeveralSigners,
    Signing,
    require_spec,
)
from workbench.signing.formats.cades import Cades
from workbench.signing.formats.cms import Cms
from workbench.signing.formats.cose import CoseSign1
from workbench.signing.formats.dsse import Dsse, InToto
from workbench.signing.formats.jar import Jar
from workbench.signing.formats.jws import JsonWebSignature
from workbench.signing.formats.jwt import JsonWebToken
from workbench.signing.formats.mdl import MobileDocument
from workbench.signing.formats.minisign import Minisign
from workbench.signing.formats.pades import Pades
from workbench.signing.formats.raw import RawSignature
from workbench.signing.formats.sshsig import Sshsig
from workbench.signing.formats.timestamp import FileTimestamp, Timestamper

Value = str | int | bool
"""What a choice of a format can be."""

_KINDS: Final[tuple[Callable[..., Format], ...]] = (
    Pades,
    Authenticode,
    Jar,
    FileTimestamp,
    Cms,
    Cades,
    JsonWebToken,
    JsonWebSignature,
    InToto,
    Dsse,
    MobileDocument,
    CoseSign1,
    Sshsig,
    Minisign,
    RawSignature,
)
"""In the order in which content is tried: a format before those that would take it as well."""

FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {form.name: form for form in (kind() for kind in _KINDS)}
)
"""Every format with its usual choices, by name."""

_TRIED: Final = tuple(sorted(FORMATS.values(), key=lambda form: isinstance(form, Pades)))
"""As content is tried: a PDF's mark may stand within what another begins with, so it comes last."""

_MAKERS: Final = MappingProxyType(
    {form.name: kind for kind, form in zip(_KINDS, FORMATS.values(), strict=True)}
)
_APART: Final = frozenset({"digest", "pss", "timestamper"})
_COPY: Final = re.compile(r"(.+)-signed(?:-([2-9]|[1-9][0-9]{1,3}))?", re.DOTALL)
"""Fields that a recipe speaks of by itself."""


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose about a format.

    Attributes:
        name: its name, as in a stored recipe.
        usual: what it is unless chosen.
        values: what it can be, where that is a short list; else empty.
    """

    name: str
    usual: Value
    values: tuple[Value, ...] = ()


def choices_of(name: str) -> tuple[Choice, ...]:
    """Return what there is to choose about a format, beside digest and padding.

    Raises:
        Refused: there is no such format.
    """
    form = format_named(name)
    fields = dataclasses.fields(form)  # type: ignore[arg-type] # every format is a dataclass
    return tuple(
        Choice(one.name, cast("Value", one.default), tuple(one.metadata.get("values", ())))
        for one in fields
        if one.name not in _APART
    )


def format_named(name: str) -> Format:
    """Return a format with its usual choices; raises `Refused` where there is none."""
    form = FORMATS.get(name)
    if form is None:
        raise Refused(f"There is no signature format {name!r}.", f"Choose {' or '.join(FORMATS)}.")
    return form


def make_format(
    name: str, options: Mapping[str, Value], digest: str = "", *, pss: bool | None = None
) -> Format:
    """Return a format with choices.

    Args:
        name: the format's.
        options: choices by name; the others stay as usual.
        digest: digest of the content; empty takes the usual one.
        pss: for RSA keys, PSS or PKCS#1 v1.5; None takes the format's usual.

    Raises:
        Refused: no such format or choice, or the choices contradict each other or a standard.
    """
    form = format_named(name)
    known = {one.name: one for one in choices_of(name)}
    for option, value in options.items():
        if option not in known:
            said = f"Choose {' or '.join(known)}." if known else "Leave it out."
            raise Refused(f"{form.title} has no option {option!r}.", said)
        if type(value) is not type(known[option].usual):
            kind = {bool: "true or false", int: "a number"}.get(type(known[option].usual), "text")
            raise Refused(f"The option {option!r} of {form.title} is {kind}.", "Correct it.")
    chosen: dict[str, Any] = dict(options)
    fields = {one.name for one in dataclasses.fields(form)}  # type: ignore[arg-type] # as above
    if digest and "digest" in fields:
        chosen["digest"] = digest
    if pss is not None and "pss" in fields:
        chosen["pss"] = pss
    return _MAKERS[name](**chosen)


def with_timestamps(form: Format, timestamper: Timestamper) -> Format:
    """Return a format that asks for timestamps; raises `Refused` where it has no place for any."""
    if not form.traits.stamps:
        stamping = [one.title for one in FORMATS.values() if one.traits.stamps]
        raise Refused(
            f"{form.title} has no place for timestamps.", f"Choose {' or '.join(stamping)}."
        )
    return dataclasses.replace(form, timestamper=timestamper)  # type: ignore[type-var] # as above


def check_keys(form: Format, specs: Sequence[str], digest: str = "") -> None:
    """Refuse keys that cannot sign in a format, alone or together.

    Args:
        form: the format with its choices.
        specs: AWS key specs of the signers.
        digest: the digest that was chosen, or empty.

    Raises:
        Refused: with the rule.
    """
    if len(specs) > form.traits.most_signers:
        raise Refused(
            f"{form.title} has one signature ({form.standard}).",
            "Choose one key, or another format.",
        )
    for spec in specs:
        require_spec(form.title, form.specs, spec)
        if digest:
            _check_digest(form, spec, digest, alone=len(specs) == 1)
    if digest and not any(digest in form.traits.digests(spec) for spec in specs):
        raise Refused(f"None of the keys signs with {digest} in {form.title}.", "Choose another.")
    if isinstance(form, Particular):
        form.check(specs)


def check_list(form: Format, digest: str) -> None:
    """Refuse one signature over a list of checksums where a format has no place for such a list.

    Args:
        form: the format with its choices.
        digest: of the list; empty for each file by itself.

    Raises:
        Refused: with the rule.
    """
    if digest and form.traits.takes:
        raise Refused(
            f"{form.title} is over {form.traits.takes} ({form.standard}); a list of checksums is "
            "none.",
            "Sign each file, or choose another format.",
        )


def _check_digest(form: Format, spec: str, digest: str, *, alone: bool) -> None:
    """Refuse a digest for a key; beside others a classical key takes its own digest."""
    allowed = form.traits.digests(spec)
    if digest in allowed or not (alone or KEY_SPECS[spec].family is Family.ML_DSA):
        return
    raise Refused(
        f"{form.title} with a key of spec {spec} has no digest {digest} ({form.standard}).",
        f"Choose {' or '.join(allowed)}." if allowed else "Leave the digest out.",
    )


def sign_with(form: Format, kms: Any, signings: Sequence[Signing], content: Content) -> bytes:
    """Have one or several keys sign; raises as `Format.sign`."""
    if len(signings) == 1:
        return form.sign(kms, signings[0], content)
    if not isinstance(form, SeveralSigners):
        raise Refused(f"{form.title} has one signature.", "Choose one key, or another format.")
    return form.sign_all(kms, signings, content)


def detect(data: bytes) -> Format | None:
    """Return the format of a signature by its content, or None.

    Args:
        data: the signature; its beginning is enough for most formats.
    """
    return next((form for form in _TRIED if form.sniff(data)), None)


def output_name(form: Format, path: str) -> str:
    """Return where a signature of a file goes: NAME.suffix, or a signed copy of the document.

    The copy of `a.pdf` is `a-signed.pdf`; where that is signed once more, `a-signed-2.pdf`.
    """
    if not form.traits.embeds:
        return path + form.suffix
    whole = Path(path)
    stem, number = _copied(whole.stem)
    more = f"-{number + 1}" if number else ""
    return str(whole.with_name(f"{stem}-signed{more}{whole.suffix}"))


def originals(name: str) -> tuple[str, ...]:
    """Return what a document may be called whose signed copy has a name; nothing where none is."""
    whole = Path(name)
    stem, number = _copied(whole.stem)
    marks = ("", "-signed", f"-signed-{number - 1}")[: min(number, 3)]
    return tuple(f"{stem}{mark}{whole.suffix}" for mark in marks)


def _copied(stem: str) -> tuple[str, int]:
    """Return a name without the mark of a signed copy, and how often it was signed by that."""
    found = _COPY.fullmatch(stem)
    return (found[1], int(found[2] or 1)) if found else (stem, 0)


def signed_name(name: str) -> str:
    """Return the name of the file that a signature's own name says it is for, or nothing."""
    for form in FORMATS.values():
        if not form.traits.embeds and name.endswith(form.suffix) and name != form.suffix:
            return name.removesuffix(form.suffix)
    return ""


def signature_names(path: str) -> tuple[str, ...]:
    """Return the names under which signatures of a file would lie beside it, the usual first."""
    names = (path + form.suffix for form in FORMATS.values() if not form.traits.alone)
    return tuple(dict.fromkeys((path + FORMATS["cms"].suffix, *names)))


def advice(form: Format, specs: Sequence[str]) -> str:
    """Return what to know before signing with these keys: what programs cannot check; or nothing.

    A classical signature beside the post-quantum one is what they can check.
    """
    families = {KEY_SPECS[spec].family for spec in specs}
    limits = (
        form.peer_limits if families == {Family.ML_DSA} else "",
        form.traits.several_limits if len(specs) > 1 else "",
    )
    return " ".join(filter(None, limits))
