--- Is a configuration well-formed?  What is not is named, and left out.

local M = {}

--- Values that are optional and so have no default to compare with.
local OPTIONAL = { cmd = "table", debugpy = "string" }

--- Values of which only some are meant.
local CHOICES = {
  ["summary.position"] = { "left", "right", "top", "bottom", "float" },
  ["output.position"] = { "left", "right", "top", "bottom", "float" },
  ["output.open"] = { "never", "failure", "always" },
  ["quickfix.open"] = { "never", "failure" },
}

--- Tables whose members are the server's or the user's own business.
local OPEN = { settings = true, root_markers = true, cmd = true }

---@param path string
---@param value any
---@param expected any The default in its place.
---@return string? problem
local function problem_of(path, value, expected)
  local kind = OPTIONAL[path] or type(expected)
  if expected == nil and not OPTIONAL[path] then
    return ("`%s` is no setting of fastest"):format(path)
  end
  if type(value) ~= kind then
    return ("`%s` must be a %s, not a %s"):format(path, kind, type(value))
  end
  local choices = CHOICES[path]
  if choices and not vim.tbl_contains(choices, value) then
    return ("`%s` must be one of %s, not `%s`"):format(path, table.concat(choices, ", "), value)
  end
end

---@param given table
---@param defaults table
---@param prefix string
---@param problems string[]
---@return table kept
local function clean(given, defaults, prefix, problems)
  local kept = {}
  for key, value in pairs(given) do
    local path = prefix .. tostring(key)
    local problem = problem_of(path, value, defaults[key])
    if problem then
      problems[#problems + 1] = problem
    elseif type(value) == "table" and not OPEN[path] then
      kept[key] = clean(value, defaults[key], path .. ".", problems)
    else
      kept[key] = value
    end
  end
  table.sort(problems)
  return kept
end

--- What of a user's configuration can be used, and what is wrong with the rest.
---@param given table
---@param defaults table
---@return table kept
---@return string[] problems
function M.clean(given, defaults)
  local problems = {}
  return clean(given, defaults, "", problems), problems
end

return M
