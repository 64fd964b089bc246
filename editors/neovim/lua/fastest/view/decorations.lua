--- Signs and virtual text beside the tests of a buffer.

local session = require("fastest.session")
local text = require("fastest.view.text")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("fastest.results")

---@param item fastest.TestItem
---@return integer? line From 0.
local function line_of(item)
  local range = item.nameRange or item.range
  return range and range.start.line
end

---@param item fastest.TestItem
---@param sum fastest.Summed
---@return string[][]? chunks
local function chunks_of(item, sum)
  local group = text.group(sum)
  if sum.state == "queued" then
    return nil
  end
  if sum.state == "running" then
    return { { " running…", group } }
  end
  local several = vim.tbl_count(sum.counts) > 1 or (sum.counts[sum.state] or 0) > 1
  local own = session.results.by_item[item.id]
  local what = several and text.counts(sum.counts)
    or own and sum.state == "failed" and text.headline(own)
    or own and own.outcome
    or sum.state
  local chunks = { { ("  %s %s"):format(text.sign(sum.state), what), group } }
  if sum.reason and sum.reason ~= "" then
    chunks[#chunks + 1] = { (": %s"):format(sum.reason), "FastestTime" }
  end
  if require("fastest.config").get().virtual_text.durations then
    chunks[#chunks + 1] = { "  " .. text.duration(sum.durationMs), "FastestTime" }
  end
  if sum.stale then
    chunks[#chunks + 1] = { " (stale)", "FastestTime" }
  end
  return chunks
end

---@param bufnr integer
---@param item fastest.TestItem
---@param lines integer
local function draw_item(bufnr, item, lines)
  local line, sum = line_of(item), session.results:sum(session.tree, item.id)
  if not line or line >= lines or not sum then
    return
  end
  local config = require("fastest.config").get()
  local mark = { priority = config.signs.priority, hl_mode = "combine" }
  if config.signs.enable then
    mark.sign_text, mark.sign_hl_group = text.sign(sum.state), text.group(sum)
  end
  if config.virtual_text.enable then
    mark.virt_text = chunks_of(item, sum)
  end
  vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, line, 0, mark)
end

--- Draw a buffer's signs and virtual text anew.
---@param bufnr integer
function M.draw(bufnr)
  vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  local lines = vim.api.nvim_buf_line_count(bufnr)
  for _, item in ipairs(session.tree:in_file(vim.uri_from_bufnr(bufnr))) do
    if item.kind ~= "file" and item.kind ~= "subtest" then
      draw_item(bufnr, item, lines)
    end
  end
end

---@type table<integer, true>
local due = {}

--- Files changed: draw those that are loaded, once for all changes of this moment.
---@param uris table<string, true>
function M.changed(uris)
  for uri in pairs(uris) do
    local bufnr = vim.fn.bufnr(vim.uri_to_fname(uri))
    if bufnr > 0 and vim.api.nvim_buf_is_loaded(bufnr) and not due[bufnr] then
      due[bufnr] = true
      vim.schedule(function()
        due[bufnr] = nil
        if vim.api.nvim_buf_is_loaded(bufnr) then
          M.draw(bufnr)
          require("fastest.compat").refresh_lenses(bufnr)
        end
      end)
    end
  end
end

return M
