--- Why a test ran as it did: the exact command, folder, environment and interpreter.

local client_of = require("fastest.client")
local session = require("fastest.session")
local window = require("fastest.view.window")

local M = {}

---@param status fastest.Status?
---@return string[]
local function about_roots(status)
  local lines = {}
  for _, root in ipairs(status and status.roots or {}) do
    vim.list_extend(lines, {
      "",
      ("# rootdir: %s"):format(root.rootdir),
      ("# Python:  %s"):format(root.pythonVersion or "none"),
      ("# pytest:  %s"):format(root.pytestVersion or "not installed"),
      ("# tests:   %d"):format(root.testCount),
    })
    if root.problem then
      lines[#lines + 1] = "# problem: " .. root.problem
    end
  end
  return lines
end

---@class fastest.Resolved
---@field program string
---@field args string[]
---@field cwd string
---@field env table<string, string>
---@field notes? string[]

--- A word as a shell reads it, in quotes only where it must be.
---@param word string
---@return string
local function quoted(word)
  return word:match("^[%w_@%%+=:,./-]+$") and word or vim.fn.shellescape(word)
end

---@param resolved fastest.Resolved
---@return string[]
local function about_command(resolved)
  local words = vim.tbl_map(quoted, { resolved.program, unpack(resolved.args) })
  local lines = { "cd " .. quoted(resolved.cwd) }
  local names = vim.tbl_keys(resolved.env)
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = ("export %s=%s"):format(name, quoted(resolved.env[name]))
  end
  lines[#lines + 1] = table.concat(words, " ")
  for _, note in ipairs(resolved.notes or {}) do
    lines[#lines + 1] = "# " .. note
  end
  return lines
end

--- Show how the innermost test around the cursor is run.
function M.nearest()
  local client = client_of.need()
  if not client then
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  client_of.ask(client, "fastest/relatedTests", params, function(items)
    local ids = vim.tbl_map(function(item)
      return item.id
    end, items)
    local request = { include = #ids > 0 and ids or nil }
    local sent = next(request) and request or vim.empty_dict()
    client_of.ask(client, "fastest/resolveRun", sent, function(resolved)
      M.show(vim.list_extend(about_command(resolved), about_roots(session.status[client.id])))
    end)
  end)
end

---@type integer?
local bufnr

---@param lines string[]
function M.show(lines)
  if not (bufnr and vim.api.nvim_buf_is_valid(bufnr)) then
    bufnr = window.scratch("fastest://explain", "sh")
    vim.keymap.set("n", "q", "<cmd>close<cr>", { buffer = bufnr })
  end
  window.write(bufnr, 0, -1, lines)
  window.show(
    bufnr,
    { position = "float", size = 100, lines = #lines },
    "how this test is run",
    true
  )
end

return M
