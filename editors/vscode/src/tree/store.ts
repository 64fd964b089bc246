/**
 * What the server has told of the tests. No editor in here: `apply` takes reports, says what changed.
 *
 * An item may come before its parent is known (an open document in a folder nobody has expanded): it is
 * kept, but is *detached*, and no change speaks of it until its ancestors have come.
 */

import type { Moved, Position, Range, TestItem, TestsReport } from "../protocol.ts";

/** One change of the attached tree, in an order in which parents come before their children. */
export type Change =
  | { type: "put"; item: TestItem; isNew: boolean }
  | { type: "moved"; item: TestItem }
  | { type: "removed"; id: string };

export class TestStore {
  readonly #items = new Map<string, TestItem>();
  /** Also of parents that are not known (yet). */
  readonly #children = new Map<string | null, Set<string>>();
  readonly #listed = new Set<string>();
  #generation = -1;

  /** Of the newest report. */
  get generation(): number {
    return this.#generation;
  }

  /** How many items are known, detached ones too. */
  get size(): number {
    return this.#items.size;
  }

  get(id: string): TestItem | undefined {
    return this.#items.get(id);
  }

  /** Ids of the items directly below; of the roots for null. */
  children(id: string | null): string[] {
    return [...(this.#children.get(id) ?? [])];
  }

  /** Whether the server has listed the direct children of an item completely. */
  isListed(id: string): boolean {
    return this.#listed.has(id);
  }

  /** Whether all ancestors of an item are known, up to a root. */
  isAttached(id: string): boolean {
    let item = this.#items.get(id);
    while (item !== undefined && item.parent !== null) item = this.#items.get(item.parent);
    return item !== undefined;
  }

  /** Whether the file that an item is or lies in cannot be collected just now. */
  isStale(id: string): boolean {
    let item = this.#items.get(id);
    while (item !== undefined && item.kind !== "file" && item.parent !== null) item = this.#items.get(item.parent);
    return item?.stale === true;
  }

  /** Items whose parent is not known: the tops of detached pieces. */
  detached(): TestItem[] {
    return [...this.#items.values()].filter(({ parent }) => parent !== null && !this.#items.has(parent));
  }

  /** Ids of the file items of a document. */
  filesAt(uri: string): string[] {
    const items = [...this.#items.values()];
    return items.filter((item) => item.kind === "file" && item.uri === uri).map(({ id }) => id);
  }

  /** The item and everything below it, parents first. */
  *subtree(id: string): Generator<TestItem> {
    const item = this.#items.get(id);
    if (item === undefined) return;
    yield item;
    for (const child of this.children(id)) yield* this.subtree(child);
  }

  /** Applies a report in the order that the protocol says: moved, removed, items, scopes. */
  apply(report: TestsReport): Change[] {
    this.#generation = Math.max(this.#generation, report.generation);
    const changes: Change[] = [];
    for (const moved of report.moved ?? []) this.#move(moved, changes);
    for (const id of report.removed) this.#remove(id, changes);
    for (const item of report.items) this.#put(item, changes);
    this.#close(report, changes);
    return changes;
  }

  /** Puts one item, as a run that found it does. */
  add(item: TestItem): Change[] {
    const changes: Change[] = [];
    this.#put(item, changes);
    return changes;
  }

  /** Forgets everything: the server is gone. */
  clear(): Change[] {
    const changes: Change[] = this.children(null).map((id) => ({ type: "removed", id }));
    this.#items.clear();
    this.#children.clear();
    this.#listed.clear();
    this.#generation = -1;
    return changes;
  }

  /** The ranges below a file move with its text. */
  #move({ id, version, fromLine, lines }: Moved, changes: Change[]): void {
    const isAttached = this.isAttached(id);
    const shift = (range: Range | undefined): Range | undefined => range && shifted(range, fromLine, lines);
    for (const item of this.subtree(id)) {
      if (item.id === id) continue;
      const [range, nameRange] = [shift(item.range), shift(item.nameRange)];
      const isMoved = range !== item.range || nameRange !== item.nameRange;
      const moved: TestItem = { ...item, version, ...(range && { range }), ...(nameRange && { nameRange }) };
      this.#items.set(item.id, moved);
      if (isMoved && isAttached) changes.push({ type: "moved", item: moved });
    }
  }

  #put(item: TestItem, changes: Change[]): void {
    const old = this.#items.get(item.id);
    if (old !== undefined && old.parent !== item.parent) this.#remove(item.id, changes);
    const isNew = !this.#items.has(item.id);
    this.#items.set(item.id, item);
    this.#siblings(item.parent).add(item.id);
    if (!this.isAttached(item.id)) return;
    changes.push({ type: "put", item, isNew });
    if (isNew) this.#tellWaiting(item.id, changes);
    else if (item.kind === "file" && (old?.stale === true) !== (item.stale === true)) this.#tellBelow(item.id, changes);
  }

  /** What is below a file is stale with it, and looks so. */
  #tellBelow(id: string, changes: Change[]): void {
    for (const item of this.subtree(id)) {
      if (item.id !== id) changes.push({ type: "put", item, isNew: false });
    }
  }

  /** Children that came before their parent are attached now. */
  #tellWaiting(id: string, changes: Change[]): void {
    for (const child of this.children(id)) {
      for (const item of this.subtree(child)) changes.push({ type: "put", item, isNew: true });
    }
  }

  /** Of each scope, children that the report does not list are gone. */
  #close(report: TestsReport, changes: Change[]): void {
    const told = new Set(report.items.map(({ id }) => id));
    for (const scope of report.scopes) {
      this.#listed.add(scope);
      for (const child of this.children(scope)) {
        if (!told.has(child)) this.#remove(child, changes);
      }
    }
  }

  #remove(id: string, changes: Change[]): void {
    const item = this.#items.get(id);
    if (item === undefined) return;
    if (this.isAttached(id)) changes.push({ type: "removed", id });
    this.#children.get(item.parent)?.delete(id);
    this.#forget(id);
  }

  #forget(id: string): void {
    for (const child of this.children(id)) this.#forget(child);
    this.#items.delete(id);
    this.#children.delete(id);
    this.#listed.delete(id);
  }

  #siblings(parent: string | null): Set<string> {
    const known = this.#children.get(parent);
    if (known !== undefined) return known;
    const made = new Set<string>();
    this.#children.set(parent, made);
    return made;
  }
}

/** The range after places from a line on have moved; the same object if none of its own has. */
function shifted(range: Range, fromLine: number, lines: number): Range {
  if (range.end.line < fromLine) return range;
  const shift = ({ line, character }: Position): Position => ({ line: line < fromLine ? line : line + lines, character });
  return { start: shift(range.start), end: shift(range.end) };
}
