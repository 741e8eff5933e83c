/** The side view: thinking as it is written, the budget, and what came of it. */

import * as vscode from "vscode";
import { page, type Shown } from "./page";
import { t } from "./proposals";

export class View implements vscode.WebviewViewProvider {
  private view: vscode.WebviewView | undefined;
  private waiting: Shown[] = [];

  static register(): { view: View; registration: vscode.Disposable } {
    const view = new View();
    const registration = vscode.window.registerWebviewViewProvider("lemmata.thinking", view, {
      webviewOptions: { retainContextWhenHidden: true },
    });
    return { view, registration };
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    view.webview.options = { enableScripts: true, localResourceRoots: [] };
    view.webview.onDidReceiveMessage((told: { ready?: boolean; command?: string }) => {
      if (told.ready) this.ready(view);
      else if (told.command?.startsWith("lemmata."))
        void vscode.commands.executeCommand(told.command);
    });
    view.onDidDispose(() => {
      this.view = undefined;
    });
    view.webview.html = page(crypto.randomUUID(), {
      idle: t("Put the cursor on a TODO and press Ctrl+Alt+L."),
      answerNow: t("Answer now"),
      stop: t("Stop"),
      accept: t("Accept"),
      next: t("Next"),
      reject: t("Reject"),
    });
  }

  private ready(view: vscode.WebviewView): void {
    this.view = view;
    for (const shown of this.waiting.splice(0)) void view.webview.postMessage(shown);
  }

  /** Kept for later while the view has not been opened. */
  show(shown: Shown): void {
    if (this.view) void this.view.webview.postMessage(shown);
    else {
      if (shown.clear) this.waiting = [];
      this.waiting.push(shown);
    }
  }

  async reveal(): Promise<void> {
    await vscode.commands.executeCommand("lemmata.thinking.focus", { preserveFocus: true });
  }
}
