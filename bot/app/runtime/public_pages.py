"""Serve `/privacy` and `/terms`: the pages to which an app package links. Anybody may read them."""

from html import escape

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.app.config.schema import Web

_PRIVACY = """\
Alliance Pulse asks people of two companies a few short questions about how they work together.

Kept: answers and comments under a keyed pseudonym, without name or account; comments encrypted. Of messages in the \
joint channel only a mood between -1 and 1 is kept, never the words. All of it is deleted after a time that the \
operator sets.

Shown: numbers that at least five people of a company make up together. Leads of the alliance read comments of their \
own company, and those that their writers chose to share. Nobody is shown who answered what.

Your rights: write "my data" to the bot for a copy of what it keeps about you. Ask the operator of the bot, in one of \
the two companies, to have it erased or to answer a question.
"""
_TERMS = """\
Alliance Pulse is operated by one of the two companies of an alliance, or for them, and only serves their people.

Taking part is voluntary. Please write nothing about patients, treatment allocation or safety events: the bot is not a \
reporting line and not a record system. Its numbers are not meant for rating people or suppliers.

The bot is provided as it is, without warranty. What the two companies agreed with each other applies first.
"""


def list_public_pages(own: Web) -> list[web.RouteDef]:
    """Return the routes of both pages, with the texts of the settings or else short default texts."""
    pages = {
        "/privacy": _build_page("Privacy", own.privacy_notice or _PRIVACY),
        "/terms": _build_page("Terms of use", own.terms_of_use or _TERMS),
    }
    return [web.get(path, _make_handler(page)) for path, page in pages.items()]


def _make_handler(page: str) -> Handler:
    async def send_page(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    return send_page


def _build_page(title: str, text: str) -> str:
    """Return a page without scripts or styles; an empty line begins a paragraph."""
    paragraphs = "".join(f"<p>{escape(part.strip())}</p>\n" for part in text.split("\n\n") if part.strip())
    return _PAGE.format(title=title, paragraphs=paragraphs)


_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}: Alliance Pulse</title></head>
<body><main>
<h1>{title}</h1>
{paragraphs}</main></body>
</html>
"""
