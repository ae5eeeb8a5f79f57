"""The product's own source, read as data: which module imports what, which file holds which text."""

import ast
import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("kernel", "surveys", "payments", "portal", "config", "wsgi")
PACKAGES = (*PRODUCT, "sandbox")


@dataclass(frozen=True)
class Module:
    """One Python file of the product."""

    path: str
    text: str

    @property
    def name(self) -> str:
        """Its dotted name; a package's is the package's."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @functools.cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.path)

    @functools.cached_property
    def imports(self) -> frozenset[str]:
        """Every module it imports, anywhere in the file, as dotted names (``from a import b`` gives a and a.b)."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add(node.module)
                found.update(f"{node.module}.{alias.name}" for alias in node.names)
        return frozenset(found)

    def imports_any(self, *packages: str) -> set[str]:
        """Those of its imports that are one of ``packages`` or inside one."""
        return {
            name for name in self.imports for package in packages if name == package or name.startswith(f"{package}.")
        }


@functools.cache
def tracked_files() -> tuple[str, ...]:
    """Every file of the project, as git sees it (new ones included, ignored ones not); the tree itself without git."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        names = [name for name in done.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        hidden = {".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
        hidden |= {".import_linter_cache"}
        names = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob("*")
            if path.is_file() and not hidden.intersection(path.relative_to(ROOT).parts)
        ]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def read(path: str) -> str | None:
    """The text of a file of the project; None for pictures, fonts and workbooks."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@functools.cache
def modules(*packages: str) -> tuple[Module, ...]:
    """The Python modules of the named top packages (all of the product and the sandbox by default)."""
    wanted = packages or PACKAGES
    return tuple(_module(path) for path in tracked_files() if path.endswith(".py") and _top(path) in wanted)


def _top(path: str) -> str:
    return path.split("/")[0].removesuffix(".py")


@functools.cache
def _module(path: str) -> Module:
    return Module(path, (ROOT / path).read_text(encoding="utf-8"))
