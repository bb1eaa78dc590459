"""SQL by the thousand, made by a grammar and then damaged; the same for the same seed.

Its tables are those of ``tests/two_tenants.py``, so that much of it runs. It holds what a model or
a person may send: good SQL, half of it, other dialects', names that are not there or not theirs.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

SEED = 20_261_122
STATEMENTS = 20_000

_RARELY = 0.03
_DEEPEST = 7
_NAME = re.compile(r"<([a-z_]*)>")


@dataclass(frozen=True)
class Sample:
    """One request's SQL; its marks are those of ``tests/two_tenants.py``."""

    verb: str
    sql: str


def corpus(count: int = STATEMENTS, seed: int = SEED) -> Iterator[Sample]:
    """So many samples, all different."""
    random = Random(seed)  # noqa: S311 - no secret is made of it
    made: set[str] = set()
    while len(made) < count:
        sample = _sample(random)
        if sample.sql not in made:
            made.add(sample.sql)
            yield sample


def _sample(random: Random) -> Sample:
    kind = random.choice(("dml", "dml", "ddl"))
    verb = f"exec_{kind}"
    if random.random() < 0.02:
        return Sample(verb, random.choice(MONSTERS)(random))
    sql = written(random, kind)
    if random.random() < 0.05:
        sql = f"{sql};{written(random, kind)} ; {written(random, kind)};"
    if random.random() < 0.35:
        sql = damaged(random, sql)
    if random.random() < 0.03:
        verb = "exec_ddl" if kind == "dml" else "exec_dml"
    return Sample(verb, sql)


def written(random: Random, name: str, depth: int = 0) -> str:
    usual, rare = _grammar()[name]
    if depth > _DEEPEST:
        form = usual[0]
    else:
        form = random.choice(rare if rare and random.random() < _RARELY else usual)
    return _NAME.sub(lambda found: found[1] and written(random, found[1], depth + 1), form)


Forms = dict[str, tuple[list[str], list[str]]]


@cache
def _grammar() -> Forms:
    """The usual forms of each name, and the rare ones."""
    forms: Forms = {}
    usual: list[str] = []
    rare: list[str] = []
    for line in Path(__file__).with_name("corpus_grammar.txt").read_text("utf-8").splitlines():
        if line.startswith("    ~ "):
            rare.append(line[6:])
        elif line.startswith("    "):
            usual.append(line[4:])
        elif line and not line.startswith("#"):
            usual, rare = forms[line] = [], []
    return forms


_TOKEN = re.compile(r"\w+|\s+|'[^']*'|\"[^\"]*\"|.", re.DOTALL)
_CHARACTERS = "\0\x01\t\n\r\x7f\u00a0\u200b\ufeff\ud800é中𝔘'\"`$\\;:()[]{}<>=+-*/%&|#@!?~^,._0Aa"
_HUGE = ("9" * 5, "9" * 20, "9" * 300, "1e" + "9" * 6, "0." + "0" * 200 + "1", "-" * 30 + "1")
_OPENINGS = ("(", ")", "'", '"', "$$", "/*", "--", ";", "E'", 'U&"')

Tokens = list[str]


def damaged(random: Random, sql: str) -> str:
    """One to three accidents."""
    tokens = _TOKEN.findall(sql)
    for _ in range(random.randint(1, 3)):
        if tokens:
            position = random.randrange(len(tokens))
            random.choice(ACCIDENTS)(random, tokens, position)
    return "".join(tokens)


def _lose(_random: Random, tokens: Tokens, position: int) -> None:
    del tokens[position]


def _repeat(random: Random, tokens: Tokens, position: int) -> None:
    tokens.insert(position, random.choice(tokens))


def _swap(random: Random, tokens: Tokens, position: int) -> None:
    other = random.randrange(len(tokens))
    tokens[position], tokens[other] = tokens[other], tokens[position]


def _break_off(_random: Random, tokens: Tokens, position: int) -> None:
    del tokens[position:]


def _shorten(_random: Random, tokens: Tokens, position: int) -> None:
    tokens[position] = tokens[position][:-1]


def _mistype(random: Random, tokens: Tokens, position: int) -> None:
    tokens[position] = random.choice(_CHARACTERS)


def _insert(random: Random, tokens: Tokens, position: int) -> None:
    tokens.insert(position, "".join(random.choices(_CHARACTERS, k=random.randint(1, 5))))


def _open(random: Random, tokens: Tokens, position: int) -> None:
    tokens.insert(position, random.choice(_OPENINGS))


def _enlarge(random: Random, tokens: Tokens, position: int) -> None:
    tokens[position] = random.choice(_HUGE)


ACCIDENTS: tuple[Callable[[Random, Tokens, int], None], ...] = (
    _lose,
    _repeat,
    _swap,
    _break_off,
    _shorten,
    _mistype,
    _insert,
    _open,
    _enlarge,
)

_NESTS = {
    "(": ")",
    "NOT ": "",
    "-": "",
    "CASE WHEN true THEN ": " END",
    "ARRAY[": "]",
    "lower(": ")",
    "(SELECT ": ")",
    "ROW(": ")",
    "[": "]",
    "COALESCE(1, ": ")",
    "'{' || ": "",
    "$": "$",
}


def _deep(random: Random) -> str:
    opening = random.choice(list(_NESTS))
    depth = random.choice((10, 30, 50, 100, 1000, 3000))
    return f"SELECT {opening * depth}1{_NESTS[opening] * depth}"


def _wide(random: Random) -> str:
    width = random.choice((30, 100, 1000, 2000))
    numbers = range(width)
    return random.choice(
        (
            f"SELECT {', '.join(map(str, numbers))}",
            f"SELECT * FROM items WHERE amount IN ({', '.join(map(str, numbers))})",
            f"INSERT INTO lines (label) VALUES {', '.join(f'({n})' for n in numbers)}",
            f"SELECT {' + '.join(map(str, numbers))}",
            f"SELECT 1 WHERE {' OR '.join(f'1={n}' for n in numbers)}",
            " UNION ALL ".join(f"SELECT {n}" for n in numbers[: width // 10]),
            "; ".join(f"SELECT {n}" for n in numbers[: width // 10]),
            ";" * width,
            f"CREATE TABLE wide ({', '.join(f'c{n} integer' for n in numbers)})",
            f"SELECT {', '.join('items.*' for n in numbers)} FROM items",
            f"SELECT ${width}, ${width * 1000}",
        )
    )


def _long(random: Random) -> str:
    length = random.randint(60, 70) if random.random() < 0.5 else random.randint(1000, 20_000)
    return random.choice(
        (
            f"SELECT {'a' * length}",
            f'SELECT "{"é" * length}"',
            f"SELECT '{'x' * length}' AS a",
            f"SELECT 1 /*{'*' * length}*/",
            f"SELECT 1 --{'-' * length}",
            " " * length + "SELECT 1",
            f"SELECT {'9' * length}",
            f"SELECT $a{'$' * length}",
            f"CREATE TABLE {'a' * length} (i integer)",
        )
    )


def _noise(random: Random) -> str:
    return bytes(random.choices(range(256), k=random.randint(0, 60))).decode("latin-1")


def _characters(random: Random) -> str:
    return "".join(random.choices(_CHARACTERS, k=random.randint(0, 60)))


MONSTERS: tuple[Callable[[Random], str], ...] = (_deep, _wide, _long, _noise, _characters)
