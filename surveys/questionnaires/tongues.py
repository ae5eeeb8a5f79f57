"""In which language a page shows a questionnaire, and the ways to its others."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from surveys.questionnaires.rules import languages
from surveys.questionnaires.rules.form import Form


def on_this_page(form: Form, args: Mapping[str, str]) -> dict[str, Any]:
    """What ``fill.html`` needs, ``args`` being the page's: ``tongue`` (of ``?lang=``; "" when the sheet is Chinese and
    nothing else), ``tongues`` [(code, name, url)], ``intro`` in that language."""
    known = languages.names(form.document)
    tongue = languages.chosen(form.document, args.get("lang", "")[:20])
    kept = {name: value for name, value in args.items() if name != "lang"}
    intro = languages.spoken(form.document, tongue).get("intro", [])
    return {
        "tongue": "" if known == [languages.CHINESE] else tongue,
        "tongues": [(code, name, f"?{urlencode({**kept, 'lang': code})}") for code, name in known],
        "intro": [intro] if isinstance(intro, str) else intro,
    }


def path_of(form: Form, args: Mapping[str, str]) -> str:
    """What stands in a part's address before its number: "languages/en/" where another language than the sheet's own
    was asked for, else ""."""
    tongue = languages.chosen(form.document, args.get("lang", "")[:20])
    return "" if tongue == languages.own(form.document)[0] else f"languages/{tongue}/"
