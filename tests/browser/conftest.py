"""A real browser: Chromium from PATH, else Playwright's own; without one the tests are skipped by name."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

from keyswitch.telling.report import Report
from keyswitch.telling.report_html import report_html
from tests.support.pages import READY, Open

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 15_000
"""How long something on a page is waited for, in milliseconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all of them, because starting a browser takes longer than most of them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    """Chromium. It needs no sandbox of its own, since it opens only our own page."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        running = _playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
    except Error:
        if found is not None:
            raise
        pytest.skip("no Chromium on PATH, and none of Playwright's")
    yield running
    running.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a report from disk, in a browser of its own; whatever the console says or the page asks for is an error."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def in_a_page(made: Report, **options: object) -> Page:
        path = tmp_path / "report.html"
        path.write_text(report_html(made), encoding="utf-8")
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        contexts[-1].set_default_timeout(_PATIENCE)
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: said.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        page.wait_for_function(READY)
        return page

    yield in_a_page
    for context in contexts:
        context.close()
    assert said == []
