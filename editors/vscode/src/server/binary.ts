/** Which `fastest-lsp` is started. No editor in here: where to look, and whether files are there, comes from outside. */

export interface Places {
  /** The setting `fastest.server.path`; empty: not set. */
  setting: string;
  /** The folder of the extension. */
  extension: string;
  /** The environment's `PATH`, and what separates its folders. */
  path: string;
  delimiter: string;
  windows: boolean;
}

export type Found = { path: string; from: "setting" | "extension" | "PATH" } | { problem: string };

const NAME = "fastest-lsp";

/**
 * The setting wins, and is never passed over silently; then the binary that the extension carries; then `PATH`.
 * `problem` is a sentence for the user.
 */
export function findBinary(places: Places, isFile: (path: string) => boolean): Found {
  const separator = places.windows ? "\\" : "/";
  const name = places.windows ? `${NAME}.exe` : NAME;
  if (places.setting !== "") {
    if (isFile(places.setting)) return { path: places.setting, from: "setting" };
    return { problem: `There is no file ${places.setting}, which the setting fastest.server.path names.` };
  }
  const carried = [places.extension, "bin", name].join(separator);
  if (isFile(carried)) return { path: carried, from: "extension" };
  const folders = places.path.split(places.delimiter).filter((folder) => folder !== "");
  const found = folders.map((folder) => folder + separator + name).find(isFile);
  if (found !== undefined) return { path: found, from: "PATH" };
  return {
    problem:
      `${name} was not found: this build of the extension carries none for this platform, and PATH has none. ` +
      "Install it, or name it in the setting fastest.server.path.",
  };
}

/** What a server says of itself when it starts. */
export interface Introduction {
  serverInfo?: { name: string; version?: string } | undefined;
  capabilities: { experimental?: unknown };
}

/** A sentence for the user if a server does not speak our version of the test protocol. */
export function misfit({ serverInfo, capabilities }: Introduction, path: string): string | undefined {
  const spoken = (capabilities.experimental as { fastest?: Record<string, unknown> } | undefined)?.fastest;
  if (spoken?.["testItems"] === 2 && spoken["testRuns"] === 1) return undefined;
  const version = serverInfo?.version ?? "of an unknown version";
  return (
    `${path} (${serverInfo?.name ?? NAME} ${version}) does not speak version 2 of the test protocol, which this extension needs. ` +
    "Install the version that belongs to the extension, or clear the setting fastest.server.path."
  );
}
