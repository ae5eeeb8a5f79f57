"""Static files under one hashed address, and pages kept as ready-made bytes.

Every package's ``static/`` folder is copied once, at start, into ``<var>/assets/<build>/<package>/…`` with ``.br`` and
``.gz`` beside each file; ``<build>`` is a hash over all of them. One hash for the whole build rather than one a file:
ES modules import each other by relative path (``../kernel/api.js``), and that keeps working without rewriting a line.
An earlier build's folder stays, so a page opened before a deployment can still fetch its later sections.
"""

import functools
import gzip
import hashlib
import re
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from wsgiref.headers import Headers

import brotli
from flask import Flask, Response, current_app, request
from servestatic import ServeStatic

PREFIX = "/assets/"
PACKED = {".css", ".js", ".svg", ".json", ".html", ".txt"}
SMALLEST_PACKED_BYTES = 200
YEAR_S = 31_536_000
TYPE_SIZES = ("normal", "large", "xlarge")
SIZE_COOKIE = "type"


# ---- the build ---------------------------------------------------------------------------------------------------


def static_folders(root: Path) -> dict[str, Path]:
    """Finds every ``static/`` folder of the product under ``root``: package name -> folder.

    The name is the folder that owns it (``surveys/votes/static`` -> ``votes``); ``kernel/web`` is ``kernel``.
    Raises ValueError when two packages would share a name.
    """
    found: dict[str, Path] = {}
    for top in ("kernel", "surveys", "payments", "portal"):
        for folder in sorted((root / top).rglob("static")):
            if not folder.is_dir():
                continue
            name = "kernel" if folder.parent.name == "web" else folder.parent.name
            if name in found:
                raise ValueError(f"two static folders are called {name}: {found[name]} and {folder}")
            found[name] = folder
    return found


@functools.lru_cache(maxsize=512)
def _packed(data: bytes) -> tuple[bytes, bytes]:
    """(brotli, gzip) of ``data``; remembered, for tests make many apps in one process.

    Large files (the vendored QR reader) at 10 instead of 11: 5 % more bytes for a third of the time.
    """
    return brotli.compress(data, quality=11 if len(data) < 65_536 else 10), gzip.compress(data, 9, mtime=0)


def lean(path: str, data: bytes) -> bytes:
    """Drops comments from our own CSS and whole-line ``//`` comments from our own modules; vendored files stay as is.

    A module must not hold a template literal with a line that begins with ``//``; ours hold none.
    """
    if "/vendor/" in f"/{path}":
        return data
    if path.endswith(".css"):
        return re.sub(rb"\n\s*", b"\n", re.sub(rb"/\*.*?\*/", b"", data, flags=re.S)).strip() + b"\n"
    if path.endswith(".js"):
        lines = (line.strip() for line in data.splitlines())
        return b"\n".join(line for line in lines if line and not line.startswith(b"//")) + b"\n"
    return data


def build(folders: Mapping[str, Path], target: Path) -> str:
    """Writes all files of ``folders`` under ``target/<hash>/`` unless they are there; gives the hash (12 hex digits).

    Several workers may do it at once: each writes aside and renames, the first wins.
    """
    files: dict[str, bytes] = {}
    for name, folder in sorted(folders.items()):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                inside = f"{name}/{path.relative_to(folder).as_posix()}"
                files[inside] = lean(inside, path.read_bytes())
    digest = hashlib.sha256()
    for inside, data in files.items():
        digest.update(f"{inside}\0{len(data)}\0".encode() + data)
    build_hash = digest.hexdigest()[:12]
    if (target / build_hash).is_dir():
        return build_hash
    target.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=target))
    for inside, data in files.items():
        path = aside / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if path.suffix in PACKED and len(data) >= SMALLEST_PACKED_BYTES:
            br, gz = _packed(data)
            Path(f"{path}.br").write_bytes(br)
            Path(f"{path}.gz").write_bytes(gz)
    aside.chmod(0o755)
    try:
        aside.rename(target / build_hash)
    except OSError:  # another worker was first
        shutil.rmtree(aside, ignore_errors=True)
    return build_hash


def asset(name: str) -> str:
    """The address of a static file: ``asset("kernel/base.css")`` -> ``/assets/<build>/kernel/base.css``.

    Raises KeyError for a file that does not exist, so that a misspelt name fails in the first test that draws the page.
    """
    held: AssetBuild = current_app.extensions["gongjian_assets"]
    return held.url(name)


@dataclass
class AssetBuild:
    """What one app serves: the folders it was built from and the hash of the build."""

    folders: Mapping[str, Path]
    target: Path
    build_hash: str
    watch: bool
    stamp: float = 0.0
    looked_at: float = 0.0

    def url(self, name: str) -> str:
        """See ``asset``."""
        package, _, inside = name.partition("/")
        if package not in self.folders or not (self.folders[package] / inside).is_file():
            raise KeyError(f"no static file {name}")
        if self.watch:
            self._rebuild_when_changed()
        return f"{PREFIX}{self.build_hash}/{name}"

    def _rebuild_when_changed(self) -> None:
        if time.monotonic() - self.looked_at < 1:
            return
        self.looked_at = time.monotonic()
        newest = max((p.stat().st_mtime for f in self.folders.values() for p in f.rglob("*")), default=0.0)
        if newest != self.stamp:
            self.build_hash, self.stamp = build(self.folders, self.target), newest


