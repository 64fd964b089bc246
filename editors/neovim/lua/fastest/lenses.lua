--- Code lenses where Neovim does not keep them fresh by itself, which it does from 0.12 on.
---
--- `vim.lsp.codelens.refresh` forgets a wish that comes while an answer is under way, and shows
--- that answer though it is older than the buffer: the lens of the test that was typed last would
--- be missing until the next edit.  Here a wish that comes meanwhile is carried out afterwards.

local compat = require("fastest.compat")

local M = {}

---@class fastest.Asking
---@field client_id integer
---@field tick integer The buffer's state that is asked about.
---@field again boolean Whether there is a reason to ask again once this is answered.

---@type table<integer, fastest.Asking> By buffer.
local asking = {}

---@param bufnr integer
---@param lenses lsp.CodeLens[]
local function show(bufnr, lenses)
  local client_id = asking[bufnr].client_id
  vim.lsp.codelens.save(lenses, bufnr, client_id)
  vim.lsp.codelens.display(lenses, bufnr, client_id)
end

--- All is answered: show it, unless it is about another state of the buffer.
---@param bufnr integer
---@param current fastest.Asking
---@param lenses? lsp.CodeLens[] None if the server refused.
local function finish(bufnr, current, lenses)
  if asking[bufnr] ~= current then
    return
  end
  local is_loaded = vim.api.nvim_buf_is_loaded(bufnr)
  local fresh = is_loaded and vim.api.nvim_buf_get_changedtick(bufnr) == current.tick
  if fresh and lenses then
    show(bufnr, lenses)
  end
  asking[bufnr] = nil
  if is_loaded and (current.again or not fresh) then
    M.refresh(bufnr)
  end
end

---@param client vim.lsp.Client
---@param bufnr integer
local function ask(client, bufnr)
  ---@type fastest.Asking
  local current = {
    client_id = client.id,
    tick = vim.api.nvim_buf_get_changedtick(bufnr),
    again = false,
  }
  asking[bufnr] = current
  local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  -- The server's lenses have their titles: none is to be resolved.
  local sent = compat.request(client, "textDocument/codeLens", params, function(_, lenses)
    finish(bufnr, current, type(lenses) == "table" and lenses or nil)
  end)
  if not sent then
    asking[bufnr] = nil
  end
end

--- Something may have changed in a buffer's lenses: ask for them now, or once the server has
--- answered what it was asked before.
---@param bufnr integer
function M.refresh(bufnr)
  if not require("fastest.config").get().lenses then
    return
  end
  local current = asking[bufnr]
  if current and vim.lsp.get_client_by_id(current.client_id) then
    current.again = true
    return
  end
  local client = vim.lsp.get_clients({ name = "fastest", bufnr = bufnr })[1]
  if client and vim.api.nvim_buf_is_loaded(bufnr) then
    ask(client, bufnr)
  end
end

--- Show a buffer's lenses, and ask for them again whenever its text changes.
---@param bufnr integer
function M.start(bufnr)
  local group = vim.api.nvim_create_augroup("fastest.lenses", { clear = false })
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "TextChanged", "TextChangedI" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      M.refresh(bufnr)
    end,
  })
  M.refresh(bufnr)
end

return M
