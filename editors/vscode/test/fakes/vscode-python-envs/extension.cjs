// A stand-in for ms-python.vscode-python-envs: an environment that a test chooses through `choose`.
const vscode = require("vscode");

exports.activate = () => {
  const changed = new vscode.EventEmitter();
  let chosen;
  return {
    getEnvironment: async () => chosen && { execInfo: { run: { executable: chosen } } },
    onDidChangeEnvironment: changed.event,
    choose(path) {
      chosen = path;
      changed.fire({ path });
    },
  };
};