def install_assets(app: Flask, *, root: Path, var: Path, watch: bool = False) -> None:
    """Builds the static files of the tree at ``root`` into ``var/assets`` and serves them from ``app``.

    Adds ``asset`` and ``type_size`` to every template, and packs dynamic answers (see ``pack``).
    ``watch``: look for changed files, at most once a second (development).
    """
    folders, target = static_folders(root), var / "assets"
    held = AssetBuild(folders, target, build(folders, target), watch)
    app.extensions["gongjian_assets"] = held
    app.extensions["gongjian_kept_pages"] = KeptPages()
    app.jinja_env.globals["asset"] = asset
    app.context_processor(lambda: {"type_size": type_size()})
    app.after_request(pack)
    # The middleware lists the folder once; a build made later by `watch` is found by looking again.
    app.wsgi_app = ServeStatic(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(target),
        prefix=PREFIX,
        autorefresh=watch,
        max_age=YEAR_S,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: True,
        add_headers_function=_asset_headers,
    )


def _asset_headers(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def type_size() -> str:
    """The type size this visitor chose with the 大字 switch: normal | large | xlarge (18, 23, 30 px)."""
    chosen = request.cookies.get(SIZE_COOKIE, "") if request else ""
    return chosen if chosen in TYPE_SIZES else TYPE_SIZES[0]


# ---- pages rendered once a version ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeptPage:
    """One rendering in the three forms a client may ask for. ``tag``: hash of the plain bytes."""

    raw: bytes
    br: bytes
    gz: bytes
    tag: str

    @classmethod
    def of(cls, text: str) -> "KeptPage":
        """Packs ``text`` at full strength: it is done once and read many times."""
        raw = text.encode()
        br, gz = brotli.compress(raw, quality=9), gzip.compress(raw, 9, mtime=0)
        return cls(raw, br, gz, hashlib.sha256(raw).hexdigest()[:20])


class KeptPages:
    """The last ``most`` renderings of this process, oldest unused first out."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._kept: OrderedDict[str, KeptPage] = OrderedDict()
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: str, render: Callable[[], str]) -> KeptPage:
        """The rendering kept under ``key``, or a new one. One thread renders it while the others wait: when a second
        is over, all who read a page kept for a second come at once.
        """
        page = self._held(key)
        if page is not None:
            return page
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            page = self._held(key)
            if page is not None:
                return page
            try:
                page = KeptPage.of(render())
                with self._lock:
                    self._kept[key] = page
                    while len(self._kept) > self._most:
                        self._kept.popitem(last=False)
                return page
            finally:
                with self._lock:
                    self._turns.pop(key, None)

    def _held(self, key: str) -> KeptPage | None:
        with self._lock:
            page = self._kept.get(key)
            if page is not None:
                self._kept.move_to_end(key)
            return page


def versioned_bytes(
    key: str, render: Callable[[], str], *, mimetype: str = "text/html", immutable: bool = False
) -> Response:
    """An answer that is rendered once per ``key`` and kept as plain, brotli and gzip bytes with an ETag.

    ``key`` names everything the text depends on (city, questionnaire version, mode …) and nothing personal may be in
    the text. The visitor's type size and the static build are added to the key here. ``immutable``: the address
    itself names the version, so a browser may keep it a year; otherwise it asks each time and gets a 304.
    """
    held: AssetBuild = current_app.extensions["gongjian_assets"]
    pages: KeptPages = current_app.extensions["gongjian_kept_pages"]
    sized = mimetype == "text/html"
    page = pages.get(f"{key}\0{type_size() if sized else ''}\0{held.build_hash}\0{mimetype}", render)
    coding = _best_coding()
    body = {"br": page.br, "gzip": page.gz}.get(coding, page.raw)
    answer = Response(body, mimetype=mimetype)
    if coding:
        answer.headers["Content-Encoding"] = coding
    answer.vary.add("Accept-Encoding")
    if sized:
        answer.vary.add("Cookie")
    if immutable and not sized:
        answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    else:
        answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(f"{page.tag}-{coding or 'raw'}")
    return answer.make_conditional(request)  # type: ignore[return-value]


def _best_coding() -> str:
    accepted = request.accept_encodings
    return "br" if accepted["br"] else "gzip" if accepted["gzip"] else ""


# ---- dynamic answers -----------------------------------------------------------------------------------------------

SMALLEST_DYNAMIC_BYTES = 1024
DYNAMIC_TYPES = {"text/html", "application/json", "application/problem+json", "image/svg+xml", "text/csv", "text/plain"}


def pack(answer: Response) -> Response:
    """Compresses a dynamic text answer of 1 kB or more (an ``after_request``).

    BREACH needs three things in one body: a secret worth guessing, text the attacker chose, and many tries carrying
    the victim's cookie. Our pages hold no CSRF token (JSON-only writes, Origin check) and no session id; the cookie
    is SameSite=Lax, so another site's images and scripts fetch without it. A page that would all the same rather not
    says ``Cache-Control: no-transform``.
    """
    answer_type = answer.mimetype or ""
    if (
        answer.direct_passthrough
        or answer.is_streamed
        or answer.status_code < 200
        or answer.status_code in (204, 206, 304)
        or answer_type not in DYNAMIC_TYPES
        or "Content-Encoding" in answer.headers
        or answer.cache_control.no_transform
    ):
        return answer
    answer.vary.add("Accept-Encoding")
    data = answer.get_data()
    coding = _best_coding()
    if not coding or len(data) < SMALLEST_DYNAMIC_BYTES:
        return answer
    # quality 4: 18 kB of HTML take about half a millisecond; higher ones cost more than the wire saves
    packed = brotli.compress(data, quality=4) if coding == "br" else gzip.compress(data, 5, mtime=0)
    answer.set_data(packed)
    answer.headers["Content-Encoding"] = coding
    etag, weak = answer.get_etag()
    if etag:
        answer.set_etag(f"{etag}-{coding}", bool(weak))
    return answer
