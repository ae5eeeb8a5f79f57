"""Pictures from phones, made small and clean: read as what they are, turned upright, written anew.

Writing anew is what removes everything but the pixels: the place and time a phone notes in a photo (EXIF), previews,
and whatever somebody hid behind the picture. A file that lies about its type does not decode and is refused.
"""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from kernel.errors import Invalid

MOST_BYTES = 8 << 20
MOST_PIXELS = 40_000_000
PHOTO_SIDE = 1600
SIGNATURE_SIDE = 900
FORMATS = ("JPEG", "PNG", "WEBP")

NOT_A_PICTURE = "这个文件不是照片，或者已经损坏。请重新拍一张。"


def photo(data: bytes) -> bytes:
    """A photo as JPEG of at most 1600 px a side, without any metadata. Raises Invalid."""
    picture = _upright(data)
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    return _written(_on_white(picture, "RGB"), "JPEG", quality=80, optimize=True)


def signature(data: bytes) -> bytes:
    """A signature as a small grey PNG on white, without any metadata. Raises Invalid, also for a blank one."""
    picture = _upright(data)
    # Made small first: a file of five kilobytes may hold forty million points, and each copy of them is 160 MB.
    if picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "L")
    elif picture.mode == "1":
        picture = picture.convert("L")
    picture.thumbnail((SIGNATURE_SIDE, SIGNATURE_SIDE))
    picture = _on_white(picture, "RGB").convert("L")
    darkest, _ = picture.getextrema()
    if not isinstance(darkest, int | float) or darkest > 160:
        raise Invalid("blank-signature", "签名是空白的，请用手指在框里写名字。")
    return _written(picture.quantize(8), "PNG", optimize=True)


def _upright(data: bytes) -> Image.Image:
    if not data:
        raise Invalid("no-file", "没有收到文件，请重新选一张。")
    if len(data) > MOST_BYTES:
        raise Invalid("file-too-large", "照片太大，请重新拍一张。")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=FORMATS)
            if opened.width * opened.height > MOST_PIXELS or min(opened.size) < 1:
                raise Invalid("file-too-large", "照片的尺寸太大，请重新拍一张。")
            opened.load()
            return ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Invalid("not-a-picture", NOT_A_PICTURE) from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError, MemoryError):
        # What Pillow's decoders raise for broken files.
        raise Invalid("not-a-picture", NOT_A_PICTURE) from None


def _on_white(picture: Image.Image, mode: str) -> Image.Image:
    clear = picture.convert("RGBA")
    white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
    white.alpha_composite(clear)
    return white.convert(mode)


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    clean = Image.new(picture.mode, picture.size)
    if picture.mode == "P":
        palette = picture.getpalette()
        if palette is not None:
            clean.putpalette(palette)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, kind, **options)
    return out.getvalue()
