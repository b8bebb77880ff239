"""Streams mirror their records."""

from __future__ import annotations

import msgspec
import pytest

from gateway.domain import records
from gateway.graph.schema import schema
from gateway.graph.types import file, job, observation, output, page, streams, task, video

PAIRS = [
    (streams.VideoStream, records.VideoStream),
    (streams.AudioStream, records.AudioStream),
    (streams.SubtitleStream, records.SubtitleStream),
    (file.Location, records.Location),
    (file.Input, records.Input),
    (job.Problem, records.Problem),
    (job.Template, records.Template),
    (job.JobGroup, records.JobGroup),
    (job.Job, records.Job),
    (output.Output, records.Output),
    (observation.Observation, records.Observation),
    (task.Task, records.Task),
    (video.Video, records.Video),
    (page.TaskPage, records.TaskPage),
]

INTERNAL = {"misfits", "job_id", "source"}
"""Attributes that serve the way to a field, not a field: errors in place of values, and the way back."""


@pytest.mark.parametrize(("graph_type", "record"), PAIRS)
def test_every_attribute_of_a_record_is_a_field(graph_type: type, record: type[msgspec.Struct]) -> None:
    """Nothing that a provider tells stops at the record."""
    definition = schema.get_type_by_name(graph_type.__name__)
    assert definition is not None
    names = {field.python_name for field in definition.fields}  # type: ignore[union-attr]
    assert set(record.__struct_fields__) - INTERNAL <= names
