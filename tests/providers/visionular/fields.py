"""Where each field of a Visionular answer is found in the graph."""

from __future__ import annotations

from tests.providers.fields import rows

ITEM = {
    "task_id": "Task.providerId",
    "status": "Task.providerStatus, Task.status, Job.providerStatus, Job.status",
    "create_time": "Task.createdAt, Job.createdAt",
    "finish_time": "Task.completedAt, Job.completedAt",
    "src_bitrate": "Input.bitrate",
    "dst_bitrate": "Output.bitrate",
    "err_code": "Problem.code",
    "err_message": "Problem.message",
    "input": "Location.uri",
    "input_url": "Input.url",
    "output": "Location.uri",
    "output_url": "Output.url",
    "bucket": "Location.bucket",
    "objkey": "Location.objectKey",
    "region": "Location.region",
    "region_type": "Location.type",
    "template_id": "Template.id",
    "template_name": "Template.name",
}
OLDER = {"err_msg": "Problem.message"}
LATER = {
    "created_time": "Task.createdAt, Job.createdAt",
    "started_time": "Task.startedAt",
    "finished_time": "Task.completedAt, Job.completedAt",
    "source_bitrate": "Input.bitrate",
    "output_bitrate": "Output.bitrate",
    "source_size": "Input.fileSize",
    "output_size": "Output.fileSize",
    "duration": "Output.duration",
    "format": "Output.format",
    "progress": "Task.progress, Job.progress",
    "custom_info": "Task.userData",
    "code": "Problem.code",
    "message": "Problem.message",
}
REQUEST = {"request_id": "Task.observation.requestId"}

FIELDS = (
    *rows("list_task", REQUEST),
    *rows("list_task", {"num": "TaskPage.tasks: length", "total": "TaskPage.totalCount"}, under="data"),
    *rows("list_task", {**ITEM, **OLDER, **LATER}, under="data.list[]"),
    *rows("query_task", REQUEST),
    *rows("query_task", {**ITEM, **OLDER, **LATER}, under="data"),
)
