"""What Visionular sends, field for field, as documented in 2021 and as spelt before and after.

Every field may be absent, any number may come as text and any text as a number, so scalars are declared
``object`` and judged by `gateway.providers.scalars`; whatever nests stays raw until it is read, so that one
bad part does not spoil its neighbours. Unknown keys are ignored.

Source: list_task and query_task in the Visionular help centre (2021); the single-page reference of 2020; the
Go SDK for the later ``/vodencoding/v1``.
"""

from __future__ import annotations

from msgspec import Raw, Struct


class Listing(Struct):
    """``data`` of list_task; the table lists these fields flat, the sample and the servers nest them."""

    list: Raw = Raw()
    num: object = None
    total: object = None


class Item(Struct):
    """A task: ``data`` of query_task, and the element of a listing."""

    task_id: object = None
    status: object = None
    create_time: object = None
    finish_time: object = None
    src_bitrate: object = None
    dst_bitrate: object = None
    err_code: object = None
    err_message: object = None
    input: object = None
    input_url: object = None
    output: object = None
    output_url: object = None
    bucket: object = None
    objkey: object = None
    region: object = None
    region_type: object = None
    template_id: object = None
    template_name: object = None

    # 2020
    err_msg: object = None
    message: object = None

    # /vodencoding/v1
    code: object = None
    created_time: object = None
    started_time: object = None
    finished_time: object = None
    source_bitrate: object = None
    output_bitrate: object = None
    source_size: object = None
    output_size: object = None
    duration: object = None
    format: object = None
    progress: object = None
    custom_info: object = None
