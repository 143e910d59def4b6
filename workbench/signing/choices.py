"""What a person chose about signing, before keys and certificates are looked up.

Owns recipes as they are named, stored and exchanged: choices, not certificates, so that a renewed
certificate is taken up, and nothing private. Reading them is strict: every refusal says where.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from workbench.base.errors import NotFound, Refused
from workbench.base.files import printable
from workbench.base.sites import Site
from workbench.crypto.table import KEY_SPECS
from workbench.pki.purposes import Purpose
from workbench.signing.chains import signing_chain
from workbench.signing.formats.base import Broken, Format
from workbench.signing.formats.jose import strict_json
from workbench.signing.formats.registry import (
    Value,
    check_keys,
    check_list,
    format_named,
    make_format,
)
from workbench.signing.recipe import CHECKSUMS, Credential, Recipe

DOCUMENT: Final = "org.keyworkbench.recipes"
VERSION: Final = 1
LONGEST_NAME: Final = 60
LARGEST_DOCUMENT: Final = 1 << 20
_MOST_RECIPES: Final = 1000
_LONGEST_TEXT: Final = 4096
_PADDINGS: Final = {"pss": True, "pkcs1": False}


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """A key to sign with.

    Attributes:
        id: its id, ARN or alias.
        spec: its AWS key spec where that is known, so that rules can be checked without it.
    """

    id: str
    spec: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What is chosen about signing.

    Attributes:
        keys: who signs, the first key first.
        kind: name of the format.
        options: choices of the format by name, sorted.
        digest: digest of the files; empty for each key's usual one.
        pss: for RSA keys, PSS or PKCS#1 v1.5; None for the format's usual.
        stamper: key of the timestamp authority; empty for no timestamps.
        folder: where signatures go; empty for beside each file.
        replace: whether existing signatures are replaced.
        checksums: sign one list of checksums by this digest; empty for each file by itself.
        name: what the recipe is called; empty for none.
        site: where the keys are; None for the vault's home Region.
    """

    keys: tuple[KeyChoice, ...] = ()
    kind: str = "cms"
    options: tuple[tuple[str, Value], ...] = ()
    digest: str = ""
    pss: bool | None = None
    stamper: str = ""
    folder: str = ""
    replace: bool = False
    checksums: str = ""
    name: str = ""
    site: Site | None = None

    @property
    def place(self) -> Path | None:
        """Where signatures go, or None for beside each file."""
        return Path(self.folder) if self.folder else None

    @property
    def form(self) -> Format:
        """The format with its choices; raises `Refused` where there is none such."""
        return make_format(self.kind, dict(self.options), self.digest, pss=self.pss)

    def check(self) -> None:
        """Refuse what breaks a standard, as far as that can be said without the keys.

        Raises:
            Refused: with the rule.
        """
        form = self.form
        specs = [key.spec for key in self.keys if key.spec]
        if specs and len(specs) == len(self.keys):
            check_keys(form, specs, self.digest)
        if len(self.keys) > form.traits.most_signers:
            raise Refused(f"{form.title} has one signature.", "Choose one key.")
        if self.stamper and not form.traits.stamps:
            raise Refused(f"{form.title} has no place for timestamps.", "Choose a CMS format.")
        check_list(form, self.checksums)
        if self.checksums and self.checksums not in CHECKSUMS:
            raise Refused(
                f"There are no lists of checksums with {self.checksums!r}.",
                f"Choose {' or '.join(CHECKSUMS)}.",
            )

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values; what is as usual is left out."""
        record: dict[str, Any] = {"name": self.name, "format": self.kind}
        record["keys"] = [
            {"id": key.id, "spec": key.spec} if key.spec else {"id": key.id} for key in self.keys
        ]
        if self.options:
            record["options"] = dict(self.options)
        if self.pss is not None:
            record["padding"] = "pss" if self.pss else "pkcs1"
        rest = {
            "digest": self.digest,
            "timestampKey": self.stamper,
            "folder": self.folder,
            "replace": self.replace,
            "checksums": self.checksums,
        }
        record |= {name: value for name, value in rest.items() if value}
        return record if self.site is None else record | {"site": self.site.to_record()}


def recipe_from(kms: Any, shelf: Any, choices: Choices) -> Recipe:
    """Look up keys and certificates and return the recipe.

    Args:
        kms: boto3-shaped KMS client of the site they name.
        shelf: client of the certificate collection.
        choices: what was chosen.

    Raises:
        NotFound: no certificate in the collection is for a key that needs one.
        Refused: a certificate is revoked; or as `Recipe`.
        botocore ClientError: a key cannot be asked for.
    """
    if not choices.keys:
        raise Refused("The recipe names no key.", "Choose the key to sign with.")
    choices.check()
    traits = format_named(choices.kind).traits
    first, *others = (
        _credential(kms, shelf, key.id, traits.certificate, traits.purpose) for key in choices.keys
    )
    stamper = None
    if choices.stamper:
        stamper = _credential(kms, shelf, choices.stamper, "needed", Purpose.TIME_STAMPING)
    return Recipe(
        key_id=first.key_id,
        public_key=first.public_key,
        chain=first.chain,
        digest=choices.digest,
        replace_existing=choices.replace,
        folder=choices.place,
        pss=choices.pss,
        kind=choices.kind,
        options=choices.options,
        others=tuple(others),
        stamper=stamper,
        checksums=choices.checksums,
        name=choices.name,
        site=choices.site,
    )


def _credential(kms: Any, shelf: Any, key_id: str, wanted: str, purpose: Purpose) -> Credential:
    public_key = bytes(kms.get_public_key(KeyId=key_id)["PublicKey"])
    chain: tuple[bytes, ...] = ()
    if wanted != "none":
        try:
            chain = signing_chain(kms, shelf, key_id, purpose)
        except NotFound:
            if wanted == "needed":
                raise
    return Credential(key_id, public_key, chain)


def with_specs(kms: Any, choices: Choices) -> Choices:
    """Return choices that know their keys' specs, for checking and for export.

    Raises:
        botocore ClientError: a key cannot be asked for.
    """
    keys = tuple(
        replace(key, spec=str(kms.describe_key(KeyId=key.id)["KeyMetadata"].get("KeySpec", "")))
        for key in choices.keys
    )
    return replace(choices, keys=keys)


def write_recipes(recipes: Sequence[Choices]) -> str:
    """Return named recipes as a JSON document for another vault."""
    document = {
        "type": DOCUMENT,
        "version": VERSION,
        "recipes": [one.to_record() for one in recipes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_recipes(data: bytes) -> tuple[Choices, ...]:
    """Read the document of `write_recipes`.

    Raises:
        Refused: with the JSON path of what is wrong and why; nothing else is wrong before it.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise _wrong("$", "is larger than recipes are")
    try:
        document = strict_json(data, "The file")
    except Broken as error:
        raise Refused(
            f"This is not a file of recipes. {error.message}", "Export the recipes again."
        ) from error
    at = _Place("$", document)
    at.only("type", "version", "recipes")
    if document.get("type") != DOCUMENT:
        raise _wrong("$.type", f"is not “{DOCUMENT}”")
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise _wrong("$.version", f"is not {VERSION}, the only version known here")
    listed = document.get("recipes")
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST_RECIPES:
        raise _wrong("$.recipes", f"is not a list of 1 to {_MOST_RECIPES} recipes")
    found = tuple(read_choices(one, f"$.recipes[{number}]") for number, one in enumerate(listed))
    names = [one.name for one in found]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise _wrong(f"$.recipes[{number}].name", "is there twice")
    return found


