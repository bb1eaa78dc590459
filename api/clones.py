"""The body of clone_database: what a clone takes along."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from api.fields import CopyName, DatabaseId, TargetSpaceId, Wait, without_nul
from api.schemas import ChangingRequest
from api.state import State
from domain.copies import Verify, WhatToCopy
from domain.schema import Environment
from service.use_cases.clone_database import CloneDatabase

CopiedEnvironments = Annotated[
    frozenset[Environment],
    Field(
        min_length=1,
        description="Which schemas of the pair are copied; the other one is there and empty.",
        examples=[["prod"]],
    ),
]

SchemaOnly = Annotated[
    StrictBool,
    Field(description="No rows; sequences begin anew, materialized views are not populated."),
]


def _each_once(value: object) -> object:
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
    if len(set(names)) < len(names):
        raise PydanticCustomError("twice", "must not name anything twice")
    return value


_NameOfRelation = Annotated[str, Field(min_length=1, max_length=63), AfterValidator(without_nul)]

TablesToCopy = Annotated[
    Annotated[
        frozenset[_NameOfRelation],
        Field(min_length=1, max_length=1000),
        BeforeValidator(_each_once),
    ]
    | None,
    Field(
        description="Only these tables and views, named as `get_database` shows them, with all"
        " that is theirs, and the types, functions and sequences that they need; a table's"
        " partitions come with it. Where they need other tables (a foreign key's, a view's …) the"
        " clone is refused, and the answer names them. A name must be there in one of the"
        " environments at least. Absent or null: everything.",
        examples=[["Orders", "Customers"]],
    ),
]

VerifyName = Annotated[
    Verify,
    Field(
        description="What of each table is compared between source and copy: the number of its"
        " rows, or the rows themselves, by a checksum.",
        examples=["checksums"],
    ),
]


class CloneDatabaseRequest(ChangingRequest):
    database_id: DatabaseId
    new_database_name: CopyName
    target_space_id: TargetSpaceId = None
    environments: CopiedEnvironments = frozenset(Environment)
    schema_only: SchemaOnly = False
    tables: TablesToCopy = None
    verify: VerifyName = Verify.COUNTS
    wait: Wait = True

    def command(self, state: State) -> CloneDatabase:
        return CloneDatabase(
            database_id=self.database_id,
            caller=state["caller"],
            new_name=self.new_database_name,
            sid=state["sid"],
            space_id=self.target_space_id,
            what=WhatToCopy(
                self.environments,
                rows=not self.schema_only,
                verify=self.verify,
                tables=self.tables,
            ),
            wait=self.wait,
        )
