"""Service menus: what commissioners offer."""
