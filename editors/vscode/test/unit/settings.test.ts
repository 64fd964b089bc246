import assert from "node:assert/strict";
import { test } from "node:test";
import { json } from "./page.ts";

interface Schema {
  type?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  [more: string]: unknown;
}

/** Settings of the extension alone: the server knows nothing of them. */
const OWN = ["server.path", "runUnsaved", "explorer.preloadLimit", "pythonTesting", "trace.server"];

/** Defaults that differ on purpose: the gutter of VS Code has what lenses are for elsewhere. */
const DIFFERENT = new Map<string, unknown>([["codeLens.enable", false]]);

/** Groups taken apart: `codeLens` to `codeLens.enable` and so on; words for people left out. */
function flat(schema: Schema, prefix = ""): Map<string, Schema> {
  const found = new Map<string, Schema>();
  for (const [name, setting] of Object.entries(schema.properties ?? {})) {
    if (setting.properties !== undefined) for (const [inner, value] of flat(setting, `${prefix}${name}.`)) found.set(inner, value);
    else found.set(prefix + name, setting);
  }
  return found;
}

function bare(setting: Schema | undefined): Schema {
  const words = new Set(["description", "markdownDescription", "scope"]);
  return Object.fromEntries(Object.entries(setting ?? {}).filter(([key]) => !words.has(key)));
}

function contributed(): Map<string, Schema> {
  const manifest = json("package.json") as { contributes: { configuration: { properties: Record<string, Schema> } } };
  const all = Object.entries(manifest.contributes.configuration.properties);
  return new Map(all.map(([name, setting]) => [name.replace("fastest.", ""), setting]));
}

test("the extension's settings are the server's, and its own", () => {
  const ours = contributed();
  const theirs = flat(json("../../docs/settings.schema.json") as Schema);
  assert.deepEqual([...ours.keys()].sort(), [...theirs.keys(), ...OWN].sort());
  for (const [name, setting] of theirs) {
    const expected = DIFFERENT.has(name) ? { ...setting, default: DIFFERENT.get(name) } : setting;
    assert.deepEqual(bare(ours.get(name)), bare(expected), name);
    if (DIFFERENT.has(name)) assert.notDeepEqual(setting.default, DIFFERENT.get(name), `${name} differs no longer`);
  }
});

test("every setting is explained, and every command has a title in one category", () => {
  for (const [name, setting] of contributed()) assert.ok(String(setting["markdownDescription"]).length >= 15, name);
  const { contributes } = json("package.json") as { contributes: { commands: { command: string; category: string; title: string }[] } };
  for (const { command, category, title } of contributes.commands) {
    assert.equal(category, "Fastest", command);
    assert.ok(title.length > 5, command);
  }
});
