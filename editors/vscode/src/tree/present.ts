/** How an item looks: what the editor shows of it, as plain values. No editor in here. */

import type { Range, TestItem } from "../protocol.ts";

export interface Look {
  label: string;
  description: string | undefined;
  sortText: string;
  /** Marks without their prefix: the filter is `@fastest:slow`. */
  tags: string[];
  range: Range | undefined;
  error: { message: string; place: string | undefined } | undefined;
}

const MARK = "mark:";

/** `isStale`: whether the file that it is or lies in cannot be collected just now. */
export function look(item: TestItem, isStale = false): Look {
  return {
    label: item.label,
    description: description(item, isStale),
    sortText: item.sortText,
    tags: item.tags.map((tag) => (tag.startsWith(MARK) ? tag.slice(MARK.length) : tag)),
    range: shownRange(item),
    error: item.error && { message: item.error.message, place: place(item) },
  };
}

/** What a person should know before trusting the item. */
function description(item: TestItem, isStale: boolean): string | undefined {
  const parts = [
    item.description,
    item.certainty === "runtime" ? (item.reason ?? "known when it has run") : undefined,
    isStale ? (item.kind === "file" ? "cannot be collected just now" : "stale") : undefined,
  ];
  const said = parts.filter((part) => part !== undefined && part !== "");
  return said.length > 0 ? said.join(" · ") : undefined;
}

/** The gutter mark stands on the first line: that of the name, not of the first decorator. */
export function shownRange({ range, nameRange }: TestItem): Range | undefined {
  if (range === undefined || nameRange === undefined) return range;
  return { start: { line: nameRange.start.line, character: 0 }, end: range.end };
}

/** A link to the place of an error. */
function place(item: TestItem): string | undefined {
  const { error } = item;
  const uri = error?.uri ?? item.uri;
  if (error?.range === undefined || uri === undefined) return undefined;
  return `${uri}#L${error.range.start.line + 1}`;
}
