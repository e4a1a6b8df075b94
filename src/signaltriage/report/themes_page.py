"""The themes page: one file with its map, its script and the library that draws it; nothing is fetched."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from signaltriage.report.page import environment
from signaltriage.report.themes import ThemesPage

_LIBRARY = ("bokeh.min.js", "bokeh-gl.min.js", "bokeh-api.min.js")
"""BokehJS as the package `bokeh` carries it: points drawn by the graphics card, or on a canvas where there is none."""


def render_themes(page: ThemesPage, title: str, made: str) -> str:
    """Render the page.

    Args:
        page: all that it says; nothing is computed here.
        title: what the themes are of, such as the file's name.
        made: in words, how they were found.
    """
    from markupsafe import Markup

    library, script = [Markup(part) for part in _library()], Markup(_script())
    template = environment().get_template("themes.html")
    return template.render(p=page, title=title, made=made, library=library, script=script)


@cache
def _library() -> tuple[str, ...]:
    package = find_spec("bokeh")  # its scripts are wanted, not its Python
    if package is None or package.origin is None:
        raise ModuleNotFoundError("bokeh is not installed")
    folder = Path(package.origin).parent / "server" / "static" / "js"
    return tuple(_inlined((folder / name).read_text(encoding="utf-8")) for name in _LIBRARY)


@cache
def _script() -> str:
    return _inlined((resources.files("signaltriage.report") / "templates" / "themes.js").read_text(encoding="utf-8"))


def _inlined(script: str) -> str:
    """A script as it may stand within a page: nothing in it ends the element, and nothing in it fetches another."""
    kept = "\n".join(line for line in script.splitlines() if not line.startswith("//# sourceMappingURL"))
    alone = re.sub(r'\bsrc="https?:[^"]*"', 'src=""', kept)  # formulas' typesetting, which the page has none of
    return alone.replace("</script", "<\\/script").replace("<!--", "<\\!--")
