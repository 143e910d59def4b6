"""Self-tests: all pass, and each one that is corrupted stops the module."""

import pytest

from workbench.base.errors import IntegrityError, Refused
from workbench.crypto.table import KEY_SPECS, Family
from workbench.hsm import pairwise, selftest
from workbench.hsm.answers.form import SelfTest
from workbench.hsm.module import Module
from workbench.hsm.states import ModuleState


def test_every_self_test_passes_and_is_reported() -> None:
    module = Module()
    before = module.report
    report = module.power_on()
    assert before is None
    assert module.report is report
    assert report.passed
    assert [result.name for result in report.results] == list(selftest.names())
    assert all(result.standard and result.microseconds > 0 for result in report.results)


def test_names_are_unique() -> None:
    assert len(set(selftest.names())) == len(selftest.names()) == 52


def test_every_family_has_a_known_answer() -> None:
    names = " ".join(selftest.names())
    for spec in KEY_SPECS.values():
        for word in _words(spec.name, spec.family) if spec.supported else ():
            assert word in names, (spec.name, word)


def _words(name: str, family: Family) -> tuple[str, ...]:
    curve = {"ECC_NIST_P256": "P-256", "ECC_NIST_P384": "P-384", "ECC_NIST_P521": "P-521"}
    return {
        Family.SYMMETRIC: ("AES-256-GCM", "KBKDF"),
        Family.MAC: (f"HMAC-SHA-{name[-3:]}",),
        Family.RSA: ("RSA-PSS", "RSA-PKCS1-v1_5", "RSA-OAEP-SHA-1", "RSA-OAEP-SHA-256"),
        Family.ELLIPTIC: (f"ECDSA {curve.get(name, 'secp256k1')}",),
        Family.EDWARDS: ("Ed25519",),
        Family.ML_DSA: (name.replace("_", "-"),),
        Family.ML_KEM: (name.replace("_", "-"),),
    }[family]


@pytest.mark.parametrize("name", selftest.names())
def test_a_corrupted_self_test_latches_the_error_state(name: str) -> None:
    module = Module(corrupt=name)
    with pytest.raises(IntegrityError) as caught:
        module.power_on()
    assert f"({name})" in caught.value.message
    assert module.state is ModuleState.ERROR
    assert module.report is not None
    assert [result.name for result in module.report.results if not result.passed] == [name]
    with pytest.raises(Refused, match="error"):
        module.user()
    with pytest.raises(Refused, match="error"):
        module.power_on()


def test_an_unknown_self_test_cannot_be_corrupted() -> None:
    with pytest.raises(ValueError, match="MD5"):
        Module(corrupt="MD5")


def test_a_self_test_that_raises_has_failed() -> None:
    def check(data: bytes) -> bool:
        raise RuntimeError(data)

    assert not selftest._run_one(SelfTest("n", "s", b"d", check), corrupt=False).passed


def test_an_empty_report_has_not_passed() -> None:
    assert not selftest.SelfTestReport(()).passed


PAIRS = [(s.name, usage) for s in KEY_SPECS.values() if s.asymmetric and s.supported
         for usage in s.usages if s.bits <= 2048 or s.family is not Family.RSA]  # fmt: skip


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_a_pair_that_is_not_consistent_latches_the_error_state(spec: str, usage: str) -> None:
    module = Module(corrupt=pairwise.NAME)
    assert module.power_on().passed
    officer = module.officer()
    officer.create_vault_key()
    officer.create_domain_key()
    user = module.user()
    with pytest.raises(IntegrityError, match=spec):
        user.generate("k", spec, usage)
    assert module.state is ModuleState.ERROR
    with pytest.raises(Refused, match="error"):
        user.generate_random(1)


def test_a_data_key_pair_is_tested_too() -> None:
    module = Module(corrupt=pairwise.NAME)
    module.power_on()
    with pytest.raises(IntegrityError, match="ECC_NIST_P256"):
        module.user().data_key_pair("ECC_NIST_P256")
    assert module.state is ModuleState.ERROR
