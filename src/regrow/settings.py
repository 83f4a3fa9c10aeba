"""Every setting: from the environment (`REGROW_*`), from files named by `REGROW_*_FILE`, or from `regrow.toml`."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from regrow.kit import errors

PREFIX = "REGROW_"
LOOPBACK = "http://127.0.0.1:8000"
_VENDORS = ("openai", "anthropic", "gemini", "openrouter", "ollama", "vllm", "compatible")
UNPREFIXED = {f"{vendor}_{what}": f"{vendor}_{what}".upper() for vendor in _VENDORS for what in ("api_key", "base_url")}
"""Settings whose variables have the names that other programs know too."""


class Settings(BaseModel):
    """All that can be set. Secrets never show in `repr`, in logs or in `regrow config`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(Path(".regrow"), description="Folder of the database and of regrow.toml")
    database_url: SecretStr = Field(SecretStr(""), description="Database; empty means SQLite in the home")
    owner_database_url: SecretStr = Field(SecretStr(""), description="PostgreSQL owner, for `regrow migrate` only")
    models: str = Field("", description="Candidates as provider:model, tried in order; empty means the offline writer")
    openai_api_key: SecretStr = Field(SecretStr(""), description="Key for OpenAI or a compatible server")
    openai_base_url: str = Field("", description="Address of a compatible server")
    anthropic_api_key: SecretStr = Field(SecretStr(""), description="Key for Anthropic")
    anthropic_base_url: str = Field("", description="Address of a gateway to Anthropic")
    gemini_api_key: SecretStr = Field(SecretStr(""), description="Key for Google's Gemini")
    gemini_base_url: str = Field("", description="Address of a gateway to Gemini")
    openrouter_api_key: SecretStr = Field(SecretStr(""), description="Key for OpenRouter")
    openrouter_base_url: str = Field("", description="Address of a gateway to OpenRouter")
    ollama_api_key: SecretStr = Field(SecretStr(""), description="Key for Ollama, where it asks for one")
    ollama_base_url: str = Field("", description="Address of Ollama; empty means this machine, port 11434")
    vllm_api_key: SecretStr = Field(SecretStr(""), description="Key for vLLM, where it asks for one")
    vllm_base_url: str = Field("", description="Address of vLLM, ending in /v1")
    compatible_api_key: SecretStr = Field(SecretStr(""), description="Key for the server named `compatible`")
    compatible_base_url: str = Field("", description="Address of any other server with OpenAI's protocol")
    secret_key: SecretStr = Field(SecretStr(""), description="Seals model keys; newest first, older ones still read")
    model_timeout_seconds: float = Field(120, gt=0, le=3600, description="Longest wait for one model call")
    concurrency: int = Field(64, ge=1, le=500, description="Runs worked on at once in one process")
    recorded: str = Field("", description="Folder of recorded answers, read instead of asking models")
    record: bool = Field(False, description="Ask models all the same, and add their answers to that folder")
    key_concurrency: int = Field(0, ge=0, le=500, description="Model calls at once with one key; 0 is no limit")
    key_calls_per_minute: int = Field(0, ge=0, le=100_000, description="Model calls a minute with one key; 0: no limit")
    pool: int = Field(20, ge=2, le=200, description="Database connections of one process")
    poll_seconds: float = Field(0.1, ge=0.01, le=60, description="How often the worker looks for new runs")
    lease_seconds: float = Field(10, ge=1, le=600, description="Silence after which a worker is dead (PostgreSQL)")
    wait_seconds: float = Field(120, ge=0, le=600, description="Longest that a request waits for its run")
    public_address: str = Field(LOOPBACK, description="Where readers reach this server, such as https://example.org")
    allow_private_addresses: bool = Field(False, description="Channels may reach addresses of the own network")
    folders: str = Field("", description="Folders outside the home that channels may write in, with : between them")
    grace_seconds: float = Field(900, ge=1, le=86_400, description="A planned post later than this is missed, not sent")
    settle_seconds: float = Field(30, ge=0, le=3_600, description="How long a lost message may still be on its way")
    beacons_per_minute: int = Field(240, ge=1, le=10_000_000, description="Beacons taken from one address a minute")
    visitors_per_hour: int = Field(600, ge=1, le=10_000_000, description="New visitors counted of one address an hour")
    log_level: str = Field("warning", description="debug, info, warning or error")

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url.startswith("postgresql://"):
            return SecretStr(url.replace("postgresql://", "postgresql+psycopg://", 1))
        if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("public_address")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError("must be an address such as https://example.org")
        return value.rstrip("/")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in ("debug", "info", "warning", "error"):
            raise ValueError("must be debug, info, warning or error")
        return value.lower()

    @property
    def secret_file(self) -> Path | None:
        """Where the secret key is kept when none is set: in the home, unless several machines share a database."""
        return self.home / "secret.key" if self.is_sqlite else None

    def text(self, name: str) -> str:
        """A setting as text, a secret in the clear."""
        value = getattr(self, name)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    @property
    def open_folders(self) -> tuple[str, ...]:
        """Folders outside the home that channels may write in."""
        return tuple(str(Path(each).absolute()) for each in self.folders.split(":") if each)

    @property
    def canonical_address(self) -> str:
        """Where readers reach this server, as somebody said; empty when nobody did, and what is asked for counts."""
        return "" if self.public_address == LOOPBACK else self.public_address

    @property
    def url(self) -> str:
        return self.database_url.get_secret_value() or f"sqlite:///{self.home.absolute()}/regrow.sqlite"

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def system_url(self) -> str:
        """Where the durable engine keeps its tables: beside ours on PostgreSQL, in a file of its own on SQLite."""
        return f"{self.url.removesuffix('.sqlite')}-runs.sqlite" if self.is_sqlite else self.url


def load(home: Path | None = None) -> Settings:
    """The settings in force; Invalid names every one that is off and where it was set."""
    given: dict[str, Any] = {"home": home or Path(os.environ.get(f"{PREFIX}HOME") or ".regrow")}
    given = {**_from_file(given["home"]), **_from_environment(), **given}
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = "; ".join(f"{_place(each['loc'])}: {each['msg']}" for each in error.errors(include_input=False))
        raise errors.Invalid(f"settings: {problems}", "bad_settings") from None


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return UNPREFIXED.get(name, f"{PREFIX}{name.upper()}")


def masked(settings: Settings) -> dict[str, Any]:
    """What is in force, for people to read: secrets show only whether they are set."""
    shown: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            shown[name] = "(set)" if value.get_secret_value() else ""
        else:
            shown[name] = str(value) if isinstance(value, Path) else value
    return shown


def _place(where: tuple[int | str, ...]) -> str:
    return variable(str(where[0])) if where else "settings"


def _from_environment() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = os.environ.get(variable(name))
        file = os.environ.get(f"{variable(name)}_FILE")
        if value:
            found[name] = value
        elif file:
            found[name] = _secret_in(Path(file), name)
    return found


def _secret_in(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = f"{variable(name)}_FILE: {file} cannot be read: {error.__class__.__name__}"
        raise errors.Invalid(reason, "bad_settings") from None


def _from_file(home: Path) -> dict[str, Any]:
    file = home / "regrow.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise errors.Invalid(f"{file} cannot be read: {error}", "bad_settings") from None
