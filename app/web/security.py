"""Headers of every answer: a strict Content-Security-Policy with a nonce, and what else a page may not do."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from itsdangerous import BadData, URLSafeSerializer

from app.web.platform import platform


def csp_nonce() -> str:
    """The nonce of this answer, for <script> and <style> elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def signed(value: Any) -> str:
    """A value as text for a hidden field: anybody may read it, nobody can change it."""
    return _signer().dumps(value)


def unsigned(text: str) -> Any:
    """The value that `signed` wrote; None for anything else."""
    try:
        return _signer().loads(text)
    except BadData:
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(platform().keyring.signing, salt="shown on a page")


def _policy() -> str:
    tiles = {urlsplit(url.replace("{s}", "0")).netloc for url in _tile_addresses()}
    # 天地图 spreads its tiles over subdomains t0 … t7; a policy names them by their parent.
    hosts = " ".join(sorted("*." + host.split(".", 1)[1] if host.count(".") > 1 else host for host in tiles if host))
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'nonce-{csp_nonce()}'",
            f"style-src 'self' 'nonce-{csp_nonce()}'",
            f"img-src 'self' data: blob: {hosts}".rstrip(),
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


def _tile_addresses() -> list[str]:
    settings = platform().settings.map
    return [url for url in (settings.basemap_url, settings.annotation_url) if url]


def harden(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static" and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if platform().settings.secure_cookies:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def install(app: Flask) -> None:
    app.after_request(harden)
