"""Static files under one hashed address.

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
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.headers import Headers

import brotli
from flask import Flask, current_app, request
from markupsafe import Markup
from servestatic import ServeStatic

from kernel.clock import day_text
from kernel.web import scripts

PREFIX = "/assets/"
PACKED = {".css", ".js", ".svg", ".json", ".html", ".txt"}
SMALLEST_PACKED_BYTES = 200
YEAR_S = 31_536_000
TYPE_SIZES = ("normal", "large", "xlarge")
SIZE_COOKIE = "type"


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


def modules(*names: str) -> Markup:
    """The tags of a page's ES modules and of what they import (``scripts``), but for what the layout has already:
    ``modules("votes/ballot.js")``. Raises KeyError for a file that does not exist, as ``asset`` does."""
    held: AssetBuild = current_app.extensions["gongjian_assets"]
    return held.tags(names)


@dataclass
class AssetBuild:
    """What one app serves: the folders it was built from, the hash of the build, the addresses and tags given out."""

    folders: Mapping[str, Path]
    target: Path
    build_hash: str
    watch: bool
    stamp: float = 0.0
    looked_at: float = 0.0
    urls: dict[str, str] = field(default_factory=dict)
    written: dict[tuple[str, ...], Markup] = field(default_factory=dict)

    def url(self, name: str) -> str:
        """See ``asset``."""
        if self.watch:
            self._rebuild_when_changed()
        found = self.urls.get(name)
        if found is None:
            self._path(name)
            found = self.urls[name] = f"{PREFIX}{self.build_hash}/{name}"
        return found

    def tags(self, names: tuple[str, ...]) -> Markup:
        """See ``modules``."""
        if self.watch:
            self._rebuild_when_changed()
        found = self.written.get(names)
        if found is None:
            tag = Markup('<script type="module" src="{}"></script>')
            wanted = scripts.in_order(names, lambda name: self._path(name).read_text(encoding="utf-8"))
            found = Markup("\n").join(tag.format(self.url(name)) for name in wanted if name != scripts.ON_EVERY_PAGE)
            self.written[names] = found
        return found

    def _path(self, name: str) -> Path:
        package, _, inside = name.partition("/")
        if package not in self.folders or not (self.folders[package] / inside).is_file():
            raise KeyError(f"no static file {name}")
        return self.folders[package] / inside

    def _rebuild_when_changed(self) -> None:
        if time.monotonic() - self.looked_at < 1:
            return
        self.looked_at = time.monotonic()
        newest = max((p.stat().st_mtime for f in self.folders.values() for p in f.rglob("*")), default=0.0)
        if newest != self.stamp:
            self.build_hash, self.stamp = build(self.folders, self.target), newest
            self.urls.clear()
            self.written.clear()


def install_assets(app: Flask, *, root: Path, var: Path, watch: bool = False) -> None:
    """Builds the static files of the tree at ``root`` into ``var/assets`` and serves them from ``app``.

    Adds ``asset``, ``modules``, ``type_size`` and the filter ``day_text`` to every template.
    ``watch``: look for changed files, at most once a second (development).
    """
    folders, target = static_folders(root), var / "assets"
    held = AssetBuild(folders, target, build(folders, target), watch)
    app.extensions["gongjian_assets"] = held
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["modules"] = modules
    app.jinja_env.filters["day_text"] = day_text
    app.context_processor(lambda: {"type_size": type_size()})
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
    return size_in(request.cookies) if request else TYPE_SIZES[0]


def size_in(cookies: Mapping[str, str]) -> str:
    """The type size these cookies say, ``normal`` where they say none."""
    chosen = cookies.get(SIZE_COOKIE, "")
    return chosen if chosen in TYPE_SIZES else TYPE_SIZES[0]
