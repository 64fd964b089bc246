--- What differs between Neovim 0.10, 0.11 and 0.12.

local M = {}

local HAS_METHODS = vim.fn.has("nvim-0.11") == 1

--- Send a request; edits that wait to be sent are sent first.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param handler fun(err: lsp.ResponseError?, result: any)
function M.request(client, method, params, handler)
  if HAS_METHODS then
    return client:request(method, params, handler)
  end
  return client.request(method, params, handler)
end

--- Send a notification.
---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  if HAS_METHODS then
    return client:notify(method, params)
  end
  return client.notify(method, params)
end

--- Whether `vim.lsp.enable` and `lsp/*.lua` exist.
---@return boolean
function M.has_enable()
  return vim.lsp.enable ~= nil
end

--- Show a buffer's code lenses and keep them fresh.
---@param bufnr integer
function M.show_lenses(bufnr)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  local group = vim.api.nvim_create_augroup("fastest.lenses", { clear = false })
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "TextChanged", "TextChangedI" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      M.refresh_lenses(bufnr)
    end,
  })
  M.refresh_lenses(bufnr)
end

--- Ask for a buffer's code lenses again, where Neovim does not do so by itself.
---@param bufnr integer
function M.refresh_lenses(bufnr)
  if not vim.lsp.codelens.enable and vim.api.nvim_buf_is_loaded(bufnr) then
    vim.lsp.codelens.refresh({ bufnr = bufnr })
  end
end

return M
