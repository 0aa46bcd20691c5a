"""The Ketepai application: create_app and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] | None = None) -> Flask:
    """The application for `settings` (default: the environment's) and `clock` (default: the machine's)."""
    # Imported here, so that reading app.domain, a test of it, or a migration brings neither Flask nor the desks along.
    from flask import Flask
    from flask_wtf.csrf import CSRFProtect

    from app import cli, urls
    from app.web import errors, pages, security, session
    from app.web.platform import Platform
    from config import LARGEST_REQUEST_BYTES, ROOT, settings_from_environment

    settings = settings or settings_from_environment()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    held = Platform(settings, dict(os.environ), clock or (lambda: datetime.now(UTC)))
    app = Flask(__name__, static_folder=str(ROOT / "static"), template_folder=str(ROOT / "templates"))
    app.extensions["ketepai"] = held
    app.config.update(
        SECRET_KEY=held.keyring.signing,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_NAME="ketepai",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        WTF_I18N_ENABLED=False,  # the forms say in which language they speak (web/forms.py)
    )
    if settings.behind_proxy:
        from werkzeug.middleware.proxy_fix import ProxyFix  # only where a proxy really stands in front

        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    csrf = CSRFProtect(app)
    session.install(app)
    security.install(app)
    errors.install(app)
    pages.install(app, urls.MENU)
    urls.install(app, csrf)
    cli.install(app)
    return app
