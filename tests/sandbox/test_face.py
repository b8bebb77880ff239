"""The three faces as one kind of thing."""

import inspect

import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.face import Face
from gateway.sandbox.messages import RefusalError

VERBS = [
    name for name, member in vars(Face).items() if inspect.isfunction(member) and not name.startswith("_")
]


def test_every_face_has_every_verb(app: Sandbox) -> None:
    """The faces mirror the protocol, verb for verb."""
    assert [face.provider for face in app._faces] == ["VOD", "IMS", "VISIONULAR"]
    for face in app._faces:
        assert all(callable(getattr(face, verb)) for verb in VERBS)


def test_operations_are_distinct(app: Sandbox) -> None:
    """An operation's name says whose it is, so that records of calls need no more."""
    operations = [operation for face in app._faces for operation in face.operations]
    assert len(operations) == len(set(operations)) == 7


@pytest.mark.parametrize(("place", "status"), [(0, 400), (1, 400), (2, 429)])
def test_refusals_are_worded(app: Sandbox, place: int, status: int) -> None:
    """Every face words a throttled call, its own failure and any refusal in its envelope."""
    face = app._faces[place]
    assert face.refuse(face.throttled()).status == status
    assert face.refuse(face.broken(503)).status == 503
    assert face.refuse(face.broken(500)).status == 500
    assert b"some words" in face.refuse(RefusalError(400, "Code", "some words")).body
