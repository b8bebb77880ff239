// The fastest gateway a Node team would build: Mercurius with graphql-jit on Fastify.
//
//   PORT=... PROVIDER=http://... SOURCE=memory|loaders|provider|cache node mercurius.mjs
//
// memory: every video was read before the first request, and whole objects are given to the executor. loaders:
// likewise, with tasks and jobs batched by Mercurius's loaders, as its documents show a graph over services.
// provider: every request asks the provider, ten ids a call, each call signed as it wants them (ACS3-HMAC-SHA256).
// cache: as provider, with mercurius-cache remembering answers for ten minutes.

import Fastify from "fastify";
import mercurius from "mercurius";
import cache from "mercurius-cache";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Pool } from "undici";

const { PORT, PROVIDER, SOURCE, IDS = "", KEY_ID = "benchmark", KEY_SECRET = "benchmark" } = process.env;
const schema = readFileSync(new URL("schema.graphql", import.meta.url), "utf8");
const pool = new Pool(PROVIDER, { connections: 64 });
const SEATS = 10;
const STATUSES = { CompleteAllSucc: "SUCCEEDED", TranscodeSuccess: "SUCCEEDED", Processing: "RUNNING", Transcoding: "RUNNING" };

const number = (text) => (text === undefined ? null : Number(text));

function job(row, video, index) {
  return {
    id: Buffer.from(`Job:${video}:${index}`).toString("base64url"),
    status: STATUSES[row.TranscodeJobStatus],
    progress: number(row.TranscodeProgress),
    createdAt: row.CreationTime,
    completedAt: row.CompleteTime ?? null,
    template: { id: row.TranscodeTemplateId },
    output: {
      format: row.Format,
      width: number(row.Width),
      height: number(row.Height),
      bitrate: number(row.Bitrate),
      duration: number(row.Duration),
      fileSize: number(row.Filesize),
    },
  };
}

function video(row) {
  const jobs = row.TranscodeJobInfoSummaryList.map((one, index) => job(one, row.VideoId, index));
  return {
    videoId: row.VideoId,
    latestTask: {
      id: Buffer.from(`Task:${row.VideoId}`).toString("base64url"),
      status: STATUSES[row.TranscodeStatus],
      progress: Math.floor(jobs.reduce((sum, { progress }) => sum + progress, 0) / jobs.length),
      createdAt: row.CreationTime,
      jobs,
    },
  };
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const HOST = new URL(PROVIDER).host;
const NO_BODY = sha256("");

function signed(query) {
  const headers = {
    host: HOST,
    "x-acs-action": "GetTranscodeSummary",
    "x-acs-content-sha256": NO_BODY,
    "x-acs-date": new Date().toISOString().replace(/\.\d+/, ""),
    "x-acs-signature-nonce": randomBytes(16).toString("hex"),
    "x-acs-version": "2017-03-21",
  };
  const names = Object.keys(headers).join(";"); // in order already
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
  const digest = sha256(`POST\n/\n${query}\n${lines}\n${names}\n${NO_BODY}`);
  const signature = createHmac("sha256", KEY_SECRET).update(`ACS3-HMAC-SHA256\n${digest}`).digest("hex");
  headers.authorization = `ACS3-HMAC-SHA256 Credential=${KEY_ID},SignedHeaders=${names},Signature=${signature}`;
  return headers;
}

async function summary(ids) {
  const query = `VideoIds=${encodeURIComponent(ids.join(","))}`;
  const { body } = await pool.request({ path: `/?${query}`, method: "POST", headers: signed(query) });
  const { TranscodeSummaryList } = await body.json();
  return TranscodeSummaryList.map((row) => [row.VideoId, video(row)]);
}

async function fetched(ids) {
  const calls = [];
  for (let at = 0; at < ids.length; at += SEATS) calls.push(summary(ids.slice(at, at + SEATS)));
  return new Map((await Promise.all(calls)).flat());
}

const inMemory = SOURCE === "memory" || SOURCE === "loaders";
const known = inMemory ? await fetched(IDS.split(",")) : null;
const tasks = new Map([...(known ?? [])].map(([id, { latestTask }]) => [latestTask.id, latestTask]));

async function asked(ids) {
  const found = await fetched([...new Set(ids)]);
  return ids.map((id) => found.get(id));
}

const sources = {
  memory: (_, { ids }) => ids.map((id) => known.get(id)),
  loaders: (_, { ids }) => ids.map((videoId) => known.has(videoId) && { videoId }),
  provider: (_, { ids }) => asked(ids),
  cache: (_, { ids }) => asked(ids),
};

const loaders = {
  Video: { latestTask: async (queries) => queries.map(({ obj }) => known.get(obj.videoId).latestTask) },
  Task: { jobs: async (queries) => queries.map(({ obj }) => tasks.get(obj.id).jobs) },
};

const app = Fastify({ logger: false });
const resolvers = { Query: { videos: sources[SOURCE] } };
app.register(mercurius, { schema, resolvers, jit: 1, ...(SOURCE === "loaders" && { loaders }) });
if (SOURCE === "cache") app.register(cache, { ttl: 600, policy: { Query: { videos: true } } });
await app.listen({ port: Number(PORT), host: "127.0.0.1" });
