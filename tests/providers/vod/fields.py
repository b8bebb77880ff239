"""Where each field of an ApsaraVideo VOD answer is found in the graph."""

from __future__ import annotations

from tests.providers.fields import Row, rows, table

TASK = {
    "TranscodeTaskId": "Task.providerId",
    "VideoId": "Task.videoId",
    "TaskStatus": "Task.providerStatus, Task.status",
    "TranscodeTemplateGroupId": "Task.templateGroupId",
    "Trigger": "Task.trigger",
    "CreationTime": "Task.createdAt",
    "CompleteTime": "Task.completedAt",
}
SUMMARY = {
    "VideoId": "Video.videoId, Task.videoId",
    "TranscodeStatus": "Task.providerStatus, Task.status",
    "TranscodeTemplateGroupId": "Task.templateGroupId",
    "CreationTime": "Task.createdAt",
    "CompleteTime": "Task.completedAt",
    "Trigger": "Task.trigger",
}
FILE = {
    "Format": "Output.format",
    "Bitrate": "Output.bitrate",
    "Duration": "Output.duration",
    "Fps": "Output.fps",
    "Width": "Output.width",
    "Height": "Output.height",
    "Filesize": "Output.fileSize",
    "FileSize": "Output.fileSize",
    "Encryption": "Output.encryption",
    "WatermarkIdList[]": "Output.watermarkIds",
}
JOB = {
    "TranscodeTemplateId": "Template.id",
    "TranscodeJobStatus": "Job.providerStatus, Job.status",
    "TranscodeProgress": "Job.progress",
    "CreationTime": "Job.createdAt",
    "CompleteTime": "Job.completedAt",
    "FinishTime": "Job.completedAt",
    "ErrorCode": "Problem.code",
    "ErrorMessage": "Problem.message",
    "Definition": "Output.definition",
}
JOB_DETAIL = {
    "TranscodeJobId": "Job.providerId",
    **JOB,
    "Priority": "Job.priority",
    "InputFileUrl": "Input.url, Task.inputs",
    "OutputFile.OutputFileUrl": "Output.url",
    **{f"OutputFile.{name}": place for name, place in FILE.items()},
}
VIDEO = table(
    record="VideoStream",
    names="""
        Index CodecName CodecLongName CodecTag CodecTagString CodecTimeBase Duration StartTime Timebase Lang
        Profile Level Width Height PixFmt Fps AvgFPS Bitrate NumFrames HasBFrames Sar Dar Rotate
    """,
    places="""
        index codecName codecLongName codecTag codecTagString codecTimeBase duration startTime timeBase
        language profile level width height pixelFormat fps averageFps bitrate frameCount bFrames
        sampleAspectRatio displayAspectRatio rotation
    """,
)
AUDIO = table(
    record="AudioStream",
    names="""
        Index CodecName CodecLongName CodecTag CodecTagString CodecTimeBase Duration StartTime Timebase Lang
        Bitrate Samplerate SampleFmt Channels ChannelLayout
    """,
    places="""
        index codecName codecLongName codecTag codecTagString codecTimeBase duration startTime timeBase
        language bitrate sampleRate sampleFormat channels channelLayout
    """,
)
SUBTITLE = table(
    record="SubtitleStream",
    names="""
        Index CodecName CodecLongName CodecTag CodecTagString CodecTimeBase Duration StartTime Timebase Lang
    """,
    places="""
        index codecName codecLongName codecTag codecTagString codecTimeBase duration startTime timeBase
        language
    """,
)
REQUEST = {"RequestId": "Task.observation.requestId"}


def _jobs(under: str) -> tuple[Row, ...]:
    return (
        *rows("GetTranscodeTask", JOB_DETAIL, under=under),
        *rows("GetTranscodeTask", VIDEO, under=f"{under}.OutputFile.VideoStreamList[]"),
        *rows("GetTranscodeTask", AUDIO, under=f"{under}.OutputFile.AudioStreamList[]"),
        *rows("GetTranscodeTask", SUBTITLE, under=f"{under}.OutputFile.SubtitleStreamList[]"),
    )


FIELDS = (
    *rows("ListTranscodeTask", REQUEST),
    *rows("ListTranscodeTask", TASK, under="TranscodeTaskList[]"),
    *rows("GetTranscodeSummary", {**REQUEST, "NonExistVideoIds[]": "Query.videos: null"}),
    *rows("GetTranscodeSummary", SUMMARY, under="TranscodeSummaryList[]"),
    *rows(
        "GetTranscodeSummary",
        {**JOB, **FILE},
        under="TranscodeSummaryList[].TranscodeJobInfoSummaryList[]",
    ),
    *rows("GetTranscodeTask", {**REQUEST, "NonExistJobIds[]": "Query.node: null"}),
    *rows("GetTranscodeTask", TASK, under="TranscodeTask"),
    *_jobs("TranscodeTask.TranscodeJobInfoList[]"),
    *_jobs("TranscodeJobInfoList[]"),
)
