"""Where each field of an Intelligent Media Services answer is found in the graph."""

from __future__ import annotations

from tests.providers.fields import Row, rows, table

REQUEST = {"RequestId": "Task.observation.requestId"}
ADDRESS = {"Type": "Location.type", "Media": "Location.uri", "Url": "Location.url"}
TASK = {
    "JobId": "Task.providerId",
    "RequestId": "Task.creationRequestId",
    "ClientToken": "Task.clientToken",
    "PipelineId": "Task.pipelineId",
    "State": "Task.providerStatus, Task.status",
    "CreateTime": "Task.createdAt",
    "FinishTime": "Task.completedAt",
    "Code": "Problem.code",
    "Message": "Problem.message",
    "UserData.videoId": "Task.userData, Task.videoId",
    "Config.JobName": "Task.name",
    "Config.Inputs[].Name": "Input.name",
    **{f"Config.Inputs[].InputFile.{name}": place for name, place in ADDRESS.items()},
}
OUTPUT = {
    "Name": "Job.name",
    "TemplateId": "Template.id",
    "Priority": "Job.priority",
    "OverrideParams": "Job.overrideParams",
    "Features": "Job.features",
}
GROUP = {
    "Name": "JobGroup.name",
    "GroupConfig.Type": "JobGroup.type",
    "GroupConfig.ManifestName": "JobGroup.manifestName",
    **{f"GroupConfig.OutputFileBase.{name}": place for name, place in ADDRESS.items()},
}
DETAIL = {
    "Name": "Job.name",
    "TaskId": "Job.providerId",
    "Status": "Job.providerStatus, Job.status",
    "CreateTime": "Job.createdAt",
    "FinishTime": "Job.completedAt",
    "Code": "Problem.code",
    "Message": "Problem.message",
    **{f"Result.OutputFile.{name}": place for name, place in ADDRESS.items()},
}
GROUP_DETAIL = {
    "Name": "JobGroup.name",
    "TaskId": "JobGroup.providerId",
    "Status": "JobGroup.providerStatus, JobGroup.status",
    "CreateTime": "JobGroup.createdAt",
    "FinishTime": "JobGroup.completedAt",
    "Code": "Problem.code",
    "Message": "Problem.message",
}
FILE = table(
    record="Output",
    names="FileName FileUrl FileStatus FileType FormatName MediaId FileSize Duration Bitrate Width Height",
    places="fileName url fileStatus fileType format mediaId fileSize duration bitrate width height",
)
VIDEO = table(
    record="VideoStream",
    names="""
        Index Codec_name Codec_long_name Codec_tag Codec_tag_string Codec_time_base Profile Level Width
        Height PixFmt Fps Avg_fps Bit_rate Duration Start_time Time_base NumFrames Has_b_frames Sar Dar
        Rotate Lang
    """,
    places="""
        index codecName codecLongName codecTag codecTagString codecTimeBase profile level width height
        pixelFormat fps averageFps bitrate duration startTime timeBase frameCount bFrames sampleAspectRatio
        displayAspectRatio rotation language
    """,
)
AUDIO = table(
    record="AudioStream",
    names="""
        Index CodecName CodecLongName CodecTag CodecTagString CodecTimeBase Bitrate SampleRate SampleFmt
        Channels ChannelLayout Duration StartTime Timebase Lang
    """,
    places="""
        index codecName codecLongName codecTag codecTagString codecTimeBase bitrate sampleRate sampleFormat
        channels channelLayout duration startTime timeBase language
    """,
)


def _output(under: str) -> tuple[Row, ...]:
    meta = f"{under}.Result.OutFileMeta"
    return (
        *rows("GetMediaConvertJob", DETAIL, under=under),
        *rows("GetMediaConvertJob", {**FILE, "Region": "Location.region"}, under=f"{meta}.FileBasicInfo"),
        *rows("GetMediaConvertJob", VIDEO, under=f"{meta}.VideoStreamInfoList[]"),
        *rows("GetMediaConvertJob", AUDIO, under=f"{meta}.AudioStreamInfoList[]"),
    )


FIELDS = (
    *rows("GetMediaConvertJob", REQUEST),
    *rows("GetMediaConvertJob", {**TASK, "Percent": "Task.progress"}, under="Job"),
    *rows("GetMediaConvertJob", OUTPUT, under="Job.Config.Outputs[]"),
    # Where the file is going to be; once there is a result, where it is.
    *rows("GetMediaConvertJob", ADDRESS, under="Job.Config.Outputs[].OutputFile"),
    *rows("GetMediaConvertJob", GROUP, under="Job.Config.OutputGroups[]"),
    *rows(
        "GetMediaConvertJob",
        {**OUTPUT, "OutputFileName": "Job.fileName"},
        under="Job.Config.OutputGroups[].Outputs[]",
    ),
    *_output("Job.OutputDetails[]"),
    *rows("GetMediaConvertJob", GROUP_DETAIL, under="Job.OutputGroupDetails[]"),
    *_output("Job.OutputGroupDetails[].Outputs[]"),
    *rows("ListMediaConvertJobs", {**REQUEST, "NextPageToken": "TaskPage.nextPage"}),
    *rows("ListMediaConvertJobs", TASK, under="Jobs[]"),
)
