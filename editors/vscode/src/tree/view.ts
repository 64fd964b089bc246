/** Puts the store's changes on the screen: the one place that makes, changes and drops the editor's items. */

import * as vscode from "vscode";
import { type Look, look, shownRange } from "./present.ts";
import type { Change, TestStore } from "./store.ts";
import type { Log, Range, TestItem } from "../protocol.ts";

export class TestView {
  readonly #controller: vscode.TestController;
  readonly #store: TestStore;
  readonly #log: Log;
  readonly #items = new Map<string, vscode.TestItem>();
  readonly #tags = new Map<string, vscode.TestTag>();
  #showsRoots = false;

  constructor(controller: vscode.TestController, store: TestStore, log: Log) {
    this.#controller = controller;
    this.#store = store;
    this.#log = log;
  }

  /** The editor's item of a test, if it is shown. */
  item(id: string): vscode.TestItem | undefined {
    return this.#items.get(id);
  }

  /** Items are changed in place, so that nothing flickers, and what is expanded stays so. */
  apply(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    if (this.#showsRoots !== this.#shouldShowRoots()) {
      this.#rebuild();
      return;
    }
    for (const change of changes) {
      if (change.type === "removed") this.#remove(change.id);
      else if (change.type === "moved") this.#move(change.item);
      else this.#put(change.item);
    }
  }

  /** A lone root is not shown (its children are the top), unless it has something to say. */
  #shouldShowRoots(): boolean {
    const roots = this.#store.children(null);
    return roots.length > 1 || roots.some((id) => this.#store.get(id)?.error !== undefined);
  }

  #rebuild(): void {
    this.#showsRoots = this.#shouldShowRoots();
    this.#items.clear();
    this.#controller.items.replace([]);
    for (const root of this.#store.children(null)) {
      for (const item of this.#store.subtree(root)) this.#put(item);
    }
  }

  /** Nothing but the range has changed. */
  #move(item: TestItem): void {
    const shown = this.#items.get(item.id);
    if (shown !== undefined) shown.range = asRange(shownRange(item));
  }

  #put(item: TestItem): void {
    if (item.kind === "root" && !this.#showsRoots) return;
    const siblings = this.#siblings(item);
    if (siblings === undefined) {
      this.#log.warn(`${item.id} has no parent on the screen`);
      return;
    }
    const shown = this.#items.get(item.id);
    if (shown !== undefined && shown.uri?.toString() === asUri(item.uri)?.toString()) {
      this.#dress(shown, item);
      return;
    }
    // The URI of an item cannot be changed: it is made anew, with its children.
    const made = this.#controller.createTestItem(item.id, item.label, asUri(item.uri));
    this.#dress(made, item);
    if (shown !== undefined) made.children.replace([...shown.children].map(([, child]) => child));
    this.#items.set(item.id, made);
    siblings.add(made);
  }

  #siblings(item: TestItem): vscode.TestItemCollection | undefined {
    const isTop = item.parent === null || (!this.#showsRoots && this.#store.get(item.parent)?.kind === "root");
    if (isTop || item.parent === null) return this.#controller.items;
    return this.#items.get(item.parent)?.children;
  }

  #remove(id: string): void {
    const shown = this.#items.get(id);
    if (shown === undefined) {
      // A root that is not shown: its children are.
      for (const [top] of [...this.#controller.items]) if (this.#store.get(top) === undefined) this.#remove(top);
      return;
    }
    (shown.parent?.children ?? this.#controller.items).delete(id);
    this.#forget(shown);
  }

  #forget(item: vscode.TestItem): void {
    this.#items.delete(item.id);
    for (const [, child] of item.children) this.#forget(child);
  }

  #dress(shown: vscode.TestItem, item: TestItem): void {
    const dress = look(item, this.#store.isStale(item.id));
    shown.label = dress.label;
    // Never undefined: that would not reach the screen, where the old words would stay.
    shown.description = dress.description ?? "";
    shown.sortText = dress.sortText;
    shown.range = asRange(dress.range);
    shown.error = asError(dress.error);
    shown.canResolveChildren = item.canResolveChildren && !this.#store.isListed(item.id);
    if (shown.tags.map(({ id }) => id).join("\n") !== dress.tags.join("\n")) {
      shown.tags = dress.tags.map((tag) => this.#tag(tag));
    }
  }

  #tag(name: string): vscode.TestTag {
    const known = this.#tags.get(name) ?? new vscode.TestTag(name);
    this.#tags.set(name, known);
    return known;
  }
}

function asUri(uri: string | undefined): vscode.Uri | undefined {
  return uri === undefined ? undefined : vscode.Uri.parse(uri, true);
}

/** The editor's range of a range of the protocol (positions are UTF-16 on both sides). */
export function asRange(range: Range): vscode.Range;
export function asRange(range: Range | undefined): vscode.Range | undefined;
export function asRange(range: Range | undefined): vscode.Range | undefined {
  if (range === undefined) return undefined;
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

function asError(error: Look["error"]): vscode.MarkdownString | undefined {
  if (error === undefined) return undefined;
  const text = new vscode.MarkdownString();
  if (error.message.includes("\n")) text.appendCodeblock(error.message, "python");
  else text.appendText(error.message);
  if (error.place !== undefined) text.appendMarkdown(` ([show](${error.place}))`);
  return text;
}
