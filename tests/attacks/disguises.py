"""exec_dml: ways to write another schema's name."""

from tests.attacks.attack import (
    Attacks,
    fails,
    nothing,
    own,
)

DISGUISES: Attacks = {
    "as it is": nothing("SELECT * FROM @foreign@.items"),
    "the pair": nothing("SELECT * FROM @pair@.items"),
    "the other pair": nothing("SELECT * FROM @foreign_test@.items"),
    "quotes": nothing('SELECT * FROM "@foreign@"."items"'),
    "quotes without blanks": nothing('SELECT*FROM"@foreign@"."items"'),
    "quotes around one half": nothing('SELECT * FROM @foreign@."items"'),
    "capitals": nothing("SELECT * FROM PROD_@victim@.ITEMS"),
    "mixed case": nothing("SELECT * FROM pRoD_@victim@.iTeMs"),
    "capitals in quotes": fails('SELECT * FROM "PROD_@victim@".items'),
    "unicode escape": nothing('SELECT * FROM U&"\\0070rod_@victim@".items'),
    "unicode escape of six digits": nothing(
        'SELECT * FROM U&"\\+000070rod_@victim@".U&"i\\0074ems"'
    ),
    "escape character of its own": nothing(
        "SELECT * FROM U&\"!0070rod!005f@victim@\" UESCAPE '!'.items"
    ),
    "blanks around the dot": nothing("SELECT * FROM @foreign@ . \t items"),
    "every blank that there is": nothing("SELECT\t*\fFROM\r@foreign@\n.\titems\f"),
    "vertical tab": nothing("SELECT\v*\vFROM\v@foreign@.items", since=17),
    "blank that is a letter": fails("SELECT * FROM @foreign@\u00a0.items"),
    "invisible letter": fails("SELECT * FROM @foreign@\u200b.items"),
    "comments": nothing("SELECT/**/*/**/FROM @foreign@/* a */./* b */items"),
    "nested comments": nothing("SELECT * FROM /* /* a */ ; */ @foreign@./* /* ' */ \" */ items"),
    "comment to the end of the line": nothing("SELECT * FROM @foreign@ -- ;'\n.--\"\ritems"),
    "comment in front": nothing("/* read only */ -- SELECT 1\nSELECT * FROM @foreign@.items"),
    "comment behind": nothing("SELECT * FROM @foreign@.items /* */ -- FROM items"),
    "comment of another dialect": own("SELECT 1 AS one /*!50000 UNION TABLE @foreign@.items */"),
    "optimizer's hint": nothing("SELECT /*+ SeqScan(items) */ * FROM @foreign@.items"),
    "quotes of another dialect": fails("SELECT * FROM `@foreign@`.`items`"),
    "brackets of another dialect": fails("SELECT * FROM [@foreign@].[items]"),
    "the database's name in front": nothing("SELECT * FROM @database@.@foreign@.items"),
    "another database's name in front": fails("SELECT * FROM postgres.@foreign@.items"),
    "alias that hides it": nothing("SELECT items.* FROM @foreign@.items"),
    "alias of the own table": nothing("SELECT a.name FROM @foreign@.items AS a, items"),
    "alias of a schema's name": nothing(
        'SELECT "@own@.items".* FROM @foreign@.items "@own@.items"'
    ),
    "parentheses": nothing("((((SELECT * FROM @foreign@.items))))"),
    "parentheses around the table": nothing("SELECT * FROM ONLY (@foreign@.items)"),
    "empty statements in front": nothing(";;; ;SELECT * FROM @foreign@.items;;"),
    "second of two": nothing("SELECT 1 AS one; SELECT * FROM @foreign@.items"),
    "behind a string": nothing("SELECT ';--' AS a; SELECT * FROM @foreign@.items"),
    "behind a string of dollars": nothing("SELECT $a$;$b$'$a$ AS a; SELECT * FROM @foreign@.items"),
    "behind an escaped quote": nothing("SELECT E'\\';' AS a; SELECT * FROM @foreign@.items --'"),
    "behind a backslash": nothing("SELECT '\\' AS a; SELECT * FROM @foreign@.items --'"),
    "behind a string of two lines": nothing("SELECT 'a'\n'b;' AS a; TABLE @foreign@.items"),
    "behind a quoted name": nothing('SELECT 1 AS ";--"; SELECT * FROM @foreign@.items'),
    "behind a unicode string": nothing("SELECT U&'\\0027;' AS a; SELECT * FROM @foreign@.items"),
    "behind 50,000 blanks": nothing(" " * 50_000 + "SELECT * FROM @foreign@.items"),
    "behind 5,000 values": nothing(
        f"SELECT * FROM @foreign@.items WHERE amount NOT IN ({', '.join(map(str, range(5000)))})"
    ),
    "behind 300 statements": nothing("SELECT 1;" * 300 + "SELECT * FROM @foreign@.items"),
    "CTE of the table's name": nothing(
        'WITH "@foreign@.items" AS (SELECT 1) TABLE @foreign@.items'
    ),
    "CTE of the own name": nothing("WITH items AS (TABLE @foreign@.items) SELECT * FROM items"),
}
