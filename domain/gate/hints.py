"""What to tell instead of a bare no: reasons, and PostgreSQL's word for what others call so.

Nothing is decided here. What is refused is refused because it is on no list.
"""

from difflib import get_close_matches

from domain.gate.vocabulary import function_names
from domain.gate.word_lists import refusing_group

# Statements that neither verb runs, by message type.
STATEMENTS = {
    "AlterRoleStmt": "roles are the service's",
    "AlterOwnerStmt": "what a database holds belongs to the service",
    "CompositeTypeStmt": "an ENUM and a DOMAIN are possible types; a table or jsonb holds fields",
    "CopyStmt": "write the rows in INSERT … VALUES, or read them by SELECT",
    "CreateExtensionStmt": "extensions are installed by the server's administrator",
    "CreateFunctionStmt": "a tenant's function would run as whoever calls it",
    "CreatePolicyStmt": "who sees which rows is the service's to decide",
    "CreateRangeStmt": "an ENUM and a DOMAIN are possible types; PostgreSQL's own ranges are there",
    "CreateRoleStmt": "roles are the service's",
    "CreateSchemaStmt": "a database is one schema in each environment",
    "CreateTrigStmt": "a trigger runs a function, and tenants have none of their own",
    "DoStmt": "its code is a text that nobody has checked",
    "CallStmt": "there are no procedures",
    "ExplainStmt": "send the statement itself to explain_dml",
    "ExecuteStmt": "send the statement itself, with its params",
    "GrantStmt": "who may do what is the service's to decide",
    "LockStmt": "SELECT … FOR UPDATE locks rows",
    "PrepareStmt": "send the statement itself, with its params",
    "RefreshMatViewStmt": "there are no materialized views",
    "RuleStmt": "CREATE VIEW gives a query a name",
    "TransactionStmt": "the statements of one request are one transaction already",
    "TruncateStmt": "it empties a table of everybody's rows: use DELETE FROM",
    "VariableSetStmt": "settings are the service's",
    "VariableShowStmt": "settings are the service's",
}

MATERIALIZED_VIEW = (
    "PostgreSQL stores its rows once, for everybody, and has no row security on them:"
    " use CREATE VIEW, or CREATE TABLE AS"
)