def read_choices(value: object, path: str = "$", *, named: bool = True) -> Choices:
    """Read one recipe.

    Args:
        value: JSON values, as `Choices.to_record` returns.
        path: where it stands, for errors.
        named: whether it must have a name.

    Raises:
        Refused: with the path of what is wrong, or with the rule it breaks.
    """
    at = _Place(path, value)
    at.only(
        "name", "format", "keys", "options", "padding", "digest", "timestampKey", "folder",
        "replace", "checksums", "site",
    )  # fmt: skip
    name = at.text("name")
    if (named and not name.strip()) or len(name) > LONGEST_NAME or not name.isprintable():
        raise _wrong(f"{path}.name", f"is not a name of 1 to {LONGEST_NAME} printable characters")
    padding = at.text("padding")
    if padding and padding not in _PADDINGS:
        raise _wrong(f"{path}.padding", f"is neither {' nor '.join(_PADDINGS)}")
    try:
        choices = Choices(
            keys=_keys(at, path) if named or at.members.get("keys") else (),
            kind=at.text("format"),
            options=_options(at, path),
            digest=at.text("digest"),
            pss=_PADDINGS.get(padding),
            stamper=at.text("timestampKey"),
            folder=at.text("folder"),
            replace=at.flag("replace"),
            checksums=at.text("checksums"),
            name=name,
            site=_site(at, path),
        )
        choices.check()
    except Refused as error:
        if error.message.startswith("$"):
            raise
        raise Refused(f"{path}: {error.message}", error.next_step) from error
    return choices


