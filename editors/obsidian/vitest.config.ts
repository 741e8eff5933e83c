import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `obsidian` on npm is types only: the stand-in is what runs.
export default defineConfig({
  resolve: { alias: { obsidian: fileURLToPath(new URL("./tests/obsidian.ts", import.meta.url)) } },
  test: { environment: "jsdom", include: ["tests/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 },
});
