"""What the executor is told about the graph's values."""

from __future__ import annotations

from graphql import parse

from gateway.domain.records import Location, Output, Record
from gateway.execution import Compiler, NotCompilable
from gateway.graph.schema import schema
from gateway.graph.traits import TRAITS
from gateway.web.samples import samples


def test_only_records_with_misfits_are_doubted() -> None:
    """A class whose objects cannot hold a misfit is read without a second look."""
    doubt = TRAITS.doubt(Output)
    assert doubt is not None
    assert doubt(Output(job_id="j")) == ()
    assert not issubclass(Location, Record)
    assert TRAITS.doubt(Location) is None


def test_what_clients_send_is_compiled() -> None:
    """Every sample has a plan; introspection, which clients send once, is left to graphql-core."""
    compiler = Compiler(schema._schema, TRAITS)
    for sample in samples(["a"]):
        assert not isinstance(compiler.compile(parse(sample.query)), NotCompilable), sample.name
    assert isinstance(compiler.compile(parse("{ __schema { description } }")), NotCompilable)
