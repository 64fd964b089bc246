// node scripts/package.mjs BINARY OUT.vsix: the extension for this platform, with the binary that it carries.
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";
import { basename, resolve } from "node:path";
import { execFileSync } from "node:child_process";

const [binary, out] = process.argv.slice(2);
if (binary === undefined || out === undefined) throw new Error("usage: node scripts/package.mjs BINARY OUT.vsix");

/** The names that the Marketplace has for platforms. */
const target = `${process.platform}-${process.arch}`;
const carried = resolve("bin", basename(binary));
rmSync("bin", { recursive: true, force: true });
mkdirSync("bin", { recursive: true });
copyFileSync(binary, carried);
chmodSync(carried, 0o755);
for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(resolve("../..", name), resolve(name));
const vsce = resolve("node_modules/@vscode/vsce/vsce");
const options = ["package", "--no-dependencies", "--skip-license", "--target", target, "--out", resolve(out)];
execFileSync(process.execPath, [vsce, ...options], { stdio: "inherit" });
