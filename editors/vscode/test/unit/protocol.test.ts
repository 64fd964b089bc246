import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { PACKAGE, types } from "./page.ts";

/** Declarations by name, without comments and with all white space made one space. */
function declarations(text: string): Map<string, string> {
  const source = ts.createSourceFile("types.ts", text, ts.ScriptTarget.Latest, true);
  const printer = ts.createPrinter({ removeComments: true });
  const found = new Map<string, string>();
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement)) continue;
    const printed = printer.printNode(ts.EmitHint.Unspecified, statement, source);
    found.set(statement.name.text, printed.replace(/^export /u, "").replaceAll(/\s+/gu, " "));
  }
  return found;
}

test("the mirror of the protocol and its page agree", () => {
  const mirror = declarations(readFileSync(resolve(PACKAGE, "src/protocol.ts"), "utf8"));
  const page = declarations(types());
  assert.ok(page.size > 20, "the page has types");
  for (const [name, declaration] of page) assert.equal(mirror.get(name), declaration, name);
});
