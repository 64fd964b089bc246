--- Debugging through nvim-dap, where it is installed.

local M = {}

--- Attach the debugger to a run that waits for it.
---@param configuration fastest.DebugConfiguration
---@param run_id string
function M.attach(configuration, run_id)
  local found, dap = pcall(require, "dap")
  if not found then
    vim.notify(
      "fastest: debugging needs the plugin nvim-dap, which is not installed",
      vim.log.levels.ERROR
    )
    local client = require("fastest.client").find()
    if client then
      require("fastest.client").ask(client, "fastest/cancelRun", { runId = run_id, force = true })
    end
    return
  end
  local adapter = require("fastest.config").get().dap.adapter
  dap.adapters[adapter] = dap.adapters[adapter] or M.adapter
  dap.run(vim.tbl_extend("force", configuration, { type = adapter }), { new = true })
end

--- debugpy listens where the configuration says, and speaks the protocol there.
---@param callback fun(adapter: table)
---@param configuration fastest.DebugConfiguration
function M.adapter(callback, configuration)
  callback({
    type = "server",
    host = configuration.connect.host,
    port = configuration.connect.port,
    options = { source_filetype = "python" },
  })
end

return M
