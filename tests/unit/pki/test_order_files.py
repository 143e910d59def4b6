"""What is written of tables: the example can be read back, results hold no formulas."""

import csv
import io

from tests.fakes.certificates import make
from workbench.pki.order_files import example, results
from workbench.pki.order_run import Outcome, Preview
from workbench.pki.order_table import Defaults, read_table
from workbench.pki.order_words import looked
from workbench.pki.parse import facts, pem
from workbench.pki.templates import OWN_TEMPLATES

TEMPLATES = {name: one.arn() for name, one in OWN_TEMPLATES.items()}
DEFAULTS = Defaults("EndEntityCertificate_SigningKey")


def test_the_example_is_a_table_without_problems() -> None:
    table = read_table(example(), TEMPLATES, DEFAULTS)
    assert table.problems == ()
    assert [row.title for row in table.rows] == ["www.example.com", "printer-7", "Ada Lovelace"]
    assert table.rows[1].validity["Type"] == "ABSOLUTE"


def test_results_tell_what_became_of_each_row() -> None:
    text = "cn\nmade\n'=1+1\nleft\n"
    made, failed, left = read_table(text.encode(), TEMPLATES, DEFAULTS).rows
    der = make("made", ca=False).der
    issued = Outcome(made, "arn:c", facts(der).fingerprint, pem(der), "", "arn:k")
    written = results([(made, issued), (failed, Outcome(failed, problem="-1: no")), (left, None)])
    rows = list(csv.DictReader(io.StringIO(written.decode())))
    assert [one["outcome"] for one in rows] == ["issued", "failed", "not issued"]
    assert [one["line"] for one in rows] == ["2", "3", "4"]
    assert rows[0]["certificate_arn"] == "arn:c"
    assert int(rows[0]["serial_number"].replace(":", ""), 16) == (
        facts(der).certificate.serial_number
    )
    assert (rows[1]["name"], rows[1]["problem"]) == ("'=1+1", "'-1: no")


def test_a_row_in_words() -> None:
    text = "cn,o,dns,ip\na,Lab,a.example b.example,192.0.2.1\n"
    (row,) = read_table(text.encode(), TEMPLATES, DEFAULTS).rows
    refused = looked(Preview(row, "REFUSED", ()))
    assert (refused.subject, refused.ends) == ("CN=a, O=Lab", None)
    assert refused.names == "a.example, b.example, 192.0.2.1"
    made = make("Drafted", ca=False)
    clear = looked(Preview(row, "CLEAR", (), made.der))
    assert (clear.subject, clear.ends) == (
        "CN=Drafted, O=Lab",
        made.certificate.not_valid_after_utc,
    )
    assert clear.algorithm
