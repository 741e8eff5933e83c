// A job on the page: followed by its events from where the page last stood, also after a reload.

import { notice } from "./app.js";
import { h } from "./dom.js";
import { known, moment, say } from "./language.js";
import { call, events, get } from "./server.js";

export const ENDED = ["done", "no", "stopped", "failed", "lost"];
const AGAIN_MS = 2000;

/**
 * Follow a job to its end, coming back after a cut.
 * @param {{job?: (job: any) => void, line?: (line: any) => void}} told
 * @returns {() => void} stops following; the job goes on
 */
export function follow(id, told) {
  const abort = new AbortController();
  (async () => {
    let after = 0;
    for (;;) {
      try {
        for await (const { name, data } of events(`/api/jobs/${id}/events?after=${after}`, { signal: abort.signal })) {
          if (name === "line") after = data.number + 1;
          told[name]?.(name === "line" ? data.line : data);
          if (name === "job" && ENDED.includes(data.state)) abort.ended = true;
        }
        if (abort.ended) return;
      } catch (error) {
        if (abort.signal.aborted || error.status === 404) return;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  })();
  return () => abort.abort();
}

/** The job once it has ended. */
export function ended(id) {
  return new Promise((resolve) => follow(id, { job: (job) => { if (ENDED.includes(job.state)) resolve(get(`/api/jobs/${id}`)); } }));
}

/** The state of a job; a search whose answer is no has refuted its statement. */
export function stateTag({ state, kind }) {
  if (kind === "conjecture" && state === "no") return h("span", { class: "tag bad" }, say("refuted"));
  return h("span", { class: `tag ${state}` }, known(`state_${state}`) ? say(`state_${state}`) : state);
}

/** Whether it can be taken up where it ended; a search also when only its time was over. */
export const mayGoOn = ({ kind, state }) =>
  (["stopped", "failed", "lost"].includes(state) && ["train", "eval", "conjecture"].includes(kind)) || (kind === "conjecture" && state === "done");

/** A table of jobs of one kind, each with what can be done to it; `refresh` is told the job it was done to. */
export function table(jobs, { open, refresh }) {
  if (!jobs.length) return h("p", { class: "empty" }, say("noJobs"));
  const act = (label, method, url) => h("button", { type: "button", class: "small", onclick: async () => refresh(await call(method, url).catch((error) => notice(error.message))) }, say(label));
  return h("table", {}, h("tbody", {}, ...jobs.map((job) => h("tr", {},
    h("td", {}, stateTag(job)),
    h("td", {}, h("button", { type: "button", class: "quiet", onclick: () => open(job) }, job.title)),
    h("td", {}, moment(job.created)),
    h("td", {}, h("div", { class: "row" },
      job.state === "running" ? act("stop", "POST", `/api/jobs/${job.id}/stop`) : null,
      mayGoOn(job) ? act("resume", "POST", `/api/jobs/${job.id}/resume`) : null,
      job.state !== "running" ? act("remove", "DELETE", `/api/jobs/${job.id}`) : null))))));
}
