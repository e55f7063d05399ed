"""The schema's history, run from the package itself: no alembic.ini, from an installed wheel too."""
