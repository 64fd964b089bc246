/** What host tests look at and wait for. */

import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../../src/extension.ts";

/** How long something may take that takes a moment on a quiet machine. */
const PATIENCE_MS = 120_000;

/** The extension's API, once it is active. */
export async function extension(): Promise<Api> {
  const found = vscode.extensions.getExtension<Api>("fastest-lsp.fastest");
  assert.ok(found !== undefined, "the extension is installed");
  return await found.activate();
}

/** Waits until `look` gives something, and gives that. */
export async function eventually<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** All items on the screen, by the path of labels that leads to them: `tests/test_cart.py/test_total`. */
export function shown(items: vscode.TestItemCollection, above = ""): Map<string, vscode.TestItem> {
  const found = new Map<string, vscode.TestItem>();
  for (const [, item] of items) {
    const path = above === "" ? item.label : `${above}/${item.label}`;
    found.set(path, item);
    for (const [below, inner] of shown(item.children, path)) found.set(below, inner);
  }
  return found;
}

/** Waits for an item on the screen. */
export async function item({ controller }: Api, path: string): Promise<vscode.TestItem> {
  return await eventually(path, () => find(controller.items, path));
}

/** An item on the screen, without a look at all the others. */
function find(items: vscode.TestItemCollection, path: string): vscode.TestItem | undefined {
  for (const [, item] of items) {
    if (path === item.label) return item;
    const found = path.startsWith(`${item.label}/`) ? find(item.children, path.slice(item.label.length + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A file of the workspace, open in an editor. */
export async function open(path: string): Promise<vscode.TextEditor> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder !== undefined);
  return await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, path));
}

/** Replaces the first occurrence of a text in an editor. Nothing is saved. */
export async function replace(editor: vscode.TextEditor, old: string, by: string): Promise<void> {
  const at = editor.document.getText().indexOf(old);
  assert.ok(at >= 0, `${old} is in the document`);
  const range = new vscode.Range(editor.document.positionAt(at), editor.document.positionAt(at + old.length));
  assert.ok(await editor.edit((edit) => edit.replace(range, by)));
}
