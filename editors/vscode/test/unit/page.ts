/** Reads `docs/`: the protocol's page with its types and examples, and the settings' schema. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export const PACKAGE = resolve(import.meta.dirname, "../..");
const DOCS = resolve(PACKAGE, "../../docs");

export function page(): string {
  return readFileSync(resolve(DOCS, "test-protocol.md"), "utf8");
}

/** All blocks of TypeScript on the page. */
export function types(): string {
  return [...page().matchAll(/```ts\n(.*?)```/gsu)].map(([, block]) => block).join("\n");
}

/** The JSON under `<!-- traffic: NAME -->`. */
export function example(name: string): unknown {
  const marked = page().split(`<!-- traffic: ${name} -->`)[1];
  const text = /```json\n(.*?)```/su.exec(marked ?? "")?.[1];
  if (text === undefined) throw new Error(`the page has no example ${name}`);
  return JSON.parse(text);
}

export function json(path: string): unknown {
  return JSON.parse(readFileSync(resolve(PACKAGE, path), "utf8"));
}
