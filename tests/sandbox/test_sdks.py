"""Strangers as witnesses: the official SDKs call the sandbox over HTTP and read its answers."""

import json
import math
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from alibabacloud_ice20201109 import models as ims
from alibabacloud_ice20201109.client import Client as ImsClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_vod20170321 import models as vod
from alibabacloud_vod20170321.client import Client as VodClient
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkvod.request.v20170321.GetTranscodeSummaryRequest import GetTranscodeSummaryRequest
from aliyunsdkvod.request.v20170321.GetTranscodeTaskRequest import GetTranscodeTaskRequest
from aliyunsdkvod.request.v20170321.ListTranscodeTaskRequest import ListTranscodeTaskRequest
from darabonba.exceptions import DaraException

from gateway.sandbox.app import Sandbox, create_app

Serve = Callable[[Sandbox], str]


def config(host: str, **more: Any) -> Config:
    """Point an SDK at the sandbox."""
    keys = {"access_key_id": "sandboxAccessKeyId", "access_key_secret": "sandboxAccessKeySecret"}
    return Config(**{**keys, "endpoint": host, "protocol": "http", **more})


def session() -> dict[str, str]:
    """Use the session key."""
    return {
        "access_key_id": "sandboxStsKeyId",
        "access_key_secret": "sandboxStsKeySecret",
        "security_token": "sandboxSecurityToken",
    }


def ids(host: str) -> dict[str, Any]:
    """Ask the sandbox for ids to ask about."""
    found: dict[str, Any] = httpx.get(f"http://{host}/_sandbox/ids").json()
    return found


def refused(client: VodClient, request: Any) -> tuple[int, str]:
    """Call GetTranscodeSummary and return the status and code of the refusal."""
    with pytest.raises(DaraException) as caught:
        client.get_transcode_summary(request)
    return caught.value.status_code, caught.value.code


@pytest.fixture
def host(serve: Serve) -> str:
    """A sandbox without quota."""
    return serve(create_app(quota=math.inf))


@pytest.mark.parametrize(
    "more",
    [{}, session(), {"signature_algorithm": "v2"}, {"signature_algorithm": "v2", **session()}],
    ids=["acs3", "acs3 sts", "rpc", "rpc sts"],
)
def test_vod_sdk(host: str, more: dict[str, str]) -> None:
    """The current VOD SDK reads every operation's answer, by either signature, with and without a session."""
    client, known = VodClient(config(host, **more)), ids(host)
    video_ids = [known["vod"]["succeeded"][0], known["vod"]["never"][0], "no such id,"]
    summary = client.get_transcode_summary(vod.GetTranscodeSummaryRequest(video_ids=",".join(video_ids))).body
    assert [one.video_id for one in summary.transcode_summary_list] == video_ids[:1]
    assert summary.non_exist_video_ids == ["no such id"]
    jobs = summary.transcode_summary_list[0].transcode_job_info_summary_list
    assert {job.transcode_job_status for job in jobs} == {"TranscodeSuccess"}
    assert all(job.filesize > 0 and job.transcode_progress == 100 for job in jobs)

    tasks = client.list_transcode_task(vod.ListTranscodeTaskRequest(video_id=video_ids[0])).body
    task_id = tasks.transcode_task_list[0].transcode_task_id
    task = client.get_transcode_task(
        vod.GetTranscodeTaskRequest(transcode_task_id=task_id)
    ).body.transcode_task
    assert task.video_id == video_ids[0]
    streams = json.loads(task.transcode_job_info_list[0].output_file.audio_stream_list)
    assert all(isinstance(value, str) for stream in streams for value in stream.values())

    job_id = task.transcode_job_info_list[0].transcode_job_id
    answer = client.get_transcode_task(vod.GetTranscodeTaskRequest(job_ids=f"{job_id},nothing")).body
    assert answer.transcode_job_info_list[0].transcode_job_id == job_id
    assert answer.non_exist_job_ids == ["nothing"]


def test_ims_sdk(host: str) -> None:
    """The current IMS SDK reads a job in full, and pages through the list by its tokens."""
    client = ImsClient(config(host))
    job_id = ids(host)["ims"]["succeeded"][0]
    job = client.get_media_convert_job(ims.GetMediaConvertJobRequest(job_id=job_id)).body.job
    assert job.job_id == job_id
    assert job.config.inputs[0].input_file.media.startswith("http://")
    outputs = [*job.output_details, *(one for group in job.output_group_details for one in group.outputs)]
    assert {one.status for one in outputs} == {"Success"}
    assert outputs[0].result.out_file_meta.audio_stream_info_list[0].bitrate == "0.f"

    listing = ims.ListMediaConvertJobsRequest(page_size=5, order_by="CreateTimeAsc")
    first = client.list_media_convert_jobs(listing).body
    listing.next_page_token = first.next_page_token
    second = client.list_media_convert_jobs(listing).body
    assert len({job.job_id for job in [*first.jobs, *second.jobs]}) == 10


