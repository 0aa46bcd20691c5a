"""Who signs in: accounts, grants, server-side sessions, one-time set-up links."""
