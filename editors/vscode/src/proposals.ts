/** Proposals under review: a diff for one at a time; accept, next, reject. */

import * as vscode from "vscode";
import type { Completion, Proposal } from "./documents";
import { replacements } from "./offsets";
import { headline, type Translate } from "./told";

const SCHEME = "lemmata-proposal";
const TITLE = 160;
const PROPOSING = "lemmata.proposing";
export const t: Translate = (message, ...given) => vscode.l10n.t(message, ...given);

interface Review {
  document: vscode.TextDocument;
  before: string;
  completion: Completion;
  at: number;
}

export class Proposals implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private review: Review | undefined;
  private shown = 0;
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly changed: (completion?: Completion, at?: number) => void) {
    this.disposables = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.commands.registerCommand("lemmata.accept", () => this.accept()),
      vscode.commands.registerCommand("lemmata.next", () => this.next()),
      vscode.commands.registerCommand("lemmata.reject", () => this.end()),
    ];
  }

  dispose(): void {
    for (const each of this.disposables) each.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const at = Number(new URLSearchParams(uri.query).get("at"));
    return this.review?.completion.proposals[at]?.text ?? "";
  }

  /** Begin with the first proposal; there is at least one. */
  async begin(
    document: vscode.TextDocument,
    before: string,
    completion: Completion,
  ): Promise<void> {
    await this.end();
    this.review = { document, before, completion, at: 0 };
    await vscode.commands.executeCommand("setContext", PROPOSING, true);
    await this.show();
  }

  private get proposal(): Proposal | undefined {
    return this.review?.completion.proposals[this.review.at];
  }

  private async show(): Promise<void> {
    const { review, proposal } = this;
    if (!review || !proposal) return;
    this.changed(review.completion, review.at);
    await this.closeDiff();
    this.shown += 1;
    const { document, at, completion } = review;
    const query = `at=${at}&shown=${this.shown}`;
    const uri = document.uri.with({ scheme: SCHEME, authority: "", query });
    const number =
      completion.proposals.length > 1
        ? `${t("{0} of {1}", at + 1, completion.proposals.length)}: `
        : "";
    const said = [headline(proposal, t), proposal.idea].filter((part) => part !== "").join(" · ");
    const title = `${number}${said}`.replace(/\s+/g, " ").slice(0, TITLE);
    await vscode.commands.executeCommand("vscode.diff", document.uri, uri, title, {
      preview: true,
    });
  }

  private async next(): Promise<void> {
    if (!this.review) return;
    this.review.at = (this.review.at + 1) % this.review.completion.proposals.length;
    await this.show();
  }

  /** One undo step. A file that has changed meanwhile is left alone, and so is the proposal. */
  private async accept(): Promise<void> {
    const { review, proposal } = this;
    if (!review || !proposal) return;
    const { document, before } = review;
    if (document.getText() !== before) {
      const said = t("The file has changed meanwhile: undo that, or complete it anew.");
      void vscode.window.showWarningMessage(said);
      return;
    }
    const edit = new vscode.WorkspaceEdit();
    for (const one of replacements(proposal.edits, before.split(/\r?\n/))) {
      const { startLine, startCharacter, endLine, endCharacter, text } = one;
      const range = new vscode.Range(startLine, startCharacter, endLine, endCharacter);
      edit.replace(document.uri, range, text);
    }
    if (await vscode.workspace.applyEdit(edit)) await this.end();
  }

  /** Close the diff and show the file. */
  private async end(): Promise<void> {
    const { review } = this;
    this.review = undefined;
    this.changed();
    await vscode.commands.executeCommand("setContext", PROPOSING, false);
    await this.closeDiff();
    if (review) await vscode.window.showTextDocument(review.document, { preserveFocus: false });
  }

  private async closeDiff(): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const ours = tabs.filter(
      ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME,
    );
    if (ours.length) await vscode.window.tabGroups.close(ours);
  }
}
