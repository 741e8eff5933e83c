import type { Passage } from "./passage";
import type { Prompt, Server, Solution } from "./server";
import { ServerError } from "./server";
import type { ServerEvent } from "./sse";
import { said } from "./messages";

/** A question under way, kept on disk until its answer stands in the note. */
export interface Pending {
  /** Of the solve, by which the server goes on with it. */
  id: string;
  note: string;
  question: string;
  selection: string;
  passages: Passage[];
}

export interface Answer {
  markdown: string;
  cited: Passage[];
}

export interface Watcher {
  /** The server took it: from here on it can be resumed. */
  started(pending: Pending): Promise<void>;
  wrote(text: string): void;
  progress(text: string): void;
}

export interface Question {
  note: string;
  question: string;
  selection: string;
  passages: Passage[];
  budget: number;
  votes: number;
}

/** Ask, telling the watcher what happens; aborting leaves it to be resumed. Throws ServerError. */
export async function ask(
  server: Server,
  asked: Question,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<Answer> {
  const { note, question, selection, passages, budget, votes } = asked;
  const prompt = await server.prompt({ question, selection, passages, budget });
  watcher.progress(said("reading", { count: prompt.used.length, tokens: prompt.tokens }));
  const pending = { id: "", note, question, selection, passages: used(prompt, passages) };
  return finish(server, server.solve(prompt, votes, signal), pending, votes, watcher);
}

export async function resume(
  server: Server,
  pending: Pending,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<Answer> {
  return finish(server, server.resume(pending.id, signal), pending, 1, watcher);
}

function used(prompt: Prompt, passages: Passage[]): Passage[] {
  return prompt.used.flatMap((place) => passages[place] ?? []);
}

async function finish(
  server: Server,
  happening: AsyncGenerator<ServerEvent>,
  pending: Pending,
  votes: number,
  watcher: Watcher,
): Promise<Answer> {
  const solution = await solved(happening, pending, votes, watcher);
  const { markdown, cited } = await server.callout(pending.question, solution, pending.passages);
  return { markdown, cited: cited.flatMap((place) => pending.passages[place] ?? []) };
}

async function solved(
  happening: AsyncGenerator<ServerEvent>,
  pending: Pending,
  votes: number,
  watcher: Watcher,
): Promise<Solution> {
  const began = performance.now();
  let [tokens, done] = [0, 0];
  for await (const { name, data } of happening) {
    const seconds = (performance.now() - began) / 1000;
    if (name === "started") {
      await watcher.started({ ...pending, id: (data as { id: string }).id });
    } else if (name === "piece") {
      const piece = data as { text: string; tokens: number };
      tokens += piece.tokens;
      if (votes === 1) watcher.wrote(piece.text);
      const pace = (tokens / Math.max(seconds, 0.1)).toFixed(1);
      if (votes === 1) watcher.progress(said("writing", { tokens, pace }));
    } else if (name === "candidate" && votes > 1) {
      done += 1;
      const left = Math.ceil((seconds / done) * (votes - done));
      watcher.progress(said("votes", { done, total: votes, left }));
    } else if (name === "solution") {
      return data as Solution;
    }
  }
  throw new ServerError(said("cut"));
}
