"""The unambiguous encoding of several fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import IntegrityError
from workbench.crypto.encoding import pack, unpack

FIELDS = st.lists(st.binary(max_size=40), max_size=6)


@given(FIELDS)
def test_unpack_undoes_pack(fields: list[bytes]) -> None:
    assert unpack(pack(*fields), len(fields), "It") == tuple(fields)


@given(FIELDS, FIELDS)
def test_different_fields_never_look_alike(first: list[bytes], second: list[bytes]) -> None:
    assert (pack(*first) == pack(*second)) == (first == second)


def test_moving_a_byte_between_fields_is_seen() -> None:
    assert pack(b"ab", b"c") != pack(b"a", b"bc")


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_truncation_and_trailing_bytes_are_refused(fields: list[bytes]) -> None:
    data = pack(*fields)
    for size in range(len(data)):
        with pytest.raises(IntegrityError, match="cut short"):
            unpack(data[:size], len(fields), "It")
    with pytest.raises(IntegrityError, match="after its end"):
        unpack(data + b"\0", len(fields), "It")
