import { build } from "esbuild";

// What Obsidian itself brings; everything else goes into main.js.
const external = ["obsidian", "electron", "@codemirror/*", "@lezer/*"];

await build({
  entryPoints: ["src/main.ts"],
  outfile: "main.js",
  bundle: true,
  format: "cjs",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  external,
});
