/** A scripted server over a small tree of items, and a log that keeps what it is told. */

import type { DiscoverParams, Log, Requests, Server, TestItem, TestsReport } from "../../src/protocol.ts";

/** An item; its id is its path, its parent what stands before the last `/`. */
export function item(id: string, more: Partial<TestItem> = {}): TestItem {
  const cut = id.lastIndexOf("/");
  const kind = cut < 0 ? "root" : kindOf(id);
  return {
    id,
    parent: cut < 0 ? null : id.slice(0, cut),
    kind,
    label: id.slice(cut + 1),
    nodeId: id,
    sortText: "000000",
    uri: `file:///${id.replaceAll(".dir", "").replace(/(\.py)\/.*/u, "$1")}`,
    tags: [],
    canResolveChildren: kind !== "function",
    certainty: "static",
    ...more,
  };
}

function kindOf(id: string): TestItem["kind"] {
  if (id.endsWith(".py")) return "file";
  return id.endsWith(".dir") ? "dir" : "function";
}

export class FakeServer implements Server {
  readonly asked: DiscoverParams[] = [];
  items: TestItem[];
  generation = 1;

  constructor(...ids: string[]) {
    this.items = ids.map((id) => item(id));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a server answers later
  async request<M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]> {
    if (method !== "fastest/discoverTests") throw new Error(`${method} is not scripted`);
    this.asked.push(params as DiscoverParams);
    return this.#discover(params as DiscoverParams);
  }

  #discover({ itemId, textDocument, depth }: DiscoverParams): TestsReport {
    const file = textDocument && this.items.find(({ kind, uri }) => kind === "file" && uri === textDocument.uri);
    if (textDocument !== undefined && file === undefined) return this.#report([], []);
    if (file !== undefined) return this.#report([file, ...this.#below(file.id)], [file.id]);
    if (itemId === undefined) return this.#report(this.#children(null), []);
    if (depth !== "all") return this.#report(this.#children(itemId), [itemId]);
    const below = this.#below(itemId);
    return this.#report(below, [itemId, ...below.filter(({ canResolveChildren }) => canResolveChildren).map(({ id }) => id)]);
  }

  #report(items: TestItem[], scopes: string[]): TestsReport {
    return { generation: this.generation, items, scopes, removed: [] };
  }

  #children(parent: string | null): TestItem[] {
    return this.items.filter((known) => known.parent === parent);
  }

  #below(id: string): TestItem[] {
    return this.#children(id).flatMap((child) => [child, ...this.#below(child.id)]);
  }
}

export class FakeLog implements Log {
  readonly warnings: string[] = [];
  debug(): void {
    // Nobody reads it.
  }
  warn(message: string): void {
    this.warnings.push(message);
  }
}
