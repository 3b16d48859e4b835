"""Who is let in. Both APIs take the same two headers."""

from dataclasses import dataclass

from sandbox.messages import Refusal, Request, unauthorized


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The pair that is let in; None stands for anything that is not empty."""

    email: str | None = None
    token: str | None = None

    def check(self, request: Request) -> None:
        """Raises a Refusal."""
        email, token = request.header("X-CH-Auth-Email"), request.header("X-CH-Auth-API-Token")
        if not all((email, token, self.email in (None, email), self.token in (None, token))):
            raise Refusal(unauthorized())


def is_json(request: Request) -> bool:
    return request.header("Content-Type").partition(";")[0].strip().lower() == "application/json"
