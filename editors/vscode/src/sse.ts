/** Server-sent events of a response, as https://html.spec.whatwg.org/#server-sent-events says. */

import type { ServerEvent } from "./documents";

export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let held = "";
  let name = "message";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      held += decoder.decode(value, { stream: !done });
      const lines = held.split("\n");
      held = done ? "" : (lines.pop() ?? "");
      for (const line of lines) {
        if (line.startsWith("event: ")) name = line.slice(7).trimEnd();
        else if (line.startsWith("data: ")) yield { name, data: JSON.parse(line.slice(6)) };
        else if (line.trim() === "") name = "message";
      }
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}
