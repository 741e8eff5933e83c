import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: { alias: { obsidian: fileURLToPath(new URL("../tests/obsidian.ts", import.meta.url)) } },
  test: { environment: "jsdom", include: ["bench/vault.bench-run.ts"], testTimeout: 600_000 },
});
