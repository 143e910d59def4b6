import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import EnvironmentFault, Refused
from workbench.ui.errors import Explanation
from workbench.ui.panes.keys import import_terms as terms
from workbench.ui.panes.keys.import_dialog import import_words
from workbench.ui.panes.keys.import_terms import ImportRequest, Parameters
from workbench.ui.panes.keys.importing import why_not_delete, why_not_import
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.materials import CURRENT, Material
from workbench.ui.panes.keys.region_dialogs import (
    ReplicaRequest,
    replicate,
    why_not_move_primary,
    why_not_replicate,
)
from workbench.ui.panes.keys.regions import Regions, known_regions
from workbench.ui.panes.keys.rotate import first_reason, why_not_rotate, why_not_schedule

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERE = Material("a" * 64, CURRENT, NOON, import_state="IMPORTED")


def external(spec: str = "SYMMETRIC_DEFAULT", **more: Any) -> KeyRow:
    values: dict[str, Any] = {"state": "Enabled", "materials": (HERE,)} | more
    return KeyRow("k", "arn:aws:kms:eu-west-1:1:key/k", spec=spec, origin="EXTERNAL", **values)


class Recorder:
    """Answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def import_key_material(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        return {"KeyMaterialId": "b" * 64}

    def replicate_key(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        return {"ReplicaKeyMetadata": {"Arn": "arn:replica"}}

    def get_key_policy(self, **_request: Any) -> dict[str, Any]:
        return {"Policy": "{}"}


@pytest.fixture
def wrapped(tmp_path: Path) -> Path:
    path = tmp_path / "wrapped.bin"
    path.write_bytes(b"\x01" * 512)
    return path


def asked_for(row: KeyRow, request: ImportRequest) -> dict[str, Any]:
    kms = Recorder()
    assert terms.import_material(kms, row, request) == "b" * 64
    return kms.asked


def test_private_keys_are_wrapped_in_two_steps_and_secrets_in_one() -> None:
    assert terms.wrapping_algorithms("SYMMETRIC_DEFAULT")[0] == "RSAES_OAEP_SHA_256"
    assert terms.wrapping_algorithms("HMAC_512")[0] == "RSAES_OAEP_SHA_256"
    assert set(terms.wrapping_algorithms("RSA_2048")) == {terms.WRAP_256, terms.WRAP_1}
    assert terms.wrapping_algorithms("ECC_NIST_P256")[0] == "RSA_AES_KEY_WRAP_SHA_256"
    assert terms.wrapping_specs("ECC_NIST_P521", terms.OAEP_256) == ("RSA_4096", "RSA_3072")
    assert terms.wrapping_specs("ECC_NIST_P521", terms.WRAP_256)[-1] == "RSA_2048"


def test_a_first_import_leaves_the_type_to_kms(wrapped: Path) -> None:
    asked = asked_for(external(), ImportRequest(wrapped, b"token", description="HSM 1"))
    assert asked == {
        "KeyId": "k",
        "ImportToken": b"token",
        "EncryptedKeyMaterial": b"\x01" * 512,
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        "KeyMaterialDescription": "HSM 1",
    }


def test_new_material_is_said_to_be_new_and_expires(wrapped: Path) -> None:
    until = NOON + timedelta(days=3)
    asked = asked_for(external(), ImportRequest(wrapped, b"t", new=True, valid_to=until))
    assert asked["ImportType"] == "NEW_KEY_MATERIAL"
    assert "KeyMaterialId" not in asked
    assert (asked["ExpirationModel"], asked["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", until)


def test_material_imported_again_is_named(wrapped: Path) -> None:
    asked = asked_for(external(), ImportRequest(wrapped, b"t", new=False, material=HERE.id))
    assert asked["ImportType"] == "EXISTING_KEY_MATERIAL"
    assert asked["KeyMaterialId"] == HERE.id


def test_what_only_symmetric_keys_know_is_left_out_for_others(wrapped: Path) -> None:
    request = ImportRequest(wrapped, b"t", new=False, material=HERE.id, description="x")
    asked = asked_for(external("RSA_2048"), request)
    assert set(asked) == {"KeyId", "ImportToken", "EncryptedKeyMaterial", "ExpirationModel"}


@given(data=st.binary(min_size=1, max_size=300))
def test_base64_as_the_cli_prints_it_is_decoded(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("base64") / "token"
    path.write_bytes(base64.encodebytes(data))
    assert terms.read_import_file(path) == data


def test_text_that_only_looks_like_base64_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"abc=d")
    assert terms.read_import_file(path) == b"abc=d"


@pytest.mark.parametrize(("size", "word"), [(0, "empty"), (6145, "larger"), (60_000, "larger")])
def test_files_that_cannot_be_right_are_refused(tmp_path: Path, size: int, word: str) -> None:
    path = tmp_path / "some.bin"
    path.write_bytes(b"\xff" * size)
    with pytest.raises(Refused, match=word):
        terms.read_import_file(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="gone\\.bin"):
        terms.read_import_file(tmp_path / "gone.bin")


def test_the_wrapping_key_is_saved_as_der_and_as_pem(tmp_path: Path) -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    parameters = Parameters(terms.OAEP_256, der, b"token", NOON)
    terms.save_public_key(parameters, tmp_path / "key.der")
    assert (tmp_path / "key.der").read_bytes() == der
    terms.save_public_key(parameters, tmp_path / "key.PEM")
    assert load_pem_public_key((tmp_path / "key.PEM").read_bytes()) == public
    with pytest.raises(EnvironmentFault):
        terms.save_public_key(parameters, tmp_path / "no" / "folder.der")


def test_commands_quote_what_a_shell_would_take_apart() -> None:
    text = terms.commands(
        "SYMMETRIC_DEFAULT", terms.OAEP_256, Path("/a b/$(x).pem"), Path("w;rm.bin")
    )
    assert "'/a b/$(x).pem'" in text
    assert "'w;rm.bin'" in text
    assert "-keyform PEM" in text


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("IncorrectKeyMaterialException", "very material"),
        ("ExpiredImportTokenException", "24 hours"),
        ("InvalidImportTokenException", "this very key"),
        ("InvalidCiphertextException", "Wrap again"),
        ("KMSInvalidStateException", "pending import"),
    ],
)
def test_refusals_of_an_import_say_what_to_do(code: str, word: str) -> None:
    told = import_words(Explanation(code, "Refused.", "Do something."))
    assert (told.title, told.message) == (code, "Refused.")
    assert word in told.next_step


def test_other_refusals_keep_their_own_step() -> None:
    words = Explanation("AccessDeniedException", "No.", "Ask for a grant.")
    assert import_words(words) is words


def test_imports_go_into_external_keys_that_can_take_them() -> None:
    assert why_not_import(external()) == ""
    assert why_not_import(external(state="PendingImport")) == ""
    assert why_not_import(external(state="Disabled")) == ""
    assert "Being created" in why_not_import(external(state="Creating"))
    assert "pending deletion" in why_not_import(external(state="PendingDeletion"))
    own = KeyRow("k", "arn", spec="SYMMETRIC_DEFAULT", origin="AWS_KMS", state="Enabled")
    assert "made by KMS" in why_not_import(own)
    assert "KMS made it" in why_not_delete(own, Material("m", CURRENT, NOON))
    assert why_not_delete(external(), HERE) == ""
    assert "AWS manages" in why_not_delete(external(managed_by_aws=True), HERE)


def test_a_replica_leaves_rotation_and_replication_to_its_primary_key() -> None:
    arn = "arn:aws:kms:eu-west-1:1:key/k"
    replica = external(regions=Regions(False, "us-east-1", arn, (("eu-west-1", arn),)))
    for why in (why_not_rotate, why_not_schedule, why_not_replicate, why_not_move_primary):
        assert "us-east-1" in why(replica)
    primary = external(regions=Regions(True, "eu-west-1", arn))
    assert why_not_replicate(primary) == ""
    assert "no replica yet" in why_not_move_primary(primary)
    assert "chosen when a key is created" in why_not_replicate(external())
    off = external(state="Disabled", regions=Regions(True, "eu-west-1", arn, (("x", arn),)))
    assert "Disabled" in why_not_replicate(off)
    assert "Disabled" in why_not_move_primary(off)


def test_material_that_waits_for_replicas_cannot_be_rotated_to() -> None:
    waits = Material("b" * 64, "PENDING_MULTI_REGION_IMPORT_AND_ROTATION", None,
                     import_state="IMPORTED")  # fmt: skip
    assert "every replica" in why_not_rotate(external(materials=(HERE, waits)))
    gone = Material("b" * 64, "PENDING_ROTATION", None, import_state="PENDING_IMPORT")
    assert "import new" in why_not_rotate(external(materials=(HERE, gone)))


def test_the_first_reason_among_several_keys_names_its_key() -> None:
    fine = KeyRow("f", "arn", ("fine",), spec="SYMMETRIC_DEFAULT", origin="AWS_KMS",
                  state="Enabled")  # fmt: skip
    off = KeyRow("o", "arn", ("off",), spec="SYMMETRIC_DEFAULT", origin="AWS_KMS",
                 state="Disabled")  # fmt: skip
    assert first_reason([fine, off], why_not_rotate) == "off: the key is not enabled"
    assert first_reason([off], why_not_rotate) == "the key is not enabled"
    assert first_reason([fine], why_not_rotate) == ""
    assert "no key" in first_reason([], why_not_rotate)


def test_a_replica_takes_over_what_is_wished() -> None:
    kms, row = Recorder(), external(tags=(("team", "x"),))
    assert replicate(kms, row, ReplicaRequest("us-east-1", "d", tags=True, policy=True)) == (
        "arn:replica"
    )
    assert kms.asked["Tags"] == [{"TagKey": "team", "TagValue": "x"}]
    assert kms.asked["Policy"] == "{}"
    replicate(kms, row, ReplicaRequest("us-east-1", "", tags=False, policy=False))
    assert kms.asked == {"KeyId": "k", "ReplicaRegion": "us-east-1", "Description": ""}


def test_regions_of_every_partition_are_known() -> None:
    regions = known_regions()
    assert {"eu-central-1", "us-gov-west-1", "cn-north-1"} <= set(regions)
    assert list(regions) == sorted(regions)
