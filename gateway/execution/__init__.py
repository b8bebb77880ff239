"""Compiled, breadth-first execution of GraphQL operations, behind any schema of graphql-core or Strawberry.

Start reading at `plan`, which draws one. This room knows nothing of what the schema is about: what is special
about a schema's values is told to it by `Traits`.
"""

from gateway.execution.batched import batched, from_parent, usually
from gateway.execution.compiler import Compiler
from gateway.execution.generations import Generations
from gateway.execution.held import held
from gateway.execution.plan import NotCompilable, Plan, Result
from gateway.execution.traits import Native, Traits

__all__ = [
    "Compiler",
    "Generations",
    "Native",
    "NotCompilable",
    "Plan",
    "Result",
    "Traits",
    "batched",
    "from_parent",
    "held",
    "usually",
]
