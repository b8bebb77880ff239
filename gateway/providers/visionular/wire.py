"""What Visionular sends, field for field, as documented in 2021 and as spelt before and after.

Every field may be absent, any number may come as text and any text as a number: what is declared here is what
a value is read as, by `gateway.providers.documented`, and where that is no attribute of the same name, which
field of our record lacks a value that does not fit. Unknown keys are ignored.

Source: list_task and query_task in the Visionular help centre (2021); the single-page reference of 2020; the
Go SDK for the later ``/vodencoding/v1``.
"""

from __future__ import annotations

from typing import Annotated

from gateway.providers.documented import Wire
from gateway.providers.kinds import (
    ABSENT,
    BigInteger,
    Code,
    Integer,
    JsonText,
    Number,
    Page,
    Percent,
    Text,
    Time,
)


class Listing(Wire):
    """``data`` of list_task; the table lists these fields flat, the sample and the servers nest them."""

    list: Annotated[Page[Item], "tasks"] = ABSENT
    num: Integer = None
    total: Annotated[Integer, "total_count"] = None


class Item(Wire):
    """A task: ``data`` of query_task, and the element of a listing."""

    task_id: Annotated[Text, "provider_id"] = None
    status: Text = None
    create_time: Annotated[Time, "created_at"] = None
    finish_time: Annotated[Time, "completed_at"] = None
    src_bitrate: Annotated[Number, "bitrate"] = None
    dst_bitrate: Annotated[Number, "bitrate"] = None
    err_code: Annotated[Code, "error"] = None
    err_message: Annotated[Text, "error"] = None
    input: Annotated[Text, "location"] = None
    input_url: Annotated[Text, "url"] = None
    output: Annotated[Text, "location"] = None
    output_url: Annotated[Text, "url"] = None
    bucket: Annotated[Text, "location"] = None
    objkey: Annotated[Text, "location"] = None
    region: Annotated[Text, "location"] = None
    region_type: Annotated[Text, "location"] = None
    template_id: Annotated[Code, "template"] = None
    template_name: Annotated[Text, "template"] = None

    # 2020
    err_msg: Annotated[Text, "error"] = None
    message: Annotated[Text, "error"] = None

    # /vodencoding/v1
    code: Annotated[Code, "error"] = None
    created_time: Annotated[Time, "created_at"] = None
    started_time: Annotated[Time, "started_at"] = None
    finished_time: Annotated[Time, "completed_at"] = None
    source_bitrate: Annotated[Number, "bitrate"] = None
    output_bitrate: Annotated[Number, "bitrate"] = None
    source_size: Annotated[BigInteger, "file_size"] = None
    output_size: Annotated[BigInteger, "file_size"] = None
    duration: Number = None
    format: Text = None
    progress: Percent = None
    custom_info: Annotated[JsonText, "user_data"] = None
