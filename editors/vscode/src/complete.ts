/** From the key to the diff: one completion at a time. */

import * as vscode from "vscode";
import type { Completion, Notice, Piece, ServerEvent, Started, Trial } from "./documents";
import { request } from "./gather";
import { Progress } from "./progress";
import { t, type Proposals } from "./proposals";
import { Failed, type Server } from "./server";
import * as settings from "./settings";
import { headline, verdict } from "./told";
import type { View } from "./view";

const WORKING = "lemmata.working";
const TICK = 500;

/** One that was stopped: asked again for the same text and line, it is gone on with. */
interface Stopped {
  id: string;
  about: string;
}

export class Completing {
  private id = "";
  private stopping: AbortController | undefined;
  private stopped: Stopped | undefined;

  constructor(
    private readonly server: Server,
    private readonly view: View,
    private readonly proposals: Proposals,
  ) {}

  async run(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) throw new Failed(t("Open a file and put the cursor on a TODO."));
    if (this.stopping) throw new Failed(t("One TODO is being completed; answer or stop it first."));
    const body = await request(editor);
    const before = editor.document.getText();
    const stopping = (this.stopping = new AbortController());
    await vscode.commands.executeCommand("setContext", WORKING, true);
    try {
      const completion = await this.asked(body, stopping.signal);
      await this.conclude(completion, editor.document, before);
    } catch (error) {
      this.view.show({ status: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      this.stopping = undefined;
      this.view.show({ working: false, share: null });
      await vscode.commands.executeCommand("setContext", WORKING, false);
    }
  }

  async answerNow(): Promise<void> {
    if (this.id) await this.server.json("POST", `/api/solve/${this.id}/answer`);
  }

  /** What there is stays on the server; the same TODO goes on with it. */
  async stop(): Promise<void> {
    if (this.id) await this.server.json("DELETE", `/api/solve/${this.id}`);
    else this.stopping?.abort();
  }

  private async asked(body: Record<string, unknown>, signal: AbortSignal): Promise<Completion> {
    const about = JSON.stringify([body["path"], body["text"], body["line"], body["last_line"]]);
    const resume = this.stopped?.about === about ? { resume: this.stopped.id } : {};
    this.stopped = undefined;
    void this.view.reveal();
    this.view.show({ clear: true, working: true, proposals: [], status: t("Asking the server…") });
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: t("Completing the TODO"),
      cancellable: true,
    };
    return await vscode.window.withProgress(options, async (_, token) => {
      token.onCancellationRequested(() => void this.stop());
      const completion = await this.follow({ ...body, ...resume }, signal);
      if (completion.stopped) this.stopped = { id: this.id, about };
      return completion;
    });
  }

  private async follow(body: unknown, signal: AbortSignal): Promise<Completion> {
    const progress = new Progress(settings.budget());
    const ticking = setInterval(() => {
      this.tick(progress);
    }, TICK);
    this.id = "";
    try {
      for await (const event of this.server.stream("/api/complete", body, signal)) {
        if (event.name === "completion") return event.data as Completion;
        this.take(event, progress);
      }
    } finally {
      clearInterval(ticking);
    }
    throw new Failed(t("the server ended in the middle; ask again"));
  }

  private tick(progress: Progress): void {
    const { tokens, seconds, share, left } = progress.standing();
    const spent = t("{0} tokens, {1} s", tokens, Math.round(seconds));
    const rest = left === undefined ? "" : ` · ${t("at most {0} s left", Math.round(left))}`;
    this.view.show({ status: spent + rest, share: share ?? null });
  }

  private take(event: ServerEvent, progress: Progress): void {
    if (event.name === "started") this.id = (event.data as Started).id;
    if (event.name === "notice") this.view.show({ trial: (event.data as Notice).text });
    if (event.name === "piece") {
      const { sample, text, tokens } = event.data as Piece;
      progress.add(tokens);
      this.view.show({ thought: { sample, text, label: t("Candidate {0}", sample + 1) } });
    }
    if (event.name === "trial") this.view.show({ trial: tried(event.data as Trial) });
  }

  private async conclude(
    completion: Completion,
    document: vscode.TextDocument,
    before: string,
  ): Promise<void> {
    const { proposals, refused, tokens, seconds, stopped } = completion;
    const spent = t("{0} tokens, {1} s", tokens, Math.round(seconds));
    const status = stopped ? `${t("stopped")}: ${spent}` : spent;
    this.view.show({ status, working: false, share: null });
    if (stopped && proposals.length === 0) return;
    if (proposals.length === 0) {
      throw new Failed(
        t("No candidate fits into the file: {0}", refused[0] ?? t("none was written")),
      );
    }
    await this.proposals.begin(document, before, completion);
  }
}

function tried({ sample, passed, examples, first_failure }: Trial): string {
  const said = t("{0}: {1}/{2} examples pass", sample + 1, passed, examples);
  return first_failure ? `${said}; ${first_failure}` : said;
}

/** The proposals as the side view lists them. */
export function listed(completion: Completion | undefined, now: number | undefined) {
  return (completion?.proposals ?? []).map((proposal, at) => ({
    line: [headline(proposal, t), verdict(proposal, completion?.candidates ?? 0, t), proposal.idea]
      .filter((part) => part !== "")
      .join(" · "),
    refuted: proposal.verdict.state === "refuted",
    now: at === now,
  }));
}
