"""What somebody who had taken the service over might ask of the functions that a superuser has left."""

from typing import NamedTuple

# What a superuser has put into a tenant's schema.
SOURCE = """
    SET check_function_bodies TO off;
    CREATE SCHEMA prod_1 AUTHORIZATION twinbase_owner;
    CREATE SCHEMA prod_2 AUTHORIZATION twinbase_owner;
    CREATE SCHEMA prod_3 AUTHORIZATION twinbase_owner;
    CREATE SCHEMA test_2 AUTHORIZATION twinbase_owner;
    SET search_path TO prod_1;
    CREATE DOMAIN place AS point;
    CREATE TYPE places AS RANGE (SUBTYPE = integer);
    CREATE FUNCTION compare(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION less(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION hash_of(places) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION prod_3.compare(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION compare_in_c(integer, integer) RETURNS integer LANGUAGE internal AS 'btint4cmp';
    CREATE FUNCTION tight(integer) RETURNS boolean LEAKPROOF LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE FUNCTION tight_tree(integer) RETURNS boolean LEAKPROOF LANGUAGE sql RETURN $1 > 0;
    CREATE FUNCTION tight_path() RETURNS boolean LEAKPROOF LANGUAGE sql SET search_path = pg_catalog
        AS 'SELECT true';
    CREATE FUNCTION tight_definer() RETURNS boolean LEAKPROOF SECURITY DEFINER LANGUAGE sql
        AS 'SELECT true';
    CREATE FUNCTION tight_name() RETURNS text LEAKPROOF LANGUAGE sql AS 'SELECT f_1()';
    CREATE TYPE pair AS (n integer);
    CREATE FUNCTION number(pair) RETURNS integer LANGUAGE sql AS 'SELECT 1';
    CREATE CAST (pair AS integer) WITH FUNCTION number(pair) AS IMPLICIT;
    CREATE FUNCTION tight_cast(pair) RETURNS boolean LEAKPROOF LANGUAGE sql RETURN $1 > 0;
    CREATE FUNCTION loose(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE OPERATOR <<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = less);
    CREATE OPERATOR CLASS of_places FOR TYPE place USING gist AS
        FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal),
        FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_point_compress(internal),
        FUNCTION 5 gist_box_penalty(internal, internal, internal),
        FUNCTION 6 gist_box_picksplit(internal, internal),
        FUNCTION 7 gist_box_same(box, box, internal), STORAGE box;
    CREATE OPERATOR CLASS of_ranges FOR TYPE places USING hash AS FUNCTION 1 hash_of(places);
    CREATE OPERATOR CLASS of_numbers FOR TYPE integer USING btree AS FUNCTION 1 compare(integer, integer);
    CREATE OPERATOR CLASS of_operator FOR TYPE integer USING btree AS
        OPERATOR 1 <<<<, FUNCTION 1 btint4cmp(integer, integer);
    CREATE OPERATOR CLASS of_another FOR TYPE integer USING btree AS
        FUNCTION 1 prod_3.compare(integer, integer);
    CREATE OPERATOR CLASS of_c FOR TYPE integer USING btree AS FUNCTION 1 compare_in_c(integer, integer);
    CREATE OPERATOR CLASS of_everybody DEFAULT FOR TYPE json USING btree AS
        FUNCTION 1 (json, json) bttextcmp(text, text);
    CREATE OPERATOR CLASS in_shared_family FOR TYPE place USING hash FAMILY pg_catalog.integer_ops AS
        FUNCTION 1 (smallint, place) hashint4(integer);
    CREATE OPERATOR CLASS in_shared_family_alone FOR TYPE place USING gist FAMILY pg_catalog.range_ops
        AS FUNCTION 2 (integer, integer) gist_box_union(internal, internal);
    CREATE OPERATOR FAMILY loose_family USING btree;
    ALTER OPERATOR FAMILY loose_family USING btree ADD OPERATOR 1 <<<< (integer, integer);
    RESET search_path
"""

