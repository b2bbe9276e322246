"""The sandbox's time: the real one, and as much later as one likes, so that nobody waits for hours to pass."""

from datetime import datetime, timedelta, timezone


class Clock:
    """A clock that runs, and can be moved forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The sandbox's present (UTC)."""
        return datetime.now(timezone.utc) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Move it forward.

        Raises:
            ValueError: time does not run backwards.
        """
        if by < timedelta():
            raise ValueError("time does not run backwards")
        try:
            self.now() + by
        except OverflowError:
            raise ValueError("that is beyond all calendars") from None
        self._ahead += by
