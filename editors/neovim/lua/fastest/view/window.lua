--- Scratch buffers and the windows that show them.

local M = {}

---@param window fastest.Window
---@param title string
---@return table
local function float_config(window, title)
  local width = math.min(window.size, vim.o.columns - 4)
  local most = math.max(math.floor(vim.o.lines * 0.7), 5)
  local height = math.min(window.lines or most, most)
  return {
    relative = "editor",
    style = "minimal",
    border = "rounded",
    title = " " .. title .. " ",
    width = width,
    height = height,
    col = math.floor((vim.o.columns - width) / 2),
    row = math.floor((vim.o.lines - height) / 2) - 1,
  }
end

local SPLITS = { left = "left", right = "right", top = "above", bottom = "below" }

---@param bufnr integer
---@param window fastest.Window
---@param title string
---@param enter boolean
---@return integer winid
local function open(bufnr, window, title, enter)
  if window.position == "float" then
    return vim.api.nvim_open_win(bufnr, enter, float_config(window, title))
  end
  local upright = window.position == "left" or window.position == "right"
  return vim.api.nvim_open_win(bufnr, enter, {
    win = -1,
    split = SPLITS[window.position],
    width = upright and window.size or nil,
    height = not upright and window.size or nil,
  })
end

--- A buffer for text of ours.
---@param name string
---@param filetype string
---@return integer bufnr
function M.scratch(name, filetype)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(bufnr, name)
  vim.bo[bufnr].filetype = filetype
  vim.bo[bufnr].bufhidden = "hide"
  vim.bo[bufnr].modifiable = false
  return bufnr
end

--- Replace a buffer's lines.
---@param bufnr integer
---@param first integer
---@param last integer
---@param lines string[]
function M.write(bufnr, first, last, lines)
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, first, last, false, lines)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].modified = false
end

--- The window of this tab page that shows a buffer.
---@param bufnr integer
---@return integer? winid
function M.showing(bufnr)
  for _, winid in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.api.nvim_win_get_buf(winid) == bufnr then
      return winid
    end
  end
end

--- Show a buffer in a window of its own.
---@param bufnr integer
---@param window fastest.Window
---@param title string
---@param enter boolean Whether the cursor goes there.
---@return integer winid
function M.show(bufnr, window, title, enter)
  local winid = M.showing(bufnr)
  if winid then
    if enter then
      vim.api.nvim_set_current_win(winid)
    end
    return winid
  end
  winid = open(bufnr, window, title, enter)
  for option, value in pairs({ number = false, relativenumber = false, wrap = false }) do
    vim.api.nvim_set_option_value(option, value, { win = winid })
  end
  vim.api.nvim_set_option_value("signcolumn", "no", { win = winid })
  vim.api.nvim_set_option_value("fillchars", "eob: ", { win = winid })
  vim.api.nvim_set_option_value("winfixwidth", true, { win = winid })
  return winid
end

--- Jump to where an item is defined, in the last window that shows a file.
---@param uri string
---@param line integer From 0.
---@param column? integer In bytes, from 0.
function M.jump(uri, line, column)
  local target
  local last_used = vim.fn.win_getid(vim.fn.winnr("#"))
  for _, winid in ipairs({ last_used, unpack(vim.api.nvim_list_wins()) }) do
    local valid = winid ~= 0 and vim.api.nvim_win_is_valid(winid)
    if valid and vim.bo[vim.api.nvim_win_get_buf(winid)].buftype == "" then
      target = winid
      break
    end
  end
  if target then
    vim.api.nvim_set_current_win(target)
  else
    vim.cmd.new()
  end
  vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(uri)))
  local lines = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_win_set_cursor(0, { math.min(line + 1, lines), column or 0 })
end

return M
