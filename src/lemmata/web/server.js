// Talking to the server: with a key where it wants one, and server-sent events of any request.

import { question } from "./dialog.js";
import { say } from "./language.js";

/** What the server, or the way to it, said against a request. */
export class Refused extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

let asking = null;

/** fetch, asking the person for an API key when the server does. Raises Refused. */
export async function ask(url, options = {}) {
  for (;;) {
    const key = localStorage.getItem("key");
    const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
    const response = await reach(url, { ...options, headers });
    if (response.status !== 401) return response;
    if (localStorage.getItem("key") !== key) continue; // given meanwhile, for another request
    asking ??= question(say(key ? "keyWrong" : "key"), { secret: true });
    const given = await asking; // one question, however many requests wait for its answer
    if (!given) throw new Refused(say("keyNeeded"), 401);
    localStorage.setItem("key", given);
    asking = null;
  }
}

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(say("unreachable"));
  }
}

async function refusal(response) {
  try {
    return new Refused((await response.json()).error.message, response.status);
  } catch {
    return new Refused(`${response.status} ${response.statusText}`, response.status);
  }
}

async function received(reader) {
  try {
    return await reader.read();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(say("cutOff"));
  }
}

/** The JSON that a request answers with; null where it answers with nothing. */
export async function call(method, url, body, signal) {
  const told = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await ask(url, { method, signal, ...told });
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? null : response.json();
}

export const get = (url) => call("GET", url);

/** Send a file as it is. */
export async function put(url, file, kind) {
  const response = await ask(url, { method: "PUT", headers: { "Content-Type": kind }, body: file });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** As `get`, waiting while the model loads; `told` hears that it does. */
export async function whenReady(url, told) {
  for (let waited = false; ; waited = true) {
    try {
      const found = await get(url);
      if (waited) told(""); // and nothing else that was said
      return found;
    } catch (error) {
      if (error.status !== 503) throw error;
      told(say("loading"));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/**
 * The events of a streamed answer; `begun` is told the response they come in.
 * @yields {{name: string, data: any}}
 */
export async function* events(url, options = {}, begun = () => {}) {
  const response = await ask(url, options);
  if (!response.ok) throw await refusal(response);
  begun(response);
  const reader = response.body.getReader();
  const decoder = new TextDecoder(); // a TextDecoderStream costs more than the events in it
  let held = "";
  try {
    for (;;) {
      const { value, done } = await received(reader);
      if (done) return;
      const blocks = (held + decoder.decode(value, { stream: true })).split("\n\n");
      held = blocks.pop();
      for (const block of blocks) if (!block.startsWith(":")) yield parse(block);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The events that a POST with this body answers with. */
export const post = (url, body, signal, begun) =>
  events(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal }, begun);

function parse(block) {
  let name = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  return { name, data: data === "[DONE]" ? null : JSON.parse(data) };
}
