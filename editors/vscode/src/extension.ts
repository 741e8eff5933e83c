/** Lemmata in the editor. Runs in a browser too: no Node, and one way out (server.ts). */

import * as vscode from "vscode";
import { Completing, listed } from "./complete";
import { grade } from "./grade";
import { Proposals } from "./proposals";
import { Server } from "./server";
import * as settings from "./settings";
import { explain } from "./steps";
import { View } from "./view";

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Lemmata", { log: true });
  const server = new Server(
    () => settings.where(context.secrets),
    (line) => {
      log.info(line);
    },
  );
  const { view, registration } = View.register();
  const proposals = new Proposals((completion, at) => {
    view.show({ proposals: listed(completion, at) });
  });
  const marks = vscode.languages.createDiagnosticCollection("lemmata");
  const completing = new Completing(server, view, proposals);
  const commands: Record<string, () => Promise<void> | void> = {
    complete: () => completing.run(),
    answerNow: () => completing.answerNow(),
    stop: () => completing.stop(),
    explainStep: () => explain(server, marks),
    grade: () => grade(server, marks, context.workspaceState),
    setKey: () => settings.askKey(context.secrets),
    showLog: () => {
      log.show();
    },
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(
      vscode.commands.registerCommand(`lemmata.${name}`, () => told(run, log)),
    );
  }
  const stale = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0) marks.delete(document.uri);
  });
  context.subscriptions.push(log, registration, proposals, marks, stale);
}

/** What went wrong is said in one line; what was there stays. */
async function told(run: () => Promise<void> | void, log: vscode.LogOutputChannel): Promise<void> {
  try {
    await run();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    log.warn(said);
    void vscode.window.showErrorMessage(`Lemmata: ${said}`);
  }
}
