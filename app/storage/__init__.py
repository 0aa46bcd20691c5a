"""How rows are kept: SQLAlchemy on SQLite or PostgreSQL. Knows the policy, not Flask and not any desk."""
