// Server-sent events over fetch: unlike EventSource it can post a query and send a credential.

/** Yields the events of a body as `{ event, data }`; comments, which only keep the connection, as `{}`. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r\n\r\n|\n\n|\r\r/);
      rest = blocks.pop();
      for (const block of blocks) yield read(block);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function read(block) {
  const found = {};
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") found.event = value;
    if (name === "data") found.data = found.data === undefined ? value : `${found.data}\n${value}`;
  }
  return found;
}
