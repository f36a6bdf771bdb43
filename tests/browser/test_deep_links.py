"""A page opened by its link finds its server at once, wherever the server lies."""

import pytest
from driving import idle

from dashboard import navigation


@pytest.mark.parametrize("below", ["", "/atlas"])
def test_every_page_opens_by_its_link_and_asks_for_nothing_in_vain(tmp_path, serve, page, below, request):
    address = serve(tmp_path, below=below) if below else request.getfixturevalue("shipped")
    refused = []
    page.on("response", lambda r: refused.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    first, *others = navigation.present()
    for entry in (first, *others):
        path = "" if entry is first else navigation.address_of(entry)
        page.goto(f"{address}/{path}?pairs=1")
        page.get_by_role("heading", name=entry.title, exact=True).first.wait_for()
        idle(page)
        assert page.url.startswith(f"{address}/{path}?pairs=1")
    assert not refused
