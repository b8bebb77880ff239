// Bundles the page into dist/; with --serve it also serves it.
//   GATEWAY  where the gateway is; it must list the page's origin in GATEWAY_SERVER_CORS_ORIGINS
//   PORT     where the page is served

import { context } from "esbuild";
import { cpSync } from "node:fs";

const { GATEWAY = "http://127.0.0.1:8000/graphql", PORT = "3000" } = process.env;

const page = await context({
  bundle: true,
  define: { GATEWAY: JSON.stringify(GATEWAY), "process.env.NODE_ENV": '"production"' },
  entryPoints: ["src/main.tsx", "src/style.css"],
  format: "esm",
  jsx: "automatic",
  logLevel: "warning",
  minify: true,
  outdir: "dist",
  target: ["es2022"],
});
await page.rebuild();
cpSync("index.html", "dist/index.html");
if (process.argv.includes("--serve")) {
  await page.serve({ servedir: "dist", host: "127.0.0.1", port: Number(PORT) });
  console.log(`http://127.0.0.1:${PORT}/`);
} else {
  await page.dispose();
}
