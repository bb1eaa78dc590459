"""What an operator may do in a tenant's schema that a clone cannot carry."""

from typing import NamedTuple

THINGS = "CREATE TABLE things (word varchar, number integer); CREATE INDEX words ON things (word)"

_RIGHT = "lacks a right that a copy needs: permission denied for "


class Obstacle(NamedTuple):
    """``sql`` runs as superuser with search_path on the schema, whose name is ``@schema@``.

    ``@another@`` is a schema of another tenant's, with the same tables.
    """

    sql: str
    told: str


def _all_rows(condition: str) -> str:
    return f"ALTER POLICY twinbase_all_rows ON things USING ({condition}) WITH CHECK ({condition})"


# By kind; where all there is in the schema is THINGS.
KINDS: dict[str, dict[str, Obstacle]] = {
    "objects": {
        "operator class that is everybody's default": Obstacle(
            "CREATE OPERATOR CLASS own_ops DEFAULT FOR TYPE json USING btree AS"
            " FUNCTION 1 (json, json) bttextcmp(text, text)",
            "test: operator class own_ops for access method btree: is not carried, since it is the"
            " default for, or with a family of, what is not its schema's",
        ),
        "operator class in another tenant's family": Obstacle(
            "CREATE OPERATOR FAMILY @another@.theirs USING btree;"
            "CREATE OPERATOR CLASS own_ops FOR TYPE text USING btree FAMILY @another@.theirs AS"
            " FUNCTION 1 bttextcmp",
            "test: operator class own_ops for access method btree: needs what a clone does not",
        ),
        "operator class elsewhere in its family": Obstacle(
            "CREATE OPERATOR FAMILY own USING btree;"
            "CREATE OPERATOR CLASS public.theirs FOR TYPE text USING btree FAMILY own AS"
            " FUNCTION 1 bttextcmp",
            "test: operator class public.theirs for access method btree: is not carried",
        ),
        "operator in a family elsewhere": Obstacle(
            "CREATE TYPE pair AS (a integer); CREATE FUNCTION below(pair, text) RETURNS boolean"
            " LANGUAGE sql AS 'SELECT true';"
            "CREATE OPERATOR <<<< (LEFTARG = pair, RIGHTARG = text, FUNCTION = below);"
            "CREATE OPERATOR FAMILY public.theirs USING btree;"
            "ALTER OPERATOR FAMILY public.theirs USING btree ADD OPERATOR 1 <<<< (pair, text)",
            "of operator family public.theirs for access method btree: <<<<(pair,text): is not",
        ),
        "function in a family elsewhere": Obstacle(
            "CREATE FUNCTION cmp(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';"
            "ALTER OPERATOR FAMILY pg_catalog.integer_ops USING btree ADD"
            " FUNCTION 1 (integer, text) cmp(integer, text)",
            "of operator family integer_ops for access method btree: cmp(integer,text): is not",
        ),
        "operator class of functions of PostgreSQL's inside": Obstacle(
            "CREATE FUNCTION cmp(text, text) RETURNS integer LANGUAGE internal AS 'bttextcmp';"
            "CREATE OPERATOR CLASS own_ops FOR TYPE text USING btree AS FUNCTION 1 cmp(text, text)",
            "test: function cmp(text,text): is not carried",
        ),
        "extended statistics elsewhere": Obstacle(
            "CREATE STATISTICS public.own ON word, number FROM things",
            "test: statistics object public.own: is not carried",
        ),
        "extension": Obstacle(
            """DO $$ BEGIN EXECUTE format('CREATE EXTENSION %I SCHEMA @schema@', (
                SELECT min(name) FROM pg_available_extensions WHERE name IN ('citext', 'vector')
            )); END $$""",
            "test: extension ",
        ),
        "function of PostgreSQL's inside": Obstacle(
            "CREATE FUNCTION inside(integer, integer) RETURNS integer LANGUAGE internal AS 'int4pl'",
            "test: function inside(integer,integer): is not carried",
        ),
        "leakproof function of a superuser's rights": Obstacle(
            "CREATE FUNCTION tight() RETURNS integer LEAKPROOF SECURITY DEFINER LANGUAGE sql"
            " AS 'SELECT 1'",
            "test: function tight(): is not carried, since it runs as, or calls, what a copy cannot",
        ),
        "leakproof function that calls another one": Obstacle(
            "CREATE FUNCTION called() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
            "CREATE FUNCTION tight() RETURNS integer LEAKPROOF LANGUAGE sql RETURN called()",
            "test: function tight(): is not carried, since it runs as, or calls, what a copy cannot",
        ),
        "leakproof function of PostgreSQL's inside": Obstacle(
            "CREATE FUNCTION tight(integer, integer) RETURNS boolean LEAKPROOF LANGUAGE internal"
            " AS 'int4eq'",
            "test: function tight(integer,integer): is not carried.",
        ),
        "function that names its schema to somebody": Obstacle(
            "CREATE FUNCTION told() RETURNS text LANGUAGE sql AS $$ SELECT 'in @schema@ it is' $$",
            "nobody can tell what it makes of it",
        ),
    },
    "another tenant": {
        "view": Obstacle(
            "CREATE VIEW seen AS SELECT word FROM @another@.things",
            "test: rule _RETURN on view seen: needs what a clone does not carry (table",
        ),
        "key": Obstacle(
            "ALTER TABLE @another@.things ADD UNIQUE (number); ALTER TABLE things"
            " ADD CONSTRAINT out FOREIGN KEY (number) REFERENCES @another@.things (number)",
            "test: constraint out on table things: needs what a clone does not carry",
        ),
        "type": Obstacle(
            "CREATE TYPE @another@.mood AS ENUM ('good'); ALTER TABLE things ADD m @another@.mood",
            "test: column m of table things: needs what a clone does not carry (type)",
        ),
        "parent": Obstacle(
            "CREATE TABLE @another@.elder (); ALTER TABLE things INHERIT @another@.elder",
            "test: table things: needs what a clone does not carry (table)",
        ),
        "sequence": Obstacle(
            "CREATE SEQUENCE @another@.far;"
            "ALTER TABLE things ALTER number SET DEFAULT nextval('@another@.far')",
            "test: default value for column number of table things: needs what a clone does not",
        ),
        "function": Obstacle(
            "CREATE FUNCTION @another@.f(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
            "ALTER TABLE things ADD CONSTRAINT made CHECK (@another@.f(word))",
            "test: constraint made on table things: needs what a clone does not carry (function)",
        ),
    },
    "tables": {
        "made by somebody else": Obstacle(
            "CREATE TABLE strange (v integer); ALTER TABLE strange OWNER TO pg_monitor",
            "test: table strange: belongs to pg_monitor",
        ),
        # It would be copied without a row, and the count of rows would agree.
        "made by somebody else, with row security": Obstacle(
            "CREATE TABLE strange (v integer); INSERT INTO strange VALUES (1);"
            "ALTER TABLE strange ENABLE ROW LEVEL SECURITY; GRANT SELECT ON strange TO PUBLIC;"
            "ALTER TABLE strange OWNER TO pg_monitor",
            "test: table strange: belongs to pg_monitor",
        ),
        "sequence made by somebody else": Obstacle(
            "CREATE SEQUENCE strange; ALTER SEQUENCE strange OWNER TO pg_monitor",
            "test: sequence strange: belongs to pg_monitor",
        ),
        "without its trigger": Obstacle(
            "DROP TRIGGER twinbase_stamp ON things", "test: table things: is not as exec_ddl"
        ),
        "without row security": Obstacle(
            "ALTER TABLE things DISABLE ROW LEVEL SECURITY",
            "test: table things: is not as exec_ddl leaves a table",
        ),
        "forced row security": Obstacle(
            "ALTER TABLE things FORCE ROW LEVEL SECURITY",
            "test: table things: is not as exec_ddl leaves a table",
        ),
        "policy of other roles": Obstacle(
            "ALTER POLICY twinbase_all_rows ON things TO twinbase_space",
            "test: policy twinbase_all_rows on table things: is not as exec_ddl leaves it",
        ),
        "policy of other rows": Obstacle(
            "ALTER POLICY twinbase_rows ON things USING (uid = 'nobody')",
            "test: policy twinbase_rows on table things: is not as exec_ddl leaves it",
        ),
        "policy of a constant with brackets": Obstacle(
            _all_rows("current_setting('twinbase.schema', true) = '@schema@[]'"),
            "test: policy twinbase_all_rows on table things: is not as exec_ddl leaves it",
        ),
        "policy of a setting with brackets": Obstacle(
            _all_rows("current_setting('twinbase.schema[]', true) = '@schema@'"),
            "test: policy twinbase_all_rows on table things: is not as exec_ddl leaves it",
        ),
        "policy of a constant with a cast in it": Obstacle(
            _all_rows("current_setting('twinbase.schema', true) = '@schema@::charactervarying'"),
            "test: policy twinbase_all_rows on table things: is not as exec_ddl leaves it",
        ),
        "policy that casts to what is called as a type is": Obstacle(
            "CREATE DOMAIN charactervarying AS char(1);"
            + _all_rows(
                "current_setting('twinbase.schema', true)::charactervarying::text = '@schema@'"
            ),
            "test: policy twinbase_all_rows on table things: is not as exec_ddl leaves it",
        ),
        "security label": Obstacle(
            "INSERT INTO pg_seclabel VALUES ('things'::regclass, 'pg_class'::regclass, 0, 'p', 'l')",
            "test: table things: has a security label",
        ),
        "key switched off": Obstacle(
            "ALTER TABLE things ADD UNIQUE (number), ADD CONSTRAINT self FOREIGN KEY (number)"
            " REFERENCES things (number); ALTER TABLE things DISABLE TRIGGER ALL;"
            "ALTER TABLE things ENABLE TRIGGER twinbase_stamp",
            "test: constraint self on table things: is switched off",
        ),
    },
    # Nobody but an administrator may enter it, unless he grants it.
    "schema public": {
        "key": Obstacle(
            "CREATE TABLE public.far (v integer PRIMARY KEY);"
            "ALTER TABLE things ADD CONSTRAINT out FOREIGN KEY (number) REFERENCES public.far",
            _RIGHT + "schema public",
        ),
        "type": Obstacle(
            "CREATE TYPE public.size AS ENUM ('big'); ALTER TABLE things ADD COLUMN s public.size",
            _RIGHT + "schema public",
        ),
        "function": Obstacle(
            "CREATE FUNCTION public.f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
            "CREATE INDEX made ON things (public.f(word))",
            _RIGHT + "schema public",
        ),
    },
}
"""By what it has to do with."""
