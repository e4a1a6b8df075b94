"""Alembic's migrations, each a step of the schema. What is here is never changed, only added to."""
