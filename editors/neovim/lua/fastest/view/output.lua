--- The output window: a run's account, or what one test printed and why it failed.

local ansi = require("fastest.ansi")
local session = require("fastest.session")
local window = require("fastest.view.window")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("fastest.output")

---@type integer?
local bufnr
---@type { run?: fastest.Run, item_id?: string, pieces: integer }
local shown = { pieces = 0 }

---@return integer
local function buffer()
  if not (bufnr and vim.api.nvim_buf_is_valid(bufnr)) then
    bufnr = window.scratch("fastest://output", "fastest-output")
    vim.keymap.set("n", "q", "<cmd>close<cr>", { buffer = bufnr, desc = "Close the output" })
    vim.keymap.set("n", "<cr>", M.jump, { buffer = bufnr, desc = "Go to the place in this line" })
  end
  return bufnr
end

---@param text string
---@param first integer The line to write from.
local function put(text, first)
  local lines, highlights = ansi.parse(text)
  window.write(buffer(), first, -1, lines)
  for _, mark in ipairs(highlights) do
    vim.api.nvim_buf_set_extmark(buffer(), NAMESPACE, first + mark.line, mark.first, {
      end_col = mark.last,
      hl_group = mark.group,
    })
  end
end

---@param text string
local function replace(text)
  vim.api.nvim_buf_clear_namespace(buffer(), NAMESPACE, 0, -1)
  put(text, 0)
end

--- What one test has to tell.
---@param id string
---@return string
local function of_item(id)
  local item, result = session.tree:get(id), session.results.by_item[id]
  if not result then
    return "no output: it has not been run"
  end
  local parts = { ("%s: %s"):format(item and item.nodeId or id, result.outcome or result.state) }
  if result.reason and result.reason ~= "" then
    parts[#parts + 1] = result.reason
  end
  for _, message in ipairs(result.messages) do
    parts[#parts + 1] = "\n" .. message.text
  end
  if #result.output > 0 then
    parts[#parts + 1] = "\n" .. table.concat(result.output)
  end
  return table.concat(parts, "\n")
end

--- Open the output of a test, or of a run (the last one by default).
---@param item_id? string
---@param run? fastest.Run
---@param enter? boolean Whether the cursor goes there.
function M.open(item_id, run, enter)
  run = run or session.results:last()
  shown = { item_id = item_id, run = run, pieces = 0 }
  if item_id and session.results.by_item[item_id] then
    replace(of_item(item_id))
  elseif run then
    shown.item_id, shown.pieces = nil, #run.report
    replace(table.concat(run.report))
  else
    replace("nothing has been run yet")
  end
  local config = require("fastest.config").get().output
  M.follow(window.show(buffer(), config, "fastest output", false))
  if enter then
    window.show(buffer(), config, "fastest output", true)
  end
end

--- Keep the end in sight.
---@param winid? integer
function M.follow(winid)
  winid = winid or (bufnr and window.showing(bufnr))
  if winid and not shown.item_id and winid ~= vim.api.nvim_get_current_win() then
    vim.api.nvim_win_set_cursor(winid, { vim.api.nvim_buf_line_count(buffer()), 0 })
  end
end

--- A run goes on: show more of it, if the window shows this run (or an older one).
---@param run fastest.Run
function M.changed(run)
  if not (bufnr and vim.api.nvim_buf_is_valid(bufnr) and window.showing(bufnr)) then
    return
  end
  if shown.item_id then
    return
  end
  if #run.report == 0 or (shown.run == run and shown.pieces == #run.report) then
    return
  end
  shown = { run = run, pieces = #run.report }
  replace(table.concat(run.report))
  M.follow()
end

--- Go to the `path:line` in the line under the cursor.
function M.jump()
  local line = vim.api.nvim_get_current_line()
  local path, number = line:match("([%w%._/\\:%-]+%.py):(%d+)")
  if not path then
    return
  end
  local run = shown.run
  local status = run and session.status[session.client_of_run[run.id] or -1]
  local roots = status and vim.tbl_map(function(root)
    return root.rootdir
  end, status.roots) or {}
  for _, root in ipairs({ vim.fn.getcwd(), unpack(roots) }) do
    local full = path:sub(1, 1) == "/" and path or vim.fs.joinpath(root, path)
    if vim.uv.fs_stat(full) then
      window.jump(vim.uri_from_fname(full), tonumber(number) - 1)
      return
    end
  end
end

return M
