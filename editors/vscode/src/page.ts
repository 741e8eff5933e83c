/** The side view's page. Everything the model wrote is set as text, never as markup. */

export interface PageWords {
  idle: string;
  answerNow: string;
  stop: string;
  accept: string;
  next: string;
  reject: string;
}

/** `nonce` lets this script and style run, and nothing else; the page itself can reach nothing. */
export function page(nonce: string, words: PageWords): string {
  const button = (command: string, label: string) =>
    `<button data-command="lemmata.${command}">${escaped(label)}</button>`;
  return `<!DOCTYPE html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<style nonce="${nonce}">
body { font-family: var(--vscode-font-family); padding: 8px; line-height: 1.45 }
button { color: var(--vscode-button-foreground); background: var(--vscode-button-background);
  border: 0; border-radius: 2px; padding: 4px 10px; margin: 0 4px 4px 0; cursor: pointer }
button:hover { background: var(--vscode-button-hoverBackground) }
[hidden] { display: none }
progress { width: 100% }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px }
#thinking pre { color: var(--vscode-descriptionForeground); max-height: 40vh; overflow: auto; margin: 4px 0 8px }
summary { cursor: pointer }
.refuted { color: var(--vscode-errorForeground) }
.now { font-weight: 600 }
</style></head><body>
<p id="status" role="status">${escaped(words.idle)}</p>
<progress id="budget" max="1" hidden></progress>
<div id="working" hidden>${button("answerNow", words.answerNow)}${button("stop", words.stop)}</div>
<div id="proposing" hidden>${button("accept", words.accept)}${button("next", words.next)}${button("reject", words.reject)}</div>
<ol id="proposals"></ol>
<ul id="trials"></ul>
<div id="thinking"></div>
<script nonce="${nonce}">(${script.toString()})()</script>
</body></html>`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** What the page is told; each message sets what it names. */
export interface Shown {
  status?: string;
  share?: number | null;
  working?: boolean;
  /** What one candidate writes, under the label that it is listed by. */
  thought?: { sample: number; label: string; text: string };
  trial?: string;
  clear?: boolean;
  proposals?: { line: string; refuted: boolean; now: boolean }[];
}

/** Runs inside the page; it must not refer to anything of this module. */
function script(): void {
  const longest = 200_000;
  const host = (
    globalThis as unknown as { acquireVsCodeApi: () => { postMessage: (m: unknown) => void } }
  ).acquireVsCodeApi();
  const at = (id: string) => document.getElementById(id) as HTMLElement;
  const item = (list: string, text: string) => {
    const made = document.createElement("li");
    made.textContent = text;
    at(list).append(made);
    return made;
  };
  const places = new Map<number, HTMLElement>();
  const place = (sample: number, label: string) => {
    const folded = document.createElement("details");
    folded.open = true;
    folded.append(document.createElement("summary"), document.createElement("pre"));
    (folded.firstChild as HTMLElement).textContent = label;
    at("thinking").append(folded);
    places.set(sample, folded.lastChild as HTMLElement);
    return folded.lastChild as HTMLElement;
  };
  for (const button of document.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      host.postMessage({ command: button.dataset["command"] });
    });
  }
  addEventListener("message", (event: MessageEvent<Shown>) => {
    const told = event.data;
    if (told.clear) {
      places.clear();
      at("thinking").textContent = "";
      at("trials").textContent = "";
      at("proposals").textContent = "";
    }
    if (told.status !== undefined) at("status").textContent = told.status;
    if (told.share !== undefined) {
      const bar = at("budget") as HTMLProgressElement;
      bar.hidden = told.share === null;
      if (told.share !== null) bar.value = told.share;
    }
    if (told.working !== undefined) at("working").hidden = !told.working;
    if (told.thought) {
      const { sample, label, text } = told.thought;
      const body = places.get(sample) ?? place(sample, label);
      const low = body.scrollHeight - body.scrollTop - body.clientHeight < 24;
      body.append(text);
      if (body.textContent.length > longest) {
        body.textContent = body.textContent.slice(-longest / 2);
      }
      if (low) body.scrollTop = body.scrollHeight;
    }
    if (told.trial) item("trials", told.trial);
    if (told.proposals) {
      at("proposals").textContent = "";
      at("proposing").hidden = told.proposals.length === 0;
      for (const { line, refuted, now } of told.proposals) {
        item("proposals", line).className = `${refuted ? "refuted" : ""} ${now ? "now" : ""}`;
      }
    }
  });
  host.postMessage({ ready: true });
}
