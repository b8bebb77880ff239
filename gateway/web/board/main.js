// Puts the board together: asks for lists now and then, and watches what moves.

import { connect } from "./api.js";
import { askForAccess, showConnection } from "./connection.js";
import { QUOTAS, TASKS, TASK_IN_FULL, VIDEOS, WATCH_TASKS, WATCH_VIDEOS } from "./documents.js";
import { isMoving } from "./format.js";
import { Gauges } from "./gauges.js";
import { List, announcement } from "./list.js";
import { Lookup } from "./lookup.js";
import { Watch } from "./watch.js";

const LIST_EVERY = 8_000; // ms; new tasks are found by listing, and a list costs each provider a call
const QUOTAS_EVERY = 2_000; // costs no provider anything
const SAY_AFTER = 3_000; // ms in which ends are gathered into one sentence
const FIRST = 60;
const FOLLOWED = "transcoding-board-videos";
const MOST_FOLLOWED = 50;

const at = (id) => document.getElementById(id);
const config = JSON.parse(at("config").textContent);
const api = connect(config.endpoint);

let followed = stored();
let sayable = [];

const list = new List(at("list"), at("filters"), {
  onopen: readInFull,
  onunfollow: (task) => follow(task.videoId, false),
  onend: say,
});
const gauges = new Gauges(at("gauges"));
// Each task of IMS or Visionular takes a call of its own.
const tasks = new Watch(api, WATCH_TASKS, movingTasks, heardTask, config.calls);
const videos = new Watch(api, WATCH_VIDEOS, movingVideos, heardVideo);

new Lookup(
  api,
  { panel: at("lookup"), results: at("lookup-results"), form: at("lookup-form"), close: at("lookup-close") },
  { isFollowed: (id) => followed.includes(id), follow },
);
showConnection(
  { place: at("connection"), text: at("connection-text"), banner: at("banner") },
  { onup: readLists },
);
askForAccess(
  {
    button: at("access-button"),
    dialog: at("access"),
    form: at("access-form"),
    input: at("access-key"),
    cancel: at("access-cancel"),
    forget: at("access-forget"),
  },
  {
    onchange: () => {
      tasks.stop();
      videos.stop();
      readLists();
      readQuotas();
    },
  },
);
every(LIST_EVERY, readLists);
every(QUOTAS_EVERY, readQuotas);

function movingTasks() {
  const moving = list.tasks.filter((task) => !task.followed && isMoving(task.status));
  return moving.sort((one, other) => ((one.createdAt ?? "") < (other.createdAt ?? "") ? 1 : -1)).map((task) => task.id);
}

function movingVideos() {
  return list.tasks.filter((task) => task.followed && isMoving(task.status)).map((task) => task.videoId);
}

function heardTask({ id, task, observedAt, trouble }) {
  if (task) list.put({ ...task, observedAt, trouble, live: isMoving(task.status) });
  else if (trouble && list.rows.has(id)) list.put({ id, trouble });
}

function heardVideo({ id, video, observedAt, trouble }) {
  const task = video?.latestTask;
  if (task && followed.includes(id)) {
    list.put({ ...task, observedAt, trouble, live: isMoving(task.status), followed: true });
  }
}

async function readLists() {
  await Promise.all([readTasks(), readVideos()].map((reading) => reading.catch(() => {})));
  list.ready();
  tasks.refresh();
  videos.refresh();
}

async function readTasks() {
  const { data } = await api.query(TASKS, { first: FIRST });
  const { nodes, sources } = data.tasks ?? { nodes: [], sources: [] };
  list.missing(sources);
  for (const task of nodes) list.offer(task);
}

async function readVideos() {
  if (!followed.length) return;
  const { data } = await api.query(VIDEOS, { ids: followed });
  for (const video of data.videos ?? []) {
    if (video?.latestTask) list.offer({ ...video.latestTask, followed: true });
  }
}

async function readInFull({ id }) {
  try {
    const { data, errors } = await api.query(TASK_IN_FULL, { id });
    if (data.task) list.put(data.task);
    else list.put({ id, jobs: [], error: errors[0] ? { code: null, message: errors[0].message } : null });
  } catch {
    list.put({ id, jobs: [] });
  }
}

async function readQuotas() {
  try {
    const { data } = await api.query(QUOTAS);
    gauges.update(data.providers);
  } catch {
    gauges.gap();
  }
}

function follow(videoId, wanted) {
  followed = wanted ? [videoId, ...followed].slice(0, MOST_FOLLOWED) : followed.filter((id) => id !== videoId);
  localStorage.setItem(FOLLOWED, JSON.stringify(followed));
  if (!wanted) list.remove(list.tasks.filter((task) => task.followed && task.videoId === videoId).map(({ id }) => id));
  else readLists();
}

function stored() {
  try {
    const ids = JSON.parse(localStorage.getItem(FOLLOWED)) ?? config.videos;
    return ids.filter((id) => typeof id === "string").slice(0, MOST_FOLLOWED);
  } catch {
    return config.videos;
  }
}

function say(task) {
  sayable.push(task);
  if (sayable.length > 1) return;
  setTimeout(() => {
    at("announcer").textContent = announcement(sayable);
    sayable = [];
  }, SAY_AFTER);
}

/** Does something now and again and again, one at a time, and not where nobody looks. */
async function every(pause, work) {
  for (;;) {
    if (!document.hidden) await work();
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
    });
  }
}
