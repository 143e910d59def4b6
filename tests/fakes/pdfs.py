"""PDFs to sign and ways to tamper with signed ones, written with pyHanko's writer."""

import io
from collections.abc import Callable
from typing import Any

from asn1crypto import tsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper

NAME = generic.NameObject


def page(writer: Any, text: str) -> Any:
    """Return a page with a line of text."""
    font = writer.add_object(
        generic.DictionaryObject(
            {
                NAME("/Type"): NAME("/Font"),
                NAME("/Subtype"): NAME("/Type1"),
                NAME("/BaseFont"): NAME("/Helvetica"),
            }
        )
    )
    drawing = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    return PageObject(
        contents=writer.add_object(generic.StreamObject(stream_data=drawing)),
        media_box=(0, 0, 595, 842),
        resources=generic.DictionaryObject(
            {NAME("/Font"): generic.DictionaryObject({NAME("/F1"): font})}
        ),
    )


def document(*lines: str, password: str = "") -> bytes:
    """Return a PDF with a page for each line."""
    writer = PdfFileWriter(stream_xrefs=False)
    for line in lines or ("Pay 10 euros.",):
        writer.insert_page(page(writer, line))
    if password:
        writer.encrypt(owner_pass=password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def updated(data: bytes, change: Callable[[Any], None]) -> bytes:
    """Return a PDF with an increment that does something to it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def another_text(writer: Any) -> None:
    """Replace what the first page says."""
    first = writer.root["/Pages"]["/Kids"][0]
    first[NAME("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=b"BT /F1 24 Tf 72 720 Td (Pay 9999 euros.) Tj ET")
    )
    writer.update_container(first)


def another_page(writer: Any) -> None:
    """Append a page."""
    writer.insert_page(page(writer, "And the house."))


def a_note(writer: Any) -> None:
    """Lay an annotation over the first page."""
    first = writer.root["/Pages"]["/Kids"][0]
    note = writer.add_object(
        generic.DictionaryObject(
            {
                NAME("/Type"): NAME("/Annot"),
                NAME("/Subtype"): NAME("/FreeText"),
                NAME("/Rect"): generic.ArrayObject(map(generic.NumberObject, (70, 700, 300, 760))),
                NAME("/Contents"): generic.pdf_string("Pay 9999 euros."),
                NAME("/DA"): generic.pdf_string("/Helv 24 Tf 0 g"),
            }
        )
    )
    annotations = first.get("/Annots")
    if annotations is None:
        first[NAME("/Annots")] = generic.ArrayObject([note])
    else:
        annotations.append(note)
        writer.update_container(annotations)
    writer.update_container(first)


def shadow(lines: tuple[str, str] = ("Pay 10 euros.", "Pay 9999 euros.")) -> bytes:
    """Return a PDF whose catalogue shows the first line, and which has another page tree ready."""
    writer = PdfFileWriter(stream_xrefs=False)
    writer.insert_page(page(writer, lines[0]))
    hidden = writer.add_object(page(writer, lines[1]))
    tree = writer.add_object(
        generic.DictionaryObject(
            {
                NAME("/Type"): NAME("/Pages"),
                NAME("/Kids"): generic.ArrayObject([hidden]),
                NAME("/Count"): generic.NumberObject(1),
            }
        )
    )
    hidden.get_object()[NAME("/Parent")] = tree
    writer.root[NAME("/Ready")] = tree
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def the_hidden_one(writer: Any) -> None:
    """Show the page tree that was ready before signing."""
    writer.root[NAME("/Pages")] = writer.root.raw_get("/Ready")
    writer.update_root()


def wrapped(data: bytes) -> bytes:
    """Carry a copy of the signed end away in a stream and let the range point there (wrapping)."""
    start = data.index(b"/ByteRange [") + len(b"/ByteRange [")
    end = data.index(b"]", start)
    first, size, second, rest = (int(one) for one in data[start:end].split())
    tail = data[second : second + rest]

    def forge(writer: Any) -> None:
        another_text(writer)
        writer.root[NAME("/Ready")] = writer.add_object(generic.StreamObject(stream_data=tail))
        writer.update_root()

    changed = updated(data, forge)
    ranges = f"{first} {size} {changed.rindex(tail)} {rest}".encode().ljust(end - start)
    return changed[:start] + ranges + changed[end:]


def without_range(data: bytes, replacement: bytes) -> bytes:
    """Replace the byte range, length kept (universal signature forgery)."""
    start = data.index(b"/ByteRange [")
    end = data.index(b"]", start) + 1
    return data[:start] + replacement.ljust(end - start)[: end - start] + data[end:]


class Authority(TimeStamper):
    """pyHanko's client of an authority that is a function."""

    def __init__(self, respond: Callable[[bytes], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # pyHanko is not typed
        self._respond = respond

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._respond(req.dump()))


def stamped(data: bytes, respond: Callable[[bytes], bytes]) -> bytes:
    """Return a PDF with a document timestamp, put in by pyHanko."""
    made = PdfTimeStamper(Authority(respond)).timestamp_pdf(
        IncrementalPdfFileWriter(io.BytesIO(data)), md_algorithm="sha256", validation_context=None
    )
    made.seek(0)
    return bytes(made.read())
