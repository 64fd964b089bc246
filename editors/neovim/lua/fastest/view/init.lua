--- Who draws what when something changes.

local M = {}

local started = false

---@param run fastest.Run
local function show_end(run)
  local config = require("fastest.config").get()
  local failed = run.counts.failed > 0
  local when = config.output.open
  if when == "always" or (when == "failure" and failed) then
    require("fastest.view.output").open(nil, run)
  end
  if failed and config.quickfix.open == "failure" then
    require("fastest.view.quickfix").open(run)
  end
  if config.echo and run.origin == "client" and run.ended.outcome == "completed" then
    local text = require("fastest.view.text")
    local group =
      text.GROUPS[failed and "failed" or run.counts.passed > 0 and "passed" or "skipped"]
    vim.api.nvim_echo({ { text.ending(run), group } }, false, {})
  end
  if run.ended and run.ended.outcome == "error" then
    local message = run.ended.message or "the run broke off"
    vim.notify("fastest: " .. message, vim.log.levels.ERROR)
  end
end

--- Events for users: `User FastestRunStarted`, `FastestRunEnded`, `FastestChanged`.
---@param changed fastest.Changed
local function announce(changed)
  local names = { started = "FastestRunStarted", ended = "FastestRunEnded" }
  vim.api.nvim_exec_autocmds("User", {
    pattern = names[changed.what] or "FastestChanged",
    data = changed.run and { runId = changed.run.id, counts = changed.run.counts } or nil,
    modeline = false,
  })
end

--- Begin to draw; once.
function M.start()
  if started then
    return
  end
  started = true
  require("fastest.ansi").define_groups()
  vim.api.nvim_create_autocmd("ColorScheme", {
    group = vim.api.nvim_create_augroup("fastest.groups", { clear = true }),
    callback = function()
      require("fastest.ansi").define_groups()
    end,
  })
  require("fastest.session").observe(function(changed)
    require("fastest.view.decorations").changed(changed.uris)
    require("fastest.view.summary").changed()
    if changed.run then
      require("fastest.view.output").changed(changed.run)
    end
    if changed.what == "ended" and changed.run then
      show_end(changed.run)
    end
    announce(changed)
  end)
end

return M
