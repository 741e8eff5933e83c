/** One server-sent event with its JSON. */
export interface ServerEvent {
  name: string;
  data: unknown;
}

/** The events of a stream of bytes, whatever the pieces it comes in. */
export async function* events(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const whole = rest.split("\n\n");
      rest = whole.pop() ?? "";
      for (const text of whole) {
        const event = parsed(text);
        if (event) yield event;
      }
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => {}); // already closed: nothing is left to cancel
  }
}

function parsed(text: string): ServerEvent | null {
  let name = "message";
  let data = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  return data ? { name, data: JSON.parse(data) as unknown } : null;
}
