// A stand-in for ms-python.python: environments that a test chooses through `choose`.
const vscode = require("vscode");

exports.activate = () => {
  const changed = new vscode.EventEmitter();
  let chosen;
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: chosen ?? "none", path: chosen ?? "none" }),
      resolveEnvironment: async ({ path }) => (path === "none" ? undefined : { executable: { uri: vscode.Uri.file(path) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
    choose(path) {
      chosen = path;
      changed.fire({ path });
    },
  };
};
