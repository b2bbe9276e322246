"""A GitHub on loopback, and what its runner tells the steps."""

from collections.abc import Iterator

import pytest

from tests.support.github import GitHub, serving


@pytest.fixture
def github() -> Iterator[GitHub]:
    """A GitHub that holds nothing yet."""
    with serving() as held:
        yield held
