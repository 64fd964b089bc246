--- The user's configuration: defaults overlaid with what `setup` was given.

local M = {}

---@class fastest.Signs
---@field enable boolean Draw a sign beside each test with a result.
---@field priority integer
---@field passed string
---@field failed string
---@field skipped string
---@field running string
---@field queued string

---@class fastest.VirtualText
---@field enable boolean Write the result and its time behind each test.
---@field durations boolean Write how long a test took.

---@class fastest.Window
---@field position "left"|"right"|"top"|"bottom"|"float"
---@field size integer Columns or lines, of a float the columns.
---@field lines? integer Lines of a float, if it needs no more.

---@class fastest.Output : fastest.Window
---@field open "never"|"failure"|"always" When a run that ended shows its output.

---@class fastest.Quickfix
---@field open "never"|"failure" Whether a run with failures opens the quickfix list.

---@class fastest.Dap
---@field adapter string The name under which nvim-dap is told of our adapter.

---@class fastest.Config
---@field cmd? string[] The server's command; `nil`: `fastest-lsp` of `PATH`.
---@field root_markers (string|string[])[] Files that mark a project's folder: the nearest counts.
---@field settings table The server's settings (`docs/settings.schema.json`).
---@field lenses boolean Show the server's code lenses, and keep them fresh.
---@field echo boolean Say in the command line how a run ended.
---@field signs fastest.Signs
---@field virtual_text fastest.VirtualText
---@field summary fastest.Window
---@field output fastest.Output
---@field quickfix fastest.Quickfix
---@field dap fastest.Dap
---@field debugpy? string A folder that holds `debugpy`, for projects without it.

---@type fastest.Config?
local current

--- The configuration in force.
---@return fastest.Config
function M.get()
  current = current or vim.deepcopy(require("fastest.config.defaults"))
  return current
end

--- Put the user's configuration in force.
---@param user? table A part of `fastest.Config`.
---@return string[] problems What is wrong with it, a sentence each; wrong values are left out.
function M.set(user)
  local defaults = require("fastest.config.defaults")
  local kept, problems = require("fastest.config.check").clean(user or {}, defaults)
  current = vim.tbl_deep_extend("force", vim.deepcopy(defaults), kept)
  return problems
end

return M