async def test_async_sdks(host: str) -> None:
    """The async clients are let in although they leave the content-type they send unsigned."""
    known = ids(host)
    request = vod.GetTranscodeSummaryRequest(video_ids=known["vod"]["running"][0])
    summary = await VodClient(config(host)).get_transcode_summary_async(request)
    assert summary.body.transcode_summary_list[0].transcode_status in {"Processing", "Partial"}
    job = ims.GetMediaConvertJobRequest(job_id=known["ims"]["failed"][0])
    answer = await ImsClient(config(host)).get_media_convert_job_async(job)
    assert answer.body.job.state in {"Failed", "Error"}


@pytest.mark.parametrize("sts", [False, True])
def test_legacy_sdk(host: str, *, sts: bool) -> None:
    """The legacy SDK, which signs the RPC way with an empty SignatureType, reads all three VOD operations."""
    if sts:
        credential = StsTokenCredential("sandboxStsKeyId", "sandboxStsKeySecret", "sandboxSecurityToken")
        client = AcsClient(region_id="cn-shanghai", credential=credential)
    else:
        client = AcsClient("sandboxAccessKeyId", "sandboxAccessKeySecret", "cn-shanghai")
    known = ids(host)
    summary, tasks, task = GetTranscodeSummaryRequest(), ListTranscodeTaskRequest(), GetTranscodeTaskRequest()
    summary.set_VideoIds(",".join(known["vod"]["partial"][:2]))
    tasks.set_VideoId(known["vod"]["partial"][0])
    tasks.set_PageSize(50)
    task.set_TranscodeTaskId(known["vod_tasks"]["partial"][0])
    answers = []
    for request in (summary, tasks, task):
        request.set_endpoint(host)
        request.set_protocol_type("http")
        answers.append(json.loads(client.do_action_with_exception(request)))
    assert len(answers[0]["TranscodeSummaryList"]) == 2
    assert answers[1]["TranscodeTaskList"][0]["TranscodeTaskId"] == known["vod_tasks"]["partial"][0]
    assert answers[2]["TranscodeTask"]["TaskStatus"] == "CompletePartialSucc"


def test_legacy_sdk_blames_the_secret(host: str) -> None:
    """The refusal holds the string the legacy SDK signed, so the SDK can tell its user what is wrong."""
    request = GetTranscodeSummaryRequest()
    request.set_VideoIds("a")
    request.set_endpoint(host)
    request.set_protocol_type("http")
    with pytest.raises(ServerException, match="AccessKeySecret is incorrect"):
        AcsClient("sandboxAccessKeyId", "wrong", "cn-shanghai").do_action_with_exception(request)


def test_refusals(host: str) -> None:
    """Wrong keys and parameters come out of the SDK as the documented codes."""
    one = vod.GetTranscodeSummaryRequest(video_ids="a")
    assert refused(VodClient(config(host, access_key_secret="wrong")), one) == (400, "SignatureDoesNotMatch")
    assert refused(VodClient(config(host, access_key_id="wrong")), one) == (
        404,
        "InvalidAccessKeyId.NotFound",
    )
    token = {**session(), "security_token": "wrong"}
    mismatch = "InvalidSecurityToken.MismatchWithAccessKey"
    assert refused(VodClient(config(host, **token)), one) == (400, mismatch)
    client = VodClient(config(host))
    eleven = vod.GetTranscodeSummaryRequest(video_ids=",".join("abcdefghijk"))
    assert refused(client, eleven) == (400, "VideoListExceededMax")
    assert refused(client, vod.GetTranscodeSummaryRequest()) == (400, "MissingVideoIds")
    with pytest.raises(DaraException) as caught:
        ImsClient(config(host)).get_media_convert_job(ims.GetMediaConvertJobRequest(job_id="a"))
    assert (caught.value.status_code, caught.value.code) == (404, "ResourceNotFound")


@pytest.mark.parametrize("algorithm", ["v2", None])
def test_old_date(serve: Serve, algorithm: str | None) -> None:
    """A signature more than fifteen minutes from the provider's clock has expired."""
    host = serve(create_app(now=lambda: time.time() + 901))
    client = VodClient(config(host, signature_algorithm=algorithm))
    request = vod.GetTranscodeSummaryRequest(video_ids="a")
    assert refused(client, request) == (400, "InvalidTimeStamp.Expired")


@pytest.mark.parametrize("algorithm", ["v2", None])
def test_reused_nonce(host: str, algorithm: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same nonce is good once."""
    monkeypatch.setattr(Utils, "get_nonce", lambda: "always the same")
    client = VodClient(config(host, signature_algorithm=algorithm))
    request = vod.GetTranscodeSummaryRequest(video_ids="a")
    assert client.get_transcode_summary(request).body.non_exist_video_ids == ["a"]
    assert refused(client, request) == (400, "SignatureNonceUsed")


def test_sixteenth_call(serve: Serve) -> None:
    """Fifteen calls of an operation pass in a second; the sixteenth is throttled, another operation not."""
    host = serve(create_app(monotonic=lambda: 0.0))
    client = VodClient(config(host))
    request = vod.GetTranscodeSummaryRequest(video_ids="a")
    for _ in range(15):
        client.get_transcode_summary(request)
    assert refused(client, request) == (400, "Throttling.User")
    assert client.get_transcode_task(vod.GetTranscodeTaskRequest(job_ids="a")).body.non_exist_job_ids == ["a"]
