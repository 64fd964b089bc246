--- What differs between Neovim 0.10, 0.11 and 0.12.

local M = {}

local HAS_METHODS = vim.fn.has("nvim-0.11") == 1

--- Send a request; edits that wait to be sent are sent first.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param handler fun(err: lsp.ResponseError?, result: any)
---@return boolean sent
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

--- Markers of which the nearest one counts, whichever it is; in groups of decreasing priority if
--- the user made such.  A plain list is that in older Neovims, and means priorities from 0.12 on.
---@param markers (string|string[])[]
---@return (string|string[])[]
function M.root_markers(markers)
  if vim.fn.has("nvim-0.12") == 0 then
    return vim.iter(markers):flatten():totable()
  end
  local has_groups = vim.iter(markers):any(function(marker)
    return type(marker) == "table"
  end)
  return has_groups and markers or { markers }
end

--- Show a buffer's code lenses and keep them fresh.
---@param bufnr integer
function M.show_lenses(bufnr)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
  else
    require("fastest.lenses").start(bufnr)
  end
end

--- Ask for a buffer's code lenses again, where Neovim does not do so by itself.
---@param bufnr integer
function M.refresh_lenses(bufnr)
  if not vim.lsp.codelens.enable then
    require("fastest.lenses").refresh(bufnr)
  end
end

return M
