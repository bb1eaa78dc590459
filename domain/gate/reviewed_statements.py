"""What either verb's statements may consist of: all that is reviewed, put together."""

from domain.gate.reviewed_definitions import DEFINITIONS
from domain.gate.reviewed_expressions import EXPRESSIONS, SQL_JSON
from domain.gate.reviewed_queries import CHANGES, QUERIES

DML_GRAMMAR = EXPRESSIONS | SQL_JSON | QUERIES | CHANGES
DDL_GRAMMAR = EXPRESSIONS | SQL_JSON | QUERIES | DEFINITIONS
