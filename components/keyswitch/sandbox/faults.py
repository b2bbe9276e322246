"""Bad luck on request, and the journal that shows what came of it."""

import random
import time
from dataclasses import dataclass, field
from datetime import datetime

CUT, TRUNCATE, SLOW_BODY, DELAY = "", "truncate", "slow body", "delay"
"""What may stand for an error code: cut the connection, send half the body, send the body slowly, answer late."""


@dataclass
class Request:
    """One request as it came in, and its outcome.

    Attributes:
        action: such as `UpdateAccessKey`.
        parameters: what was given.
        signer: the access key that signed.
        body: as it was read from the socket.
        time: when, by the sandbox's clock.
        in_flight: how many requests were under way, this one included.
        outcome: `ok` or the error code; `cut` where the connection was; empty while it is under way.
    """

    action: str
    parameters: dict[str, str]
    signer: str
    body: str
    time: datetime
    in_flight: int = 1
    outcome: str = ""

    @property
    def access_key_id(self) -> str | None:
        """The key it is about."""
        return self.parameters.get("AccessKeyId")


@dataclass
class Fault:
    """Bad luck for requests that match.

    Attributes:
        action: such as `UpdateAccessKey`; `*`: any.
        code: the error code to answer with; CUT, TRUNCATE, SLOW_BODY or DELAY do that instead.
        http_status: of that answer.
        message: of that answer.
        after: let the request do its work first, then answer so.
        times: how often; None: always.
        about: only for requests with this AccessKeyId or UserName.
        rate: how likely, 0 to 1, for each request that matches.
        seconds: how long such a request takes longer.
    """

    action: str
    code: str = "ServiceFailure"
    http_status: int = 400
    message: str = ""
    after: bool = False
    times: int | None = 1
    about: str | None = None
    rate: float = 1.0
    seconds: float = 0.0
    _chance: random.Random = field(default_factory=lambda: random.Random(0), repr=False)  # noqa: S311  (no secret)

    def __post_init__(self) -> None:
        """Refuse what would only fail later.

        Raises:
            ValueError: a field is not what it should be.
        """
        texts = (self.action, self.code, self.message, self.about or "")
        numbers = (self.http_status, self.rate, self.seconds, self.times or 0)
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("action, code, message and about are texts")
        if not all(isinstance(number, (int, float)) and number >= 0 for number in numbers):
            raise ValueError("http_status, rate, seconds and times are numbers, not below 0")

    def hits(self, request: Request) -> bool:
        """Whether it is this request's turn."""
        return (
            self.times != 0
            and self.action in ("*", request.action)
            and (self.about is None or self.about in request.parameters.values())
            and (self.rate >= 1 or self._chance.random() < self.rate)
        )


class TokenBucket:
    """AWS's way of throttling: so many requests a second, and so many at once after a pause.

    Args:
        rate: requests a second.
        burst: how many may come at once.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self._tokens, self._at = float(burst), time.monotonic()

    def take(self) -> bool:
        """Take a token; false where none is left. Not thread-safe: the caller holds a lock."""
        now = time.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
