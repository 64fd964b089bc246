// A stand-in for ms-python.debugpy: the same debug type, over the real `debugpy.adapter`.
const vscode = require("vscode");

exports.activate = ({ subscriptions }) => {
  const factory = {
    createDebugAdapterDescriptor({ configuration: { connect } }) {
      if (connect !== undefined) return new vscode.DebugAdapterServer(connect.port, connect.host);
      return new vscode.DebugAdapterExecutable("python3", ["-m", "debugpy.adapter"]);
    },
  };
  subscriptions.push(vscode.debug.registerDebugAdapterDescriptorFactory("debugpy", factory));
};
