/**
 * Asks the server for tests, level by level, and keeps the store true. No editor in here.
 *
 * Everything is lazy: roots and their children at the start, a level when it is expanded, a document when it
 * is opened, a whole subtree when it is run. Small workspaces are loaded to the bottom in the background,
 * so that filters find every test.
 */

import type { DiscoverParams, Log, Server, TestItem, TestsReport } from "../protocol.ts";
import type { Change, TestStore } from "./store.ts";

export class Discovery {
  readonly #server: Server;
  readonly #store: TestStore;
  readonly #log: Log;
  readonly #tell: (changes: Change[]) => void;
  /** Roots that are loaded to the bottom, and stay so. */
  readonly #preloaded = new Set<string>();

  constructor(server: Server, store: TestStore, log: Log, tell: (changes: Change[]) => void) {
    this.#server = server;
    this.#store = store;
    this.#log = log;
    this.#tell = tell;
  }

  /** The roots, and their children. */
  async start(): Promise<void> {
    await this.#ask({});
    await Promise.all(this.#store.children(null).map((root) => this.resolve(root)));
  }

  /** A report that came by itself: it is shown at once, and what it lacks is asked for. */
  async changed(report: TestsReport): Promise<void> {
    const changes = this.#store.apply(report);
    this.#tell(changes);
    // Folders were added to the workspace.
    await Promise.all(this.#store.children(null).map((root) => this.resolve(root)));
    if (this.#store.detached().length > 0) await this.attach();
    await this.load(changes.filter((change) => change.type === "put" && change.isNew && this.#isPreloaded(change.item)).map(idOf));
  }

  /** An item that a run found. */
  add(item: TestItem): void {
    this.#tell(this.#store.add(item));
  }

  /** The children of an item, if they are not known yet. */
  async resolve(id: string): Promise<void> {
    if (!this.#store.isListed(id)) await this.#ask({ itemId: id });
  }

  /** The tests of a document, and the way down to them. */
  async document(uri: string): Promise<void> {
    await this.#ask({ textDocument: { uri } });
    await this.attach();
  }

  /** Gives detached pieces their ancestors, by expanding the folders that they lie in. */
  async attach(): Promise<void> {
    for (const item of this.#store.detached()) {
      const uri = item.uri;
      if (uri !== undefined) await this.#descend(this.#store.children(null), uri, item.id);
      if (!this.#store.isAttached(item.id)) this.#log.warn(`no way down to ${item.id}`);
    }
  }

  /** Everything below these items, or of the whole workspace. Tests must be known before they are run. */
  async load(ids: readonly string[] | undefined): Promise<void> {
    const tops = (ids ?? this.#store.children(null)).filter((id) => !this.#isLoaded(id));
    await Promise.all(tops.map((itemId) => this.#ask({ itemId, depth: "all" })));
  }

  /** Loads roots with at most so many tests to the bottom; returns how many roots that were. */
  async preload(limit: number): Promise<number> {
    const isSmall = (id: string): boolean => (this.#store.get(id)?.testCount ?? 0) <= limit;
    const roots = this.#store.children(null).filter(isSmall);
    for (const root of roots) this.#preloaded.add(root);
    await this.load(roots);
    return roots.length;
  }

  #isPreloaded(item: TestItem): boolean {
    let above: TestItem | undefined = item;
    while (above !== undefined && above.parent !== null) above = this.#store.get(above.parent);
    return above !== undefined && this.#preloaded.has(above.id);
  }

  /** Whether no item at or below this one has children that the server was not asked for. */
  #isLoaded(id: string): boolean {
    for (const item of this.#store.subtree(id)) {
      if (item.canResolveChildren && !this.#store.isListed(item.id)) return false;
    }
    return true;
  }

  /** Resolves those of the items that lie on the way to a document, and so on downwards. */
  async #descend(ids: readonly string[], uri: string, wanted: string): Promise<void> {
    const onTheWay = ids.filter((id) => isBelow(uri, this.#store.get(id)?.uri));
    for (const id of onTheWay) {
      if (this.#store.isAttached(wanted)) return;
      await this.resolve(id);
      await this.#descend(this.#store.children(id), uri, wanted);
    }
  }

  async #ask(params: DiscoverParams): Promise<void> {
    const report = await this.#server.request("fastest/discoverTests", params);
    this.#tell(this.#store.apply(report));
  }
}

function idOf(change: Change): string {
  return change.type === "removed" ? change.id : change.item.id;
}

/** Whether a file lies in the folder, by their URIs. */
function isBelow(uri: string, folder: string | undefined): boolean {
  if (folder === undefined) return false;
  return uri.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
