import { requestUrl } from "obsidian";
import type { Passage } from "./passage";
import { events, type ServerEvent } from "./sse";
import { said } from "./messages";

export interface Prompt {
  problem: string;
  task: "math" | "code";
  used: number[];
  left_out: number;
  tokens: number;
}

export interface Solution {
  derivation: string;
  answer: string | null;
  verdict: { state: string; reason: string };
  language: string;
}

export interface Callout {
  markdown: string;
  cited: number[];
}

export interface Edit {
  first: number;
  last: number;
  lines: string[];
}

export interface Section {
  heading: string;
  state: "holds" | "fails" | "unchecked";
  findings: { state: "holds" | "fails" | "unchecked" }[];
  path: string;
  entry: string | null;
  correction: string | null;
}

export interface Checked {
  sections: Section[];
  edits: Edit[];
}

export interface TuningSet {
  lines: string[];
  left: { id: string; reason: string }[];
}

/** What went wrong with the server, in one line for a person. */
export class ServerError extends Error {}

export interface Address {
  url: string;
  key: string;
  /** An adapter's name; "" is the base model. */
  model: string;
}

/** The part of Lemmata's HTTP API that notes need. Every method throws ServerError. */
export class Server {
  constructor(private readonly address: () => Address) {}

  prompt(body: { question: string; selection: string; passages: Passage[]; budget: number }) {
    return this.post<Prompt>("/api/notes/prompt", body);
  }

  callout(question: string, solution: Solution, passages: Passage[]) {
    const { derivation, answer, verdict, language } = solution;
    const body = { question, derivation, answer, verdict, language, passages };
    return this.post<Callout>("/api/notes/callout", body);
  }

  check(body: { text: string; note: string; first?: number; last?: number }) {
    return this.post<Checked>("/api/notes/check", body);
  }

  export(entries: string[]) {
    return this.post<TuningSet>("/api/notes/export", { entries });
  }

  answerNow(id: string) {
    return this.post<unknown>(`/api/solve/${id}/answer`, {});
  }

  stop(id: string) {
    return this.call<unknown>("DELETE", `/api/solve/${id}`);
  }

  /** A problem being solved, as it happens; aborting the signal leaves it to be resumed. */
  solve(prompt: Prompt, votes: number, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const { problem, task } = prompt;
    const model = this.address().model || undefined;
    const body = { problem, task, votes, model, plan: "off", anyway: true, stream: true };
    return this.stream("/api/solve", body, signal);
  }

  resume(id: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    return this.stream(`/api/solve/${id}/resume?stream=true`, {}, signal);
  }

  private post<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("POST", path, body);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { url } = this.address();
    let answer;
    try {
      answer = await requestUrl({
        url: this.at(path),
        method,
        headers: this.headers(),
        body: body === undefined ? undefined : JSON.stringify(body),
        throw: false,
      });
    } catch {
      throw new ServerError(said("down", { url }));
    }
    if (answer.status >= 400) {
      throw new ServerError(refusal(answer.status, answer.text, answer.headers["retry-after"]));
    }
    return (answer.text ? JSON.parse(answer.text) : null) as T;
  }

  private async *stream(
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): AsyncGenerator<ServerEvent> {
    const answer = await this.begin(path, body, signal);
    try {
      for await (const event of events(answer)) {
        if (event.name === "error") {
          const { error } = event.data as { error: { message: string } };
          throw new ServerError(error.message);
        }
        yield event;
      }
    } catch (error) {
      if (error instanceof ServerError || signal.aborted) throw error;
      throw new ServerError(said("cut"));
    }
  }

  private async begin(
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const request = { method: "POST", headers: this.headers(), body: JSON.stringify(body), signal };
    let answer;
    try {
      // Obsidian's requestUrl gives nothing before the end; only the browser's own can stream.
      answer = await window.fetch(this.at(path), request);
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ServerError(await this.unreachable());
    }
    if (!answer.ok || !answer.body) {
      const wait = answer.headers.get("retry-after") ?? undefined;
      throw new ServerError(refusal(answer.status, await answer.text(), wait));
    }
    return answer.body;
  }

  /** Either nobody is there, or the browser keeps Obsidian's page from reading the answer. */
  private async unreachable(): Promise<string> {
    const { url } = this.address();
    try {
      await requestUrl({ url: this.at("/healthz"), throw: false });
      return said("origin", { url, origin: window.location.origin });
    } catch {
      return said("down", { url });
    }
  }

  private at(path: string): string {
    return this.address().url.replace(/\/+$/, "") + path;
  }

  private headers(): Record<string, string> {
    const { key } = this.address();
    return {
      "Content-Type": "application/json",
      ...(key ? { Authorization: `Bearer ${key}` } : {}),
    };
  }
}

function refusal(status: number, text: string, wait = "1"): string {
  if (status === 401 || status === 403) return said("key");
  if (status === 429) return said("busy", { wait });
  if (status === 503) return said("loading", { wait });
  try {
    const { error } = JSON.parse(text) as { error: { message: string } };
    return error.message.split("\n")[0] ?? "";
  } catch {
    return said("odd", { status: String(status) });
  }
}
