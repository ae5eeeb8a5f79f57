"""Pictures: what is kept of them, and what is not a picture."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from kernel import pictures
from kernel.errors import Invalid


def encoded(kind="JPEG", size=(3000, 2000), colour=(200, 30, 30), **options):
    picture = Image.new("RGB", size, colour)
    ImageDraw.Draw(picture).rectangle([0, 0, size[0] // 2, 20], fill=(0, 0, 255))
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def test_a_photo_is_made_small_and_loses_where_and_when_it_was_taken():
    exif = Image.Exif()
    exif[0x010F] = "Phone maker"
    exif[0x8825] = {1: "N", 2: (24.0, 48.0, 36.0)}
    sent = encoded(exif=exif, comment=b"hidden words")
    assert b"Phone maker" in sent
    kept = pictures.photo(sent)
    clean = Image.open(io.BytesIO(kept))
    assert (clean.format, clean.size) == ("JPEG", (1600, 1067))
    assert not clean.getexif()
    assert b"Phone maker" not in kept
    assert b"hidden words" not in kept


def test_a_photo_taken_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = Image.open(io.BytesIO(pictures.photo(encoded(size=(400, 200), exif=exif))))
    assert kept.size == (200, 400)


def test_words_hidden_behind_a_picture_are_not_kept():
    assert b"<script>" not in pictures.photo(encoded("PNG", size=(50, 50)) + b"<script>alert(1)</script>")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_kinds_phones_make_are_read(kind):
    assert pictures.photo(encoded(kind, size=(60, 40)))[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.4 not a photo",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(size=(60, 40))[:200],
        encoded("PNG", size=(60, 40))[:60],
        encoded("BMP", size=(60, 40)),
        b"\0" * (pictures.MOST_BYTES + 1),
    ],
    ids=["nothing", "gif", "pdf", "svg", "cut jpeg", "cut png", "bmp", "too large"],
)
def test_what_is_not_a_whole_picture_is_refused_in_words(data):
    with pytest.raises(Invalid):
        pictures.photo(data)


def test_a_small_file_that_would_unpack_to_a_giant_is_refused():
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(Invalid, match="file-too-large"):
        pictures.photo(out.getvalue())


def test_a_signature_becomes_a_small_grey_picture_on_white():
    picture = Image.new("RGBA", (1200, 600), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(50, 500), (1100, 80)], fill=(17, 17, 17, 255), width=12)
    out = io.BytesIO()
    picture.save(out, "PNG")
    kept = pictures.signature(out.getvalue())
    clean = Image.open(io.BytesIO(kept))
    assert (clean.format, clean.size) == ("PNG", (900, 450))
    assert clean.convert("L").getpixel((5, 5)) > 240
    assert len(kept) < 12_000


@pytest.mark.parametrize("colour", [(0, 0, 0, 0), (255, 255, 255, 255), (230, 230, 230, 255)])
def test_a_blank_signature_is_refused(colour):
    out = io.BytesIO()
    Image.new("RGBA", (300, 150), colour).save(out, "PNG")
    with pytest.raises(Invalid, match="blank-signature"):
        pictures.signature(out.getvalue())


@given(st.binary(max_size=400), st.integers(0, 300))
def test_any_bytes_give_a_picture_or_a_refusal(noise, at):
    good = encoded(size=(40, 30))
    for data in (noise, good[:at] + noise + good[at + len(noise) :]):
        try:
            kept = pictures.photo(data)
        except Invalid:
            continue
        assert Image.open(io.BytesIO(kept)).format == "JPEG"
