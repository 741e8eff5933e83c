// Talking to the server: with a key where it wants one, and server-sent events of a POST request,
// which EventSource cannot make.

/** fetch, asking the person for an API key when the server does. */
export async function ask(url, options = {}, wording = "API key") {
  for (;;) {
    const key = localStorage.getItem("key");
    const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
    const response = await fetch(url, { ...options, headers });
    if (response.status !== 401) return response;
    const given = prompt(wording);
    if (!given) return response;
    localStorage.setItem("key", given.trim());
  }
}

/**
 * @param {string} url
 * @param {object} body
 * @param {AbortSignal} signal
 * @yields {{name: string, data: any}}
 */
export async function* post(url, body, signal) {
  const response = await ask(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw new Error((await response.json()).error.message);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (held + value).split("\n\n");
    held = blocks.pop();
    for (const block of blocks) yield parse(block);
  }
}

function parse(block) {
  let name = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  return { name, data: JSON.parse(data) };
}
