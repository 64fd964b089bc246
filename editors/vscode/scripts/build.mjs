// node scripts/build.mjs [--development]: the extension, and its tests, each as one file that the editor can load.
import { readdirSync } from "node:fs";
import { build } from "esbuild";

const development = process.argv.includes("--development");
const common = { bundle: true, platform: "node", format: "cjs", target: "node20", external: ["vscode"], logLevel: "warning" };

await build({ ...common, entryPoints: ["src/extension.ts"], outfile: "dist/extension.cjs", minify: !development, sourcemap: development });
if (development) {
  const tests = readdirSync("test/host").filter((name) => name.endsWith(".ts"));
  const entryPoints = tests.map((name) => `test/host/${name}`);
  await build({ ...common, entryPoints, outdir: "dist/host", external: ["vscode", "mocha"], sourcemap: "inline", outExtension: { ".js": ".cjs" } });
}