# What a copy of it needs, as a clone would have made it by then.
COPY = """
    SET search_path TO prod_2; SET check_function_bodies TO off;
    CREATE DOMAIN place AS point;
    CREATE TYPE places AS RANGE (SUBTYPE = integer);
    CREATE FUNCTION compare(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION less(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION hash_of(places) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION tight(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE FUNCTION tight_tree(integer) RETURNS boolean LANGUAGE sql RETURN $1 > 0;
    CREATE FUNCTION tight_path() RETURNS boolean LANGUAGE sql SET search_path = pg_catalog
        AS 'SELECT true';
    CREATE FUNCTION tight_definer() RETURNS boolean SECURITY DEFINER LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION tight_name() RETURNS text LANGUAGE sql AS 'SELECT f_2()';
    CREATE TYPE pair AS (n integer);
    CREATE FUNCTION number(pair) RETURNS integer LANGUAGE sql AS 'SELECT 1';
    CREATE CAST (pair AS integer) WITH FUNCTION number(pair) AS IMPLICIT;
    CREATE FUNCTION tight_cast(pair) RETURNS boolean LANGUAGE sql RETURN $1 > 0;
    CREATE FUNCTION loose(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE OPERATOR <<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = less);
    RESET search_path
"""

CLASSES = ("of_places", "of_ranges", "of_numbers", "of_operator", "in_shared_family")
"""Those that there may be a copy of."""


class Misuse(NamedTuple):
    """``before`` runs as the service; then one of the functions is called for an object of prod_1."""

    before: str
    function: str
    name: str
    copy: str = "prod_2"


CLASS, FAMILY, LOOSE, LEAKPROOF = (
    "copy_operator_class",
    "copy_operator_family",
    "copy_loose_members",
    "copy_leakproof",
)

# The source's is the first one of its name.
OIDS = {
    CLASS: "SELECT min(oid) FROM pg_opclass WHERE opcname = $1",
    FAMILY: "SELECT min(oid) FROM pg_opfamily WHERE opfname = $1",
    LOOSE: "SELECT min(oid) FROM pg_opfamily WHERE opfname = $1",
    LEAKPROOF: "SELECT min(oid) FROM pg_proc WHERE proname = $1",
}

PLACE = "DROP DOMAIN prod_2.place CASCADE; "
_RANGE = "DROP TYPE prod_2.places CASCADE; "
_COMPARE = "DROP FUNCTION prod_2.compare; CREATE "

