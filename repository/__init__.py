"""All that speaks to PostgreSQL: SQL as text in ``sql/``, identifiers through one quoting type.

Implements the protocols of ``domain.ports``. Does not know ``api``.
"""