def _site(at: "_Place", path: str) -> Site | None:
    value = at.members.get("site")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _wrong(f"{path}.site", "is not an object")
    try:
        return Site.from_record(value)
    except Refused as error:
        raise Refused(f"{path}.site: {error.message}", error.next_step) from error


def _keys(at: "_Place", path: str) -> tuple[KeyChoice, ...]:
    listed = at.members.get("keys")
    if not isinstance(listed, list) or not listed or len(listed) > 16:
        raise _wrong(f"{path}.keys", "is not a list of 1 to 16 keys")
    found = []
    for number, one in enumerate(listed):
        key = _Place(f"{path}.keys[{number}]", one)
        key.only("id", "spec")
        spec = key.text("spec")
        if not key.text("id"):
            raise _wrong(f"{key.path}.id", "is missing")
        if spec and spec not in KEY_SPECS:
            raise _wrong(f"{key.path}.spec", "is no AWS key spec")
        found.append(KeyChoice(key.text("id"), spec))
    return tuple(found)


def _options(at: "_Place", path: str) -> tuple[tuple[str, Value], ...]:
    options = at.members.get("options", {})
    if not isinstance(options, dict):
        raise _wrong(f"{path}.options", "is not an object")
    for name, value in options.items():
        if not isinstance(value, str | int | bool):
            raise _wrong(f"{path}.options.{name}", "is not text, a number, true or false")
        if isinstance(value, str) and len(value) > 1 << 16:
            raise _wrong(f"{path}.options.{name}", "is too long")
    return tuple(sorted(options.items()))


class _Place:
    """An object somewhere in a document."""

    def __init__(self, path: str, value: object) -> None:
        if not isinstance(value, dict):
            raise _wrong(path, "is not an object")
        self.path = path
        self.members: Mapping[str, Any] = value

    def only(self, *names: str) -> None:
        for name in self.members:
            if name not in names:
                shown = printable(name[:LONGEST_NAME])
                raise _wrong(self.path, f"has a member {shown} that is not known")

    def text(self, name: str) -> str:
        value = self.members.get(name, "")
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
            raise _wrong(f"{self.path}.{name}", "is not a line of text")
        return value

    def flag(self, name: str) -> bool:
        value = self.members.get(name, False)
        if not isinstance(value, bool):
            raise _wrong(f"{self.path}.{name}", "is not true or false")
        return value


def _wrong(path: str, why: str) -> Refused:
    return Refused(f"{path} {why}.", "Correct the file, or export the recipes again.")