MISUSES = {
    "into the source": Misuse("", FAMILY, "of_numbers", "prod_1"),
    "into the other environment": Misuse("", FAMILY, "of_numbers", "test_2"),
    "into public": Misuse("", FAMILY, "of_numbers", "public"),
    "into pg_catalog": Misuse("", FAMILY, "of_numbers", "pg_catalog"),
    "into the service's schema": Misuse("", FAMILY, "of_numbers", "twinbase"),
    "into the schema of these functions": Misuse("", FAMILY, "of_numbers", "twinbase_guard"),
    "into nowhere": Misuse("", FAMILY, "of_numbers", 'x"; DROP SCHEMA prod_2 CASCADE; --'),
    "into a schema of the service's own": Misuse(
        "CREATE SCHEMA prod_9", FAMILY, "of_numbers", "prod_9"
    ),
    "into a schema of another name": Misuse(
        "ALTER SCHEMA prod_2 RENAME TO compare", FAMILY, "of_numbers", "compare"
    ),
    "from a schema that is not a tenant's": Misuse("", FAMILY, "text_ops"),
    "loose members of PostgreSQL's own": Misuse("", LOOSE, "text_ops"),
    "a domain of another layout": Misuse(
        PLACE + "CREATE DOMAIN prod_2.place AS text", CLASS, "of_places"
    ),
    "a type of another kind": Misuse(
        PLACE + "CREATE TYPE prod_2.place AS ENUM ('x')", CLASS, "of_places"
    ),
    "a range of others": Misuse(
        _RANGE + "CREATE TYPE prod_2.places AS RANGE (SUBTYPE = text);"
        "CREATE FUNCTION prod_2.hash_of(prod_2.places) RETURNS integer LANGUAGE sql AS 'SELECT 0'",
        CLASS,
        "of_ranges",
    ),
    "no type": Misuse(PLACE, CLASS, "of_places"),
    "a function that answers otherwise": Misuse(
        _COMPARE
        + "FUNCTION prod_2.compare(integer, integer) RETURNS text LANGUAGE sql AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a function that answers often": Misuse(
        _COMPARE + "FUNCTION prod_2.compare(integer, integer) RETURNS SETOF integer LANGUAGE sql"
        " AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a procedure for a function": Misuse(
        _COMPARE + "PROCEDURE prod_2.compare(integer, integer) LANGUAGE sql AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a function of other arguments": Misuse(
        _COMPARE + "FUNCTION prod_2.compare(integer, bigint) RETURNS integer LANGUAGE sql"
        " AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a function of another language": Misuse(
        _COMPARE + "FUNCTION prod_2.compare(integer, integer) RETURNS integer LANGUAGE plpgsql"
        " AS 'BEGIN RETURN 1; END'",
        CLASS,
        "of_numbers",
    ),
    "a function in C": Misuse("", CLASS, "of_c"),
    "an operator that does something else": Misuse(
        "DROP OPERATOR prod_2.<<<< (integer, integer);"
        "CREATE OPERATOR prod_2.<<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4gt)",
        CLASS,
        "of_operator",
    ),
    "an operator that does something else, in a family": Misuse(
        "DROP OPERATOR prod_2.<<<< (integer, integer);"
        "CREATE OPERATOR prod_2.<<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4gt)",
        LOOSE,
        "loose_family",
    ),
    "what lies in another tenant's schema": Misuse("", CLASS, "of_another"),
    "the default of a type of everybody's": Misuse("", CLASS, "of_everybody"),
    "what everybody's family has for everybody's types": Misuse(
        "", CLASS, "in_shared_family_alone"
    ),
    "a function that is not leakproof": Misuse("", LEAKPROOF, "loose"),
    "a leakproof function of another text": Misuse(
        "CREATE OR REPLACE FUNCTION prod_2.tight(integer) RETURNS boolean LANGUAGE sql"
        " AS 'SELECT pg_notify(''x'', $1::text) IS NULL'",
        LEAKPROOF,
        "tight",
    ),
    "a leakproof function of another tree": Misuse(
        "CREATE OR REPLACE FUNCTION prod_2.tight_tree(integer) RETURNS boolean LANGUAGE sql"
        " RETURN $1 > 1",
        LEAKPROOF,
        "tight_tree",
    ),
    "a leakproof function that asks a function of the schema": Misuse(
        "CREATE FUNCTION prod_2.more(integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
        "CREATE OR REPLACE FUNCTION prod_2.tight_tree(integer) RETURNS boolean LANGUAGE sql"
        " RETURN prod_2.more($1)",
        LEAKPROOF,
        "tight_tree",
    ),
    "a leakproof function with another path": Misuse(
        "ALTER FUNCTION prod_2.tight_path() SET search_path TO prod_2, pg_catalog",
        LEAKPROOF,
        "tight_path",
    ),
    "a leakproof function that casts by a function of the schema": Misuse(
        "", LEAKPROOF, "tight_cast"
    ),
    "a leakproof function that calls another name": Misuse("", LEAKPROOF, "tight_name"),
    "a leakproof function that would run as a superuser": Misuse("", LEAKPROOF, "tight_definer"),
    "a leakproof function under a name within its text": Misuse(
        'ALTER SCHEMA prod_1 RENAME TO "prod_0\'"', LEAKPROOF, "tight"
    ),
}
