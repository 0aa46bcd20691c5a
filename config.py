"""Settings: frozen, read from the environment once, no default secret. The README lists every variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LARGEST_REQUEST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class MapSettings:
    """What every map prints and, if the customer has one, the basemap below it."""

    basemap_url: str = ""
    annotation_url: str = ""
    attribution: str = "县界：天地图；驻地点：GeoNames（CC BY 4.0）"
    review_number: str = ""
    maker: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations."""

    data_dir: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    demonstration: bool = False
    secure_cookies: bool = False
    behind_proxy: bool = False
    session_days: int = 14
    city_code: str = "350400"
    product: str = "科特派"
    public_address: str = ""
    file_store: str = ""
    map: MapSettings = field(default_factory=MapSettings)

    @property
    def demonstration_mark(self) -> Path:
        """Present in a data directory that was filled with demonstration data."""
        return self.data_dir / "demonstration.json"


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings an environment asks for; refuses nonsense with the variable's name."""
    data_dir = Path(environ.get("KETEPAI_DATA_DIR") or ROOT / "var").resolve()
    return Settings(
        data_dir=data_dir,
        database_url=environ.get("KETEPAI_DATABASE_URL") or f"sqlite:///{data_dir / 'ketepai.db'}",
        host=environ.get("KETEPAI_HOST") or "127.0.0.1",
        port=_whole(environ, "KETEPAI_PORT", 8080),
        demonstration=(data_dir / "demonstration.json").exists(),
        secure_cookies=_yes(environ, "KETEPAI_SECURE_COOKIES"),
        behind_proxy=_yes(environ, "KETEPAI_BEHIND_PROXY"),
        session_days=_whole(environ, "KETEPAI_SESSION_DAYS", 14),
        public_address=environ.get("KETEPAI_PUBLIC_ADDRESS", "").rstrip("/"),
        file_store=environ.get("KETEPAI_FILE_STORE") or str(data_dir / "files"),
        map=MapSettings(
            basemap_url=environ.get("KETEPAI_MAP_TILES", ""),
            annotation_url=environ.get("KETEPAI_MAP_LABEL_TILES", ""),
            attribution=environ.get("KETEPAI_MAP_ATTRIBUTION") or MapSettings.attribution,
            review_number=environ.get("KETEPAI_MAP_REVIEW_NUMBER", ""),
            maker=environ.get("KETEPAI_MAP_MAKER", ""),
        ),
    )


def settings_from_environment() -> Settings:
    return settings_from(os.environ)


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name)
    if not text:
        return default
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise SystemExit(f"{name} 应为 1 到 65535 之间的整数，现在是 {text!r}")
    return int(text)


def _yes(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() in {"1", "true", "yes", "on"}
