"""Tables of certificates to be issued: what is read, and what is said of hostile ones."""

import time
from typing import Any

import pytest

from workbench.pki.order_table import (
    LARGEST_TABLE,
    MOST_PROBLEMS,
    MOST_ROWS,
    Defaults,
    Table,
    read_table,
)
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES

NAMES = {name: one.arn() for name, one in {**TEMPLATES, **OWN_TEMPLATES}.items()}


def read(text: str | bytes, defaults: Defaults | None = None) -> Table:
    data = text.encode() if isinstance(text, str) else text
    return read_table(data, NAMES, defaults or Defaults())


def told(table: Table) -> list[tuple[int, str]]:
    return [(one.line, one.column) for one in table.problems]


def test_a_row_with_everything() -> None:
    table = read(
        "Common Name,O,country,dns,ip,days,template,key_spec,alias\n"
        "a.example,Lab,DE,a.example b.example,10.0.0.1,30,CodeSigningCertificate,RSA_3072,web\n"
    )
    (row,) = table.rows
    assert table.problems == ()
    assert row.subject == {"CommonName": "a.example", "Organization": "Lab", "Country": "DE"}
    assert row.names == (
        {"DnsName": "a.example"},
        {"DnsName": "b.example"},
        {"IpAddress": "10.0.0.1"},
    )
    assert row.template_arn == "arn:aws:acm-pca:::template/CodeSigningCertificate/V1"
    assert (row.validity, row.line) == ({"Type": "DAYS", "Value": 30}, 2)
    assert (row.key_spec, row.alias, row.title) == ("RSA_3072", "alias/web", "a.example")


def test_what_a_row_leaves_out_is_filled_in() -> None:
    table = read("cn\nLeaf\n", Defaults("EndEntityCertificate_SigningKey", 7, "ECC_NIST_P256"))
    (row,) = table.rows
    assert row.template_arn == "arn:aws:acm-pca:::profile/EndEntityCertificate_SigningKey/V1"
    assert (row.validity["Value"], row.key_spec, row.key_id, row.csr) == (
        7,
        "ECC_NIST_P256",
        "",
        "",
    )


@pytest.mark.parametrize(
    "data",
    [
        "cn;o\r\nMüller;Lab\r\n".encode("utf-8-sig"),
        "cn\to\nMüller\tLab\n".encode("utf-16"),
        b"\ncn,o\n\n  ,\n M\xc3\xbcller , Lab \n",
        '"cn","o"\n"Müller","Lab"'.encode(),
    ],
)
def test_what_spreadsheets_save(data: bytes) -> None:
    (row,) = read(data).rows
    assert row.subject == {"CommonName": "Müller", "Organization": "Lab"}


def test_validity_as_a_date() -> None:
    table = read("cn,not_after\na,2030-01-31\nb,2030-01-31T12:00:00+01:00\nc,2030-01-31T11:00\n")
    values = [row.validity["Value"] for row in table.rows]
    assert values == [1896134399, 1896087600, 1896087600]
    assert {row.validity["Type"] for row in table.rows} == {"ABSOLUTE"}


def test_a_request_keeps_its_lines() -> None:
    request = "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----"
    table = read(f'csr,days\n"{request}",5\n"{request}",6\n')
    (row,) = table.rows
    assert (row.csr, row.key_spec) == (request, "")
    assert told(table) == [(5, "csr")]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("cn,colour\na,red\n", 1, "colour"),
        ("cn,CN\na,b\n", 1, "CN"),
        ("cn\n", 1, ""),
        ("", 1, ""),
        ("cn,o\na,b,c\n", 2, ""),
        ("cn,country\na,Germany\n", 2, "country"),
        ("cn\n=1+2\n", 2, "common_name"),
        ("cn\n@SUM(A1)\n", 2, "common_name"),
        ('cn\n"a\nb"\n', 2, "common_name"),
        ("cn\na\u202eb\n", 2, "common_name"),
        (f"cn\n{'a' * 65}\n", 2, "common_name"),
        (f"cn,o\na,{'b' * 2000}\n", 2, "organization"),
        ("cn,days\na,0\n", 2, "days"),
        ("cn,days\na,-1\n", 2, "days"),
        ("cn,days\na,1.5\n", 2, "days"),
        ("cn,days\na,٣\n", 2, "days"),
        ("cn,not_after\na,tomorrow\n", 2, "not_after"),
        ("cn,not_after\na,0001-01-01\n", 2, "not_after"),
        ("cn,days,not_after\na,1,2030-01-01\n", 2, "not_after"),
        ("cn,template\na,Nothing\n", 2, "template"),
        ("cn,ip\na,1.2.3\n", 2, "ip"),
        ("cn,dns\na,ä.example\n", 2, "dns"),
        ("cn,san\na,a.example\n", 2, "san"),
        ("cn,san\na,DNS:\n", 2, "san"),
        (f"cn,dns\na,{' '.join(f'x{n}' for n in range(101))}\n", 2, "san"),
        ("o,days\n,3\n", 2, "common_name"),
        ("cn,key_spec,key_id\na,RSA_2048,abc\n", 2, "key_id"),
        ("cn,key_id,alias\na,abc,web\n", 2, "alias"),
        ("cn,csr\na,request\n", 2, "csr"),
        ("cn\na\nb\na\n", 4, "common_name"),
        ("cn,alias\na,web\nb,alias/web\n", 3, "alias"),
        ('cn\n"a\n', 2, ""),
        (f'cn\n"{"a" * 200_000}"\n', 2, ""),
        (b"cn\nok\n\xff\xfe\n", 3, ""),
        (b"cn\na\x00b\n", 2, ""),
    ],
)
def test_problems_name_line_and_column(text: str | bytes, line: int, column: str) -> None:
    table = read(text)
    assert told(table)[-1] == (line, column)
    assert all(one.sentence.endswith(".") for one in table.problems)


def test_a_problem_spares_the_other_rows() -> None:
    table = read("cn,days\na,x\nb,2\n=c,3\nd,4\n")
    assert [row.subject["CommonName"] for row in table.rows] == ["b", "d"]
    assert told(table) == [(2, "days"), (4, "common_name")]


def test_an_apostrophe_makes_text_of_a_formula() -> None:
    (row,) = read("cn\n'=1+2\n").rows
    assert row.subject == {"CommonName": "=1+2"}


def test_sizes_are_bounded() -> None:
    many = read("cn\n" + "".join(f"n{n}\n" for n in range(MOST_ROWS + 5)))
    assert (len(many.rows), len(many.problems)) == (MOST_ROWS, 1)
    bad = read("cn\n" + "=x\n" * 5000)
    assert len(bad.problems) == MOST_PROBLEMS + 1
    assert told(read(b"a" * (LARGEST_TABLE + 1))) == [(1, "")]


@pytest.mark.parametrize("unit", ["a,", '"', "\n", "a,b\n", "=\n", '"x""'])
def test_ten_megabytes_of_anything_end_soon(unit: str) -> None:
    data = b"cn,o\n" + unit.encode() * (10_000_000 // len(unit))
    started = time.perf_counter()
    table = read(data)
    assert time.perf_counter() - started < 5
    assert table.problems or len(table.rows) <= MOST_ROWS


def test_names_come_once() -> None:
    (row,) = read("cn,dns,san\na,x.example x.example,email:a@b.example;dns:y.example\n").rows
    expected: list[dict[str, Any]] = [
        {"DnsName": "x.example"},
        {"Rfc822Name": "a@b.example"},
        {"DnsName": "y.example"},
    ]
    assert list(row.names) == expected
