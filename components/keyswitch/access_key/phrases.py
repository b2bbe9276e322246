"""Words owners, spans of time, numbers and lists. Knows nothing of changes."""

from datetime import datetime, timedelta


def owner(user_name: str | None) -> str:
    """Name the owner of a key; the root user has no name."""
    return user_name or "root"


def ago(then: datetime, now: datetime) -> str:
    """Say how long ago something was, in the largest whole unit: `3 h ago`."""
    passed = _largest(now - then)
    return f"{passed} ago" if passed else "just now"


def age(create_date: datetime, now: datetime) -> str:
    """Say how old something is: `400 d old`."""
    passed = _largest(now - create_date)
    return f"{passed} old" if passed else "just created"


def _largest(passed: timedelta) -> str:
    seconds = max(0, int(passed.total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return ""


def span(of: timedelta) -> str:
    """Write a span of time as the configuration does: `30m`, `24h`, `7d`."""
    minutes = int(of.total_seconds() // 60)
    if minutes % 60:
        return f"{minutes}m"
    return f"{minutes // 1440}d" if minutes > 1440 and minutes % 1440 == 0 else f"{minutes // 60}h"


def count(number: int, noun: str) -> str:
    """Write a number with its noun: `1 access key`, `3 access keys`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def some(items: list[str], at_most: int = 5) -> str:
    """Write a list that stays short: `a, b and 12 others`."""
    more = len(items) - at_most
    if more <= 0:
        return ", ".join(items)
    return f"{', '.join(items[:at_most])} and {count(more, 'other')}"
