"""What is demanded of signatures on the Verify page, on a real engine and a real X server."""

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from tests.fakes.engine import make_bench
from tests.fakes.signers import revoke
from tests.ui.conftest import click
from tests.ui.signing.desk import Desk
from tests.ui.signing.test_verify_page import signed
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.equivalent import public_pem
from workbench.signing.job import FileView
from workbench.signing.recipe import make_recipe


def verify_with_key(desk: Desk, files: Path, key: str, file: FileView) -> tuple[str, str]:
    """Have the page verify a signed file, whose key it trusts."""
    assert file.output is not None
    public = files.parent / "signer.pem"
    public.write_text(public_pem(bytes(desk.bench.kms.get_public_key(KeyId=key)["PublicKey"])))
    desk.pane.verdicts.trust.use_keys(public)
    desk.rest()
    desk.drop(file.path, file.output)
    return desk.verdict(file.path.name)


def edwards(desk: Desk) -> str:
    made = desk.bench.kms.create_key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["KeyId"])


def fields(desk: Desk) -> dict[str, QLineEdit]:
    """Return the lines of text among the demands, by name."""
    found = desk.pane.verdicts.inputs.demands.findChildren(QLineEdit)
    return {one.accessibleName(): one for one in found if one.isVisible()}


def field_named(desk: Desk, name: str) -> QLineEdit:
    desk.wait(lambda: name in fields(desk))
    return fields(desk)[name]


def follow_advice(desk: Desk) -> None:
    links = desk.pane.verdicts.result.findChildren(QPushButton)
    (link,) = [one for one in links if one.text() == "Change what is demanded…" and one.isVisible()]
    click(desk.qtbot, link)


def test_the_namespace_of_an_openssh_signature_can_be_demanded(desk: Desk, files: Path) -> None:
    key = edwards(desk)
    made = signed(desk, files, "sshsig", key, options=(("namespace", "git"),))
    assert not fields(desk)
    answer, sentence = verify_with_key(desk, files, key, made)
    assert answer == "Not valid"
    assert "for the namespace “git”, not for “file”" in sentence
    follow_advice(desk)
    field = field_named(desk, "Namespace")
    desk.wait(field.hasFocus)
    QTest.keyClicks(field, "git")
    result = desk.pane.verdicts.result
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()
    assert field.hasFocus(), "typing goes on where it was"
    desk.pane.verdicts.write_report(files / "report.json")
    desk.rest()
    stated = json.loads((files / "report.json").read_text())["trust"]["demands"]
    assert stated == [{"format": "sshsig", "option": "namespace", "value": "git"}]
    field.clear()
    desk.wait(lambda: result.answer.text() == "Not valid")


def test_audience_and_issuer_of_a_token_can_be_demanded(desk: Desk, files: Path) -> None:
    key = edwards(desk)
    claims = {"iss": "us", "aud": ["them"], "exp": 4102444800}
    (files / "a.bin").write_text(json.dumps(claims))
    made = signed(desk, files, "jwt", key)
    assert verify_with_key(desk, files, key, made)[0] == "Valid signature"
    assert field_named(desk, "Audience").text() == ""
    result = desk.pane.verdicts.result
    field_named(desk, "Audience").setText("others")
    desk.wait(lambda: result.answer.text() == "Not valid")
    assert "not meant for “others”" in result.sentence.text()
    field_named(desk, "Audience").setText("them")
    field_named(desk, "Issuer").setText("us")
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()


def test_external_data_of_a_cose_message_can_be_demanded(desk: Desk, files: Path) -> None:
    key = edwards(desk)
    (files / "a.bin").write_bytes(b"small")
    made = signed(desk, files, "cose-sign1", key, options=(("external", "c0ffee"),))
    assert verify_with_key(desk, files, key, made)[0] == "Not valid"
    follow_advice(desk)
    result = desk.pane.verdicts.result
    field = field_named(desk, "External data, hexadecimal")
    desk.wait(field.hasFocus)
    field.setText("coffee")
    desk.wait(lambda: "not hexadecimal" in result.sentence.text())
    assert field.isVisible()
    field.setText("c0ffee")
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()


def test_kinds_of_key_can_be_required(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    assert desk.verdict("a.bin")[0] == "Valid signature"
    demands, result = desk.pane.verdicts.inputs.demands, desk.pane.verdicts.result
    kinds = {kind.text(): kind for kind in demands._kinds}
    kinds["ML-DSA"].trigger()
    kinds["ECDSA"].trigger()
    assert demands._families.text() == "ML-DSA and ECDSA"
    desk.wait(lambda: result.answer.text() == "Not valid")
    assert "is required and missing" in result.sentence.text()
    follow_advice(desk)
    desk.wait(demands._families.hasFocus)
    kinds["ECDSA"].trigger()
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()


def test_the_purpose_of_the_signers_certificate_can_be_demanded(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    assert desk.verdict("a.bin")[0] == "Valid signature"
    demands, result = desk.pane.verdicts.inputs.demands, desk.pane.verdicts.result
    demands._purpose.setCurrentText("E-mail protection")
    desk.wait(lambda: result.answer.text() == "Not valid")
    assert "not for e-mail protection" in result.sentence.text()
    follow_advice(desk)
    desk.wait(demands._purpose.hasFocus)
    QTest.keyClick(demands._purpose, Qt.Key.Key_Home)
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()


def test_present_knowledge_of_revocation_can_be_demanded(
    desk: Desk, files: Path, tmp_path: Path
) -> None:
    desk.sign(files / "a.bin")
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    assert desk.verdict("a.bin")[0] == "Valid signature"
    demands, result = desk.pane.verdicts.inputs.demands, desk.pane.verdicts.result
    click(desk.qtbot, demands._revocation)
    desk.rest()
    assert result.answer.text() == "Valid signature", "the vault knows of its own CAs' certificates"
    path, signature, root = signed_elsewhere(tmp_path / "elsewhere", desk.bench.clock)
    desk.pane.verdicts.trust.use(root)
    desk.rest()
    desk.drop(path, signature)
    assert desk.verdict(path.name)[0] == "Not valid"
    assert "revo" in result.sentence.text()
    click(desk.qtbot, demands._revocation)
    desk.wait(lambda: result.answer.text() == "Valid signature")
    desk.rest()


def test_a_revoked_signer_is_told(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    revoke(desk.bench, desk.made.key_id)
    desk.drop(files / "a.bin", files / "a.bin.p7s")
    answer, sentence = desk.verdict("a.bin")
    assert answer != "Valid signature"
    assert "revoked" in sentence


def signed_elsewhere(folder: Path, clock: Any) -> tuple[Path, Path, Path]:
    """Return a file, its signature and the root, of a vault that ours knows nothing of."""
    folder.mkdir()
    bench = make_bench(folder / "vault", clock)
    try:
        made = bench.create_hierarchy(
            HierarchyRequest(algorithm="EC_prime256v1", alias="alias/sign"), lambda *_: None
        )
        path, root = folder / "b.bin", folder / "root.pem"
        path.write_bytes(b"theirs")
        root.write_text(made.root_pem)
        chain = chain_for_key(bench.kms, bench.shelf, "alias/sign")
        job = bench.jobs.submit(make_recipe(bench.kms, "alias/sign", chain), [path])
        assert bench.jobs.wait(job, 30).done == 1
    finally:
        bench.close()
    return path, folder / "b.bin.p7s", root
