// Bundles GraphiQL into ../gateway/web/assets, so that its page asks no foreign host for anything.
//
// Why GraphiQL 5: it is the line that is maintained, and it checks variables as you type. Its editor, Monaco, makes the
// first visit load 1.8 MB (compressed, workers included), about four times as much as version 4 with CodeMirror. The
// three workers are plain files that our own origin serves.
// Why esbuild: one dependency, no plug-ins, a build of two seconds.
//
// Fonts: the stylesheets imported are those without embedded web fonts. The reader's own fonts are used instead,
// which saves 400 KB, and only Monaco's icon font is left.

import { build } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

const OUT = "../gateway/web/assets";

const common = {
  bundle: true,
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "external",
  logLevel: "warning",
  metafile: true,
  minify: true,
  outdir: OUT,
  target: ["es2022"],
  write: false,
};

const page = await build({
  ...common,
  entryPoints: { graphiql: "src/graphiql.jsx" },
  // GraphiQL asks for these by old names, under which only CommonJS is left, whose exports an import() cannot name.
  alias: { "prettier/parser-babel": "prettier/plugins/babel", "prettier/parser-graphql": "prettier/plugins/graphql" },
  assetNames: "[name]",
  chunkNames: "chunk-[hash]", // the gateway lets browsers keep files of this name for ever
  format: "esm",
  jsx: "automatic",
  loader: { ".ttf": "file" },
  splitting: true, // what "prettify" needs is fetched when it is pressed
});

const workers = await build({
  ...common,
  entryPoints: {
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
  },
  format: "iife",
});

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const comments = new Set();
for (const { path, contents, text } of [...page.outputFiles, ...workers.outputFiles]) {
  const name = basename(path);
  if (name.endsWith(".LEGAL.txt")) {
    comments.add(text.trim());
  } else if (!name.endsWith(".css") || name === "graphiql.css") {
    // esbuild also writes the styles of each lazy chunk by itself; graphiql.css has all of them already.
    write(name, contents);
  }
}
write("LICENSES.txt", licenses({ ...page.metafile.inputs, ...workers.metafile.inputs }));

/** Writes a file and, where it pays, its compressed twin: compressing 4 MB is not a web server's work. */
function write(name, contents) {
  writeFileSync(join(OUT, name), contents);
  const packed = gzipSync(contents, { level: 9 });
  if (packed.length < 0.9 * contents.length) writeFileSync(join(OUT, `${name}.gz`), packed);
}

/** The licence of every package that ended up in a bundle, then the notices found inside the files. */
function licenses(inputs) {
  const folders = new Set();
  for (const path of Object.keys(inputs)) {
    const folder = path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
    if (folder) folders.add(folder);
  }
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice|thirdpartynotices)(\.|-|$)/i.test(file))
      .map((file) => readFileSync(join(folder, file), "utf8").trim());
    return [`${name} ${version} (${license})`, ...texts].join("\n\n");
  });
  const intro = "GraphiQL's files contain the packages below, each under its own licence.";
  return `${[intro, ...parts, ...comments].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
