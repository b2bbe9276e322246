"""What tests in a real browser share."""

from collections.abc import Callable

from playwright.sync_api import Page

Open = Callable[..., Page]
"""Opens a report in a browser, with the options of a context of Playwright."""

READY = "document.documentElement.dataset.ready === 'true'"
"""True when the page of a report has drawn everything."""
