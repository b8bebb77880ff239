"""Fields without resolvers."""

from __future__ import annotations

import pytest

from gateway.domain.errors import Garbled
from gateway.domain.records import Misfit, Output, Provider
from gateway.graph.attribute import attribute


def test_a_value_that_did_not_fit_is_an_error_of_its_field_alone() -> None:
    """The field errs with the provider's request id; its neighbours are as they are."""
    misfit = Misfit(
        field="width",
        reason="a whole number",
        provider=Provider.VOD,
        operation="GetTranscodeSummary",
        request_id="R",
    )
    output = Output(job_id="j", height=480, misfits=(misfit,))
    assert attribute(output, "height") == 480
    assert attribute(output, "fps") is None
    with pytest.raises(Garbled, match="not a whole number") as caught:
        attribute(output, "width")
    assert caught.value.request_id == "R"
