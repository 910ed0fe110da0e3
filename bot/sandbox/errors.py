"""Errors of the local Bot API server.

::

    SandboxError
    ├── ApiError                       answered to a bot, HTTP status = error_code
    │   ├── BadRequestError            400 "Bad Request: …"
    │   │   └── ChatMigratedError      400 with parameters.migrate_to_chat_id
    │   ├── UnauthorizedError          401 "Unauthorized"
    │   ├── ForbiddenError             403 "Forbidden: …"
    │   ├── MethodNotFoundError        404 "Not Found"
    │   ├── ConflictError              409 "Conflict: …"
    │   ├── EntityTooLargeError        413 "Request Entity Too Large"
    │   └── TooManyRequestsError       429 with parameters.retry_after
    └── SimError                       answered to the user side as {"error": "…"}
        ├── BadInputError              400
        └── NotKnownError              404
"""

from __future__ import annotations

from typing import Any


class SandboxError(Exception):
    """Root of everything this package raises on purpose."""


class ApiError(SandboxError):
    """A refusal in the words of the Bot API ("Making requests": error_code, description, parameters)."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class BadRequestError(ApiError):
    """400: the request itself is wrong; `reason` follows "Bad Request: "."""

    def __init__(self, reason: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(400, f"Bad Request: {reason}", parameters)


class ChatMigratedError(BadRequestError):
    """400: the group lives on as a supergroup under another id (ResponseParameters.migrate_to_chat_id)."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": new_chat_id})


class UnauthorizedError(ApiError):
    """401: the token has the wrong form or belongs to nobody."""

    def __init__(self) -> None:
        super().__init__(401, "Unauthorized")


class ForbiddenError(ApiError):
    """403: the bot may not reach this chat; `reason` follows "Forbidden: "."""

    def __init__(self, reason: str) -> None:
        super().__init__(403, f"Forbidden: {reason}")


class MethodNotFoundError(ApiError):
    """404: no such method."""

    def __init__(self) -> None:
        super().__init__(404, "Not Found")


class ConflictError(ApiError):
    """409: two ways of getting updates at once; `reason` follows "Conflict: "."""

    def __init__(self, reason: str) -> None:
        super().__init__(409, f"Conflict: {reason}")


class EntityTooLargeError(ApiError):
    """413: an upload above 50 MB."""

    def __init__(self) -> None:
        super().__init__(413, "Request Entity Too Large")


class TooManyRequestsError(ApiError):
    """429: flood control; `retry_after_s` is whole seconds (ResponseParameters.retry_after)."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s}
        )


class SimError(SandboxError):
    """A refusal of the user side; `status` is the HTTP status."""

    status = 400


class BadInputError(SimError):
    """400: the body cannot be acted on."""


class NotKnownError(SimError):
    """404: no such user, chat, message or bot."""

    status = 404
