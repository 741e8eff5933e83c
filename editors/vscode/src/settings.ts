/** What the user has set. Hosts and the address are machine settings: a folder that somebody sends
 * cannot change where files go. */

import * as vscode from "vscode";
import type { Where } from "./server";
import type { Budget } from "./progress";

const KEY = "lemmata.key";

function read<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration("lemmata").get<T>(name) ?? otherwise;
}

export async function where(secrets: vscode.SecretStorage): Promise<Where> {
  return {
    url: read("url", "http://127.0.0.1:8080"),
    key: (await secrets.get(KEY)) ?? "",
    allowHosts: read<string[]>("allowHosts", []).map((host) => host.toLowerCase()),
  };
}

export async function askKey(secrets: vscode.SecretStorage): Promise<void> {
  const prompt = vscode.l10n.t("The key that `lemmata keys add NAME` printed; empty: none");
  const key = await vscode.window.showInputBox({ prompt, password: true });
  if (key === undefined) return;
  await (key ? secrets.store(KEY, key) : secrets.delete(KEY));
}

export const model = () => read("model", "");
export const candidates = () => read("candidates", 4);
export const thinkingBudget = () => read("thinkingBudget", 0);
export const budget = (): Budget => ({
  tokens: read("budgetTokens", 16000),
  seconds: read("budgetSeconds", 180),
});
