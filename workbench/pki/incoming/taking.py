"""Taking in what was found: certificates and documents to the collection, private keys to KMS.

Owns the order of the calls. A private key enters as AWS says (Developer Guide, "Importing key
material"): a KMS key of origin EXTERNAL, a wrapping key of its own, the material wrapped under it;
then its bytes are forgotten here. Every client is boto3-shaped, so the same works on AWS.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.base.errors import Cancelled, WorkbenchError
from workbench.crypto.foreign import WRAPPING
from workbench.pki.clients import KmsClient, ShelfClient, error_code
from workbench.pki.incoming.items import Item, Sort
from workbench.pki.parse import Malformed, facts, pem

WRAPPING_SPEC: Final = "RSA_3072"
_PORTION: Final = 100
_WINDOW: Final = 7
_LONGEST_DESCRIPTION: Final = 500

Tell = Callable[[str, float], None]
"""Called with what is being taken in and the share done, 0 to 1; may raise `Cancelled`."""
FindKey = Callable[[str], str]
"""Returns the id of the KMS key with a public key's SHA-256, or empty."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item.

    Attributes:
        item: which.
        good: whether it is in now, or was already.
        added: whether it was not there before.
        words: the same in a sentence.
        target: id of the certificate, document or KMS key, or empty.
    """

    item: Item
    good: bool
    added: bool
    words: str
    target: str = ""


def usage_for(key: Item, among: Sequence[Item]) -> str:
    """Return the AWS key usage that suits a private key: that of its certificate, or signing.

    Args:
        key: the private key.
        among: what was found with it; a certificate of the same key tells what it is for.
    """
    spec = key.key.spec if key.key else ""
    for one in among:
        if one.sort is not Sort.CERTIFICATE or not one.der or one.spki_hash != key.spki_hash:
            continue
        usage = facts(one.der).usage
        if usage is None or usage.digital_signature or usage.key_cert_sign:
            continue
        if spec.startswith("RSA") and (usage.key_encipherment or usage.data_encipherment):
            return "ENCRYPT_DECRYPT"
        if spec.startswith("ECC_NIST_P") and usage.key_agreement:
            return "KEY_AGREEMENT"
    return "SIGN_VERIFY"


class Taker:
    """Takes items in.

    Args:
        kms: takes private keys.
        shelf: keeps certificates and documents.
        find_key: tells which private keys are there already.
    """

    def __init__(self, kms: KmsClient, shelf: ShelfClient, find_key: FindKey) -> None:
        self._kms = kms
        self._shelf = shelf
        self._find_key = find_key

    def take(self, items: Sequence[Item], *, trust: bool, tell: Tell) -> list[Outcome]:
        """Take every item in; what fails does not keep the others from it.

        Args:
            items: good ones.
            trust: whether root certificates among them become trusted.
            tell: hears of progress; what was taken in before it raises `Cancelled` stays, the rest
                is told as not taken in.
        """
        done: list[Outcome] = []
        try:
            # What was done before it is stopped must be told, so each is kept as it comes.
            done.extend(self._outcomes(items, trust=trust, tell=tell))
        except Cancelled:
            taken = {id(one.item) for one in done}
            done += [
                Outcome(item, good=False, added=False, words="Not taken in: you stopped before.")
                for item in items
                if id(item) not in taken
            ]
        return done

    def _outcomes(self, items: Sequence[Item], *, trust: bool, tell: Tell) -> Iterator[Outcome]:
        certificates = [one for one in items if one.sort is Sort.CERTIFICATE]
        others = [one for one in items if one.sort is not Sort.CERTIFICATE]
        count = len(items)
        for start in range(0, len(certificates), _PORTION):
            portion = certificates[start : start + _PORTION]
            tell(portion[0].name, start / count)
            yield from self._certificates(portion, trust=trust)
        for place, item in enumerate(others, start=len(certificates)):
            tell(item.name or item.detail, place / count)
            yield self._one(item, items)

    def _certificates(self, portion: Sequence[Item], *, trust: bool) -> Iterator[Outcome]:
        data = "".join(f"{pem(item.der)}\n" for item in portion).encode()
        results = self._shelf.import_certificates(Data=data, TrustRoots=trust)["Results"]
        for item, result in zip(portion, results, strict=True):
            state = result["Outcome"]
            yield Outcome(
                item,
                good=state != "UNREADABLE",
                added=state == "ADDED",
                words=str(result["Message"]),
                target=str(result.get("Id", "")),
            )

    def _one(self, item: Item, items: Sequence[Item]) -> Outcome:
        try:
            if item.sort is Sort.KEY:
                return self._key(item, usage_for(item, items))
            answer = self._shelf.import_document(Document=item.der)
        except (WorkbenchError, Malformed) as error:
            return Outcome(item, good=False, added=False, words=str(error))
        except Exception as error:
            if not error_code(error):
                raise
            words = _aws_words(error)
            return Outcome(item, good=False, added=False, words=words)
        return Outcome(
            item,
            good=True,
            added=answer["Outcome"] == "ADDED",
            words=str(answer["Message"]),
            target=str(answer["Id"]),
        )

    def _key(self, item: Item, usage: str) -> Outcome:
        key = item.key
        if key is None:
            return Outcome(item, good=False, added=False, words="There is no private key in it.")
        known = self._find_key(item.spki_hash)
        if known:
            key.forget()
            words = "The key is in this vault already."
            return Outcome(item, good=True, added=False, words=words, target=known)
        title = item.name or key.name
        description = f"{title} (imported from {item.source})" if item.source else title
        made = self._kms.create_key(
            KeySpec=key.spec,
            KeyUsage=usage,
            Origin="EXTERNAL",
            Description=_fitting(description),
        )
        name = str(made["KeyMetadata"]["KeyId"])
        try:
            self._import(name, item)
        except BaseException:
            # A key without material is of no use; AWS lets nothing be deleted sooner.
            self._kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=_WINDOW)
            raise
        finally:
            key.forget()
        words = "Its material is in the module; the original can be kept or destroyed."
        return Outcome(item, good=True, added=True, words=words, target=name)

    def _import(self, name: str, item: Item) -> None:
        assert item.key is not None
        parameters = self._kms.get_parameters_for_import(
            KeyId=name, WrappingAlgorithm=WRAPPING, WrappingKeySpec=WRAPPING_SPEC
        )
        self._kms.import_key_material(
            KeyId=name,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=item.key.wrapped(bytes(parameters["PublicKey"])),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )


def _fitting(text: str) -> str:
    return text[:_LONGEST_DESCRIPTION]


def _aws_words(error: Any) -> str:
    said = error.response.get("Error", {})
    return f"{said.get('Code', '')}: {said.get('Message', '')}"
