"""How programming languages mark comments and blocks, and what editors call them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Language:
    """`name` as a fence has it; `ids` as editors do; comments to the end of a line, and between
    two marks."""

    name: str
    suffixes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    blocks: tuple[tuple[str, str], ...] = ()


_SLASHES = ("//",)
_STARS = (("/*", "*/"),)
_ANGLES = (("<!--", "-->"),)
PYTHON = Language("python", (".py", ".pyi"), ("python",), ("#",))
CPP = Language("cpp", (".cpp", ".cc", ".cxx", ".hpp"), ("cpp", "cuda-cpp"), _SLASHES, _STARS)
UNKNOWN = Language("", lines=("//", "#", "--", ";", "%"), blocks=(*_STARS, *_ANGLES))
LANGUAGES = (
    PYTHON,
    CPP,
    Language("c", (".c", ".h"), ("c",), _SLASHES, _STARS),
    Language("csharp", (".cs",), ("csharp",), _SLASHES, _STARS),
    Language("dart", (".dart",), ("dart",), _SLASHES, _STARS),
    Language("go", (".go",), ("go",), _SLASHES, _STARS),
    Language("java", (".java",), ("java",), _SLASHES, _STARS),
    Language("javascript", (".js", ".mjs", ".cjs", ".jsx"), ("javascript", "javascriptreact"),
             _SLASHES, _STARS),
    Language("kotlin", (".kt", ".kts"), ("kotlin",), _SLASHES, _STARS),
    Language("php", (".php",), ("php",), ("//", "#"), _STARS),
    Language("rust", (".rs",), ("rust",), _SLASHES, _STARS),
    Language("scala", (".scala",), ("scala",), _SLASHES, _STARS),
    Language("swift", (".swift",), ("swift",), _SLASHES, _STARS),
    Language("typescript", (".ts", ".tsx"), ("typescript", "typescriptreact"), _SLASHES, _STARS),
    Language("css", (".css", ".scss", ".less"), ("css", "scss", "less"), _SLASHES, _STARS),
    Language("sql", (".sql",), ("sql",), ("--",), _STARS),
    Language("lua", (".lua",), ("lua",), ("--",), (("--[[", "]]"),)),
    Language("haskell", (".hs",), ("haskell",), ("--",), (("{-", "-}"),)),
    Language("ocaml", (".ml", ".mli"), ("ocaml",), (), (("(*", "*)"),)),
    Language("lean", (".lean",), ("lean", "lean4"), ("--",), (("/-", "-/"),)),
    Language("clojure", (".clj",), ("clojure",), (";",)),
    Language("lisp", (".lisp", ".el", ".scm"), ("lisp", "scheme"), (";",), (("#|", "|#"),)),
    Language("matlab", (".m",), ("matlab",), ("%",), (("%{", "%}"),)),
    Language("latex", (".tex",), ("latex", "tex"), ("%",)),
    Language("erlang", (".erl",), ("erlang",), ("%",)),
    Language("ruby", (".rb",), ("ruby",), ("#",), (("=begin", "=end"),)),
    Language("perl", (".pl", ".pm"), ("perl",), ("#",)),
    Language("r", (".r", ".R"), ("r",), ("#",)),
    Language("julia", (".jl",), ("julia",), ("#",), (("#=", "=#"),)),
    Language("shell", (".sh", ".bash", ".zsh"), ("shellscript",), ("#",)),
    Language("powershell", (".ps1",), ("powershell",), ("#",), (("<#", "#>"),)),
    Language("yaml", (".yml", ".yaml"), ("yaml", "dockercompose"), ("#",)),
    Language("toml", (".toml",), ("toml",), ("#",)),
    Language("makefile", (".mk",), ("makefile",), ("#",)),
    Language("dockerfile", (), ("dockerfile",), ("#",)),
    Language("vb", (".vb", ".bas"), ("vb",), ("'",)),
    Language("fortran", (".f90", ".f95"), ("fortran", "FortranFreeForm"), ("!",)),
    Language("html", (".html", ".htm", ".xml", ".svg"), ("html", "xml"), (), _ANGLES),
    Language("vue", (".vue", ".svelte"), ("vue", "svelte"), _SLASHES, (*_STARS, *_ANGLES)),
)  # fmt: skip


def language_of(path: str, named: str = "") -> Language:
    """By the editor's name of it, else by the file's suffix; what nobody knows has the marks that
    most have."""
    suffix = PurePath(path).suffix
    for known in LANGUAGES:
        if named in (known.name, *known.ids) if named else suffix in known.suffixes:
            return known
    return UNKNOWN if not named else language_of(path)
