"""Faults on order: what the next calls of a method meet instead of, before or after their effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.errors import ApiError

_DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}

Drop = Literal["before", "after"]
DROPS: dict[str, Drop] = {"before": "before", "after": "after"}


@dataclass(kw_only=True, slots=True)
class Fault:
    """One order: the next `times` calls of `method` ("*" = any) are delayed, refused or cut off.

    With `status` the call is answered so and does not act; `drop` "before" closes the connection without
    acting, "after" acts first and then closes. `chat_id` narrows it to one chat.
    """

    method: str
    times: int = 1
    status: int | None = None
    description: str | None = None
    parameters: dict[str, Any] | None = None
    delay_s: float = 0.0
    drop: Drop | None = None
    chat_id: int | None = None

    def error(self) -> ApiError | None:
        """Return the refusal to answer with, or None when the call acts."""
        if self.status is None or self.status == 200:
            return None
        parameters = self.parameters
        description = self.description or _DESCRIPTIONS.get(self.status, "Internal Server Error")
        if self.status == 429 and not (parameters and "retry_after" in parameters):
            parameters = {**(parameters or {}), "retry_after": 1}
        if self.status == 429 and self.description is None and parameters:
            description = f"Too Many Requests: retry after {parameters['retry_after']}"
        return ApiError(self.status, description, parameters)

    def to_json(self) -> dict[str, Any]:
        """Return the order as /sim/faults shows it."""
        return {name: getattr(self, name) for name in self.__slots__}


class Faults:
    """Orders in the sequence they came; each is used up before a later one for the same method."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Append an order."""
        self.orders.append(fault)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the orders as /sim/faults shows them."""
        return [fault.to_json() for fault in self.orders]

    def clear(self) -> None:
        """Forget all orders."""
        self.orders.clear()

    def take(self, method: str, chat_id: object) -> Fault | None:
        """Return the order this call meets and count it, or None."""
        for fault in self.orders:
            if fault.method != "*" and fault.method.lower() != method.lower():
                continue
            if fault.chat_id is not None and fault.chat_id != chat_id:
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.orders.remove(fault)
            return fault
        return None
