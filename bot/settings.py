"""Environment → frozen settings. The only reader of environment variables."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

PREFIX = "ZHUANBAN_"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{30,}")


class Settings(BaseSettings):
    """Every setting of the desk; names are the environment's without ``ZHUANBAN_``, in lower case."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    token: SecretStr | None = None
    admins: str = ""
    database_url: SecretStr | None = None
    data_dir: Path = Path("data")
    timezone: str = "Asia/Shanghai"
    api_root: str = "https://api.telegram.org"
    webhook_url: str = ""
    webhook_secret: SecretStr | None = None
    webhook_listen: str = "0.0.0.0:8443"
    embedding_model: str = ""
    llm: str = ""
    llm_base_url: str = ""
    llm_api_key: SecretStr | None = None
    llm_timeout_s: float = 8.0
    metrics_port: int | None = None
    clock_url: str = ""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {value!r}") from error
        return value

    @field_validator("llm_timeout_s")
    @classmethod
    def _positive(cls, value: float) -> float:
        if not 0 < value <= 120:
            raise ValueError("must be more than 0 and at most 120 seconds")
        return value

    @field_validator("admins")
    @classmethod
    def _ids(cls, value: str) -> str:
        if not all(
            part.strip().isascii() and part.strip().isdecimal() for part in value.split(",") if part.strip()
        ):
            raise ValueError("must be user ids separated by commas")
        return value

    @field_validator("webhook_listen")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65536:
            raise ValueError("must be host:port")
        return value

    @field_validator("api_root", "webhook_url", "clock_url", "llm_base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def admin_ids(self) -> frozenset[int]:
        """The super admins' user ids."""
        return frozenset(int(part) for part in self.admins.split(",") if part.strip())

    @property
    def webhook_address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _, port = self.webhook_listen.rpartition(":")
        return host, int(port)

    @property
    def bot_token(self) -> str:
        """The token. Raises SettingsError when it is not set."""
        if self.token is None:
            raise SettingsError("ZHUANBAN_TOKEN is not set; get one from @BotFather, or try: zhuanban demo")
        token = self.token.get_secret_value()
        if not _TOKEN.fullmatch(token):
            raise SettingsError(
                "ZHUANBAN_TOKEN has not a bot token's form (digits, a colon, 30 or more characters)"
            )
        return token

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)


def load_settings() -> Settings:
    """Read the environment. Raises SettingsError with one line naming the setting."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
