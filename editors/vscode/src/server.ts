/** The only way out: every request is logged before it is sent, and goes to this machine only,
 * unless the user has named another host. Redirects are not followed. */

import type { ServerEvent } from "./documents";
import { allowed } from "./loopback";
import { events } from "./sse";

export interface Where {
  url: string;
  key: string;
  allowHosts: readonly string[];
}

/** What the server, or its absence, says; one line for a person. */
export class Failed extends Error {
  constructor(
    message: string,
    readonly status = 0,
  ) {
    super(message);
  }
}

export class Server {
  constructor(
    private readonly where: () => Promise<Where>,
    private readonly log: (line: string) => void,
    private readonly send: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body);
    return (await answer.json()) as T;
  }

  /** The events of a streamed answer; the last are lost if `signal` aborts it. */
  async *stream(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const answer = await this.ask("POST", path, body, signal);
    if (answer.body === null) throw new Failed("the server sent nothing");
    for await (const event of events(answer.body)) {
      if (event.name === "error") throw new Failed(messageOf(event.data) ?? "the server failed");
      yield event;
    }
  }

  private async ask(method: string, path: string, body?: unknown, signal?: AbortSignal) {
    const { url, key, allowHosts } = await this.where();
    const text = body === undefined ? null : JSON.stringify(body);
    const target = this.target(method, path, url, allowHosts);
    this.log(`${method} ${target.href} (${new TextEncoder().encode(text ?? "").length} bytes)`);
    const headers: Record<string, string> =
      text === null ? {} : { "Content-Type": "application/json" };
    if (key) headers["Authorization"] = `Bearer ${key}`;
    const init: RequestInit = { method, headers, body: text, redirect: "error" };
    if (signal) init.signal = signal;
    const answer = await this.answer(target, init);
    this.log(`${answer.status} from ${target.href}`);
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }

  private target(method: string, path: string, url: string, hosts: readonly string[]): URL {
    try {
      const base = allowed(url, hosts);
      return new URL(base.pathname.replace(/\/$/, "") + path, base);
    } catch (error) {
      this.log(`refused: ${method} ${path}: ${String(error)}`);
      throw error;
    }
  }

  private async answer(target: URL, init: RequestInit): Promise<Response> {
    try {
      return await this.send(target.href, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      this.log(`no answer from ${target.origin}: ${String(error)}`);
      throw new Failed(
        `no Lemmata server answers at ${target.origin}; start it with: lemmata serve${origin()}`,
      );
    }
  }
}

/** In a browser the server must let the page in. */
function origin(): string {
  const place = (globalThis as { location?: Location }).location;
  return place?.protocol.startsWith("http") ? ` --allow-origin ${place.origin}` : "";
}

async function refusal(answer: Response): Promise<Failed> {
  const said = messageOf(await answer.json().catch(() => null)) ?? answer.statusText;
  const wait = answer.headers.get("Retry-After");
  const busy = answer.status === 429 ? `; ask again in ${wait ?? "1"} s` : "";
  const key = answer.status === 401 ? "; set it with Lemmata: Set the API Key" : "";
  return new Failed(`${said}${busy}${key}`, answer.status);
}

function messageOf(document: unknown): string | undefined {
  const error = (document as { error?: { message?: unknown } } | null)?.error;
  return typeof error?.message === "string" ? error.message : undefined;
}