# Functions of other databases, and how PostgreSQL says it: expressions, as a query takes them.
EQUIVALENTS = {
    "adddate": ("moment + interval '1 day'",),
    "addtime": ("moment + interval '1 hour'",),
    "array_contains": ("element = ANY (list)",),
    "charindex": ("strpos(body, part)",),
    "contains": ("strpos(body, part) > 0", "body LIKE '%part%'"),
    "curdate": ("CURRENT_DATE",),
    "curtime": ("LOCALTIME",),
    "date_diff": ("date1 - date2",),
    "date_format": ("to_char(moment, 'YYYY-MM-DD HH24:MI:SS')",),
    "date_sub": ("moment - interval '1 day'",),
    "dateadd": ("moment + interval '1 day'",),
    "datediff": ("date1 - date2",),
    "datename": ("to_char(moment, 'Month')",),
    "datepart": ("EXTRACT(year FROM moment)",),
    "datetime": ("CAST(body AS timestamp)",),
    "day": ("EXTRACT(day FROM moment)",),
    "dayname": ("to_char(moment, 'Day')",),
    "dayofmonth": ("EXTRACT(day FROM moment)",),
    "dayofweek": ("EXTRACT(dow FROM moment)",),
    "dayofyear": ("EXTRACT(doy FROM moment)",),
    "eomonth": ("date_trunc('month', moment) + interval '1 month - 1 day'",),
    "field": ("array_position(list, element)",),
    "find_in_set": ("element = ANY (string_to_array(body, ','))",),
    "from_unixtime": ("to_timestamp(seconds)",),
    "getdate": ("now()",),
    "getutcdate": ("now() AT TIME ZONE 'UTC'",),
    "group_concat": ("string_agg(body, ',')",),
    "hex": ("to_hex(number)", "encode(bytes, 'hex')"),
    "hour": ("EXTRACT(hour FROM moment)",),
    "if": ("CASE WHEN condition THEN a ELSE b END",),
    "ifnull": ("COALESCE(a, b)",),
    "iif": ("CASE WHEN condition THEN a ELSE b END",),
    "instr": ("strpos(body, part)",),
    "isnull": ("COALESCE(a, b)", "a IS NULL"),
    "json_contains": ("document @> part",),
    "json_extract": ("document -> 'key'", "document #> '{a,b}'"),
    "json_keys": ("jsonb_object_keys(document)",),
    "json_length": ("jsonb_array_length(document)",),
    "json_set": ("jsonb_set(document, '{a,b}', part)",),
    "json_unquote": ("document ->> 'key'",),
    "last_day": ("date_trunc('month', moment) + interval '1 month - 1 day'",),
    "lcase": ("lower(body)",),
    "len": ("length(body)",),
    "listagg": ("string_agg(body, ',')",),
    "locate": ("strpos(body, part)",),
    "median": ("percentile_cont(0.5) WITHIN GROUP (ORDER BY number)",),
    "mid": ("substring(body, 1, 3)",),
    "minute": ("EXTRACT(minute FROM moment)",),
    "month": ("EXTRACT(month FROM moment)",),
    "monthname": ("to_char(moment, 'Month')",),
    "newid": ("gen_random_uuid()",),
    "nvl": ("COALESCE(a, b)",),
    "nvl2": ("CASE WHEN a IS NOT NULL THEN b ELSE c END",),
    "printf": ("format('%s', a)",),
    "quarter": ("EXTRACT(quarter FROM moment)",),
    "rand": ("random()",),
    "replicate": ("repeat(body, number)",),
    "second": ("EXTRACT(second FROM moment)",),
    "space": ("repeat(' ', number)",),
    "str_to_date": ("to_date(body, 'YYYY-MM-DD')", "to_timestamp(body, 'YYYY-MM-DD HH24:MI:SS')"),
    "strftime": ("to_char(moment, 'YYYY-MM-DD')",),
    "stuff": ("overlay(body PLACING part FROM 1 FOR 3)",),
    "subdate": ("moment - interval '1 day'",),
    "substring_index": ("split_part(body, ',', 1)",),
    "sysdate": ("now()",),
    "timediff": ("moment1 - moment2",),
    "timestampadd": ("moment + interval '1 day'",),
    "timestampdiff": ("EXTRACT(epoch FROM moment1 - moment2)",),
    "to_days": ("day - date '0001-01-01'",),
    "truncate": ("trunc(number, 2)",),
    "try_cast": ("CAST(a AS integer)",),
    "ucase": ("upper(body)",),
    "unhex": ("decode(body, 'hex')",),
    "unix_timestamp": ("EXTRACT(epoch FROM moment)",),
    "utc_timestamp": ("now() AT TIME ZONE 'UTC'",),
    "uuid": ("gen_random_uuid()",),
    "uuid_generate_v4": ("gen_random_uuid()",),
    "week": ("EXTRACT(week FROM moment)",),
    "weekday": ("EXTRACT(isodow FROM moment)",),
    "wm_concat": ("string_agg(body, ',')",),
    "year": ("EXTRACT(year FROM moment)",),
}

# What else to write; of sequences, beside the reason in refused_functions.txt.
INSTEAD = {
    "currval": "write it without a schema, as currval('sequence')",
    "last_insert_id": "write INSERT … RETURNING id",
    "last_insert_rowid": "write INSERT … RETURNING id",
    "lastval": "it would tell of another caller: use currval('sequence'), or INSERT … RETURNING",
    "nextval": "write it without a schema, as nextval('sequence')",
    "scope_identity": "write INSERT … RETURNING id",
    "setval": "write it without a schema, as setval('sequence', number)",
}

_CLOSE = 0.8


def about_function(name: str) -> str:
    """A half-sentence to follow "is not allowed", or nothing."""
    if name in EQUIVALENTS:
        return f": PostgreSQL has {' or '.join(EQUIVALENTS[name])}"
    if name in INSTEAD:
        return f": {INSTEAD[name]}"
    group = refusing_group(name)
    if group is not None:
        return f": {group.reason}"
    near = get_close_matches(name, function_names(), n=1, cutoff=_CLOSE)
    return f'; perhaps you mean "{near[0]}"' if near else ""


def about_statement(message_type: str) -> str:
    reason = STATEMENTS.get(message_type)
    return f": {reason}" if reason else ""
