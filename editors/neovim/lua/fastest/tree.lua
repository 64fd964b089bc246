--- The test items that the server has told of.  Pure: no editor, no server.

---@class fastest.Tree
---@field private items table<string, fastest.TestItem>
---@field private below table<string, table<string, true>> Ids of children by parent; "" for roots.
---@field private of_uri table<string, table<string, true>>
---@field private listed table<string, true> Items whose children are known completely.
local Tree = {}
Tree.__index = Tree

--- A tree without items.
---@return fastest.Tree
function Tree.new()
  return setmetatable({ items = {}, below = {}, of_uri = {}, listed = {} }, Tree)
end

---@param id string
---@return fastest.TestItem?
function Tree:get(id)
  return self.items[id]
end

--- An item's children in pytest's order; without id the roots.
---@param id? string
---@return fastest.TestItem[]
function Tree:children(id)
  local found = {}
  for child in pairs(self.below[id or ""] or {}) do
    found[#found + 1] = self.items[child]
  end
  table.sort(found, function(a, b)
    if a.sortText ~= b.sortText then
      return a.sortText < b.sortText
    end
    return a.id < b.id
  end)
  return found
end

--- Whether all children of an item are known.
---@param id string
---@return boolean
function Tree:is_listed(id)
  return self.listed[id] == true
end

--- Whether all below an item is known, as far as it goes.
---@param id string
---@return boolean
function Tree:is_loaded(id)
  local item = self.items[id]
  if item and item.canResolveChildren and not self.listed[id] then
    return false
  end
  for child in pairs(self.below[id] or {}) do
    if not self:is_loaded(child) then
      return false
    end
  end
  return true
end

--- The items that are defined in a file.
---@param uri string
---@return fastest.TestItem[]
function Tree:in_file(uri)
  local found = {}
  for id in pairs(self.of_uri[uri] or {}) do
    found[#found + 1] = self.items[id]
  end
  return found
end

--- The item that a file is, if it has tests.
---@param uri string
---@return fastest.TestItem?
function Tree:file(uri)
  for _, item in ipairs(self:in_file(uri)) do
    if item.kind == "file" then
      return item
    end
  end
end

--- Every item for which `wanted` holds, in no order.
---@param wanted fun(item: fastest.TestItem): boolean
---@return fastest.TestItem[]
function Tree:filter(wanted)
  return vim.tbl_filter(wanted, vim.tbl_values(self.items))
end

--- The items above one, nearest first.
---@param id string
---@return fastest.TestItem[]
function Tree:above(id)
  local found, item = {}, self.items[id]
  while item and item.parent do
    item = self.items[item.parent]
    found[#found + 1] = item
  end
  return found
end

--- Whether the file that an item is or lies in cannot be collected just now.
---@param id string
---@return boolean
function Tree:is_stale(id)
  local item = self.items[id]
  while item and item.kind ~= "file" do
    item = item.parent and self.items[item.parent]
  end
  return item ~= nil and item.stale == true
end

--- Take in a report, in the order that the protocol gives: moved, removed, items, scopes.
---@param report fastest.TestsReport
---@return table<string, true> uris Files whose items may look different now.
function Tree:apply(report)
  local touched = {}
  for _, moved in ipairs(report.moved or {}) do
    self:move(moved.id, moved, touched)
  end
  for _, id in ipairs(report.removed) do
    self:remove(id, touched)
  end
  local named = {}
  for _, item in ipairs(report.items) do
    named[item.id] = true
    self:put(item, touched)
  end
  for _, scope in ipairs(report.scopes) do
    self.listed[scope] = true
    for child in pairs(vim.deepcopy(self.below[scope] or {})) do
      if not named[child] then
        self:remove(child, touched)
      end
    end
  end
  return touched
end

--- Move the ranges of all items below one.
---@param id string
---@param moved fastest.Moved
---@param touched table<string, true>
function Tree:move(id, moved, touched)
  for child in pairs(self.below[id] or {}) do
    local item = self.items[child]
    item.version = moved.version
    for _, range in pairs({ item.range, item.nameRange }) do
      for _, place in pairs({ range.start, range["end"] }) do
        if place.line >= moved.fromLine then
          place.line = place.line + moved.lines
        end
      end
    end
    if item.uri then
      touched[item.uri] = true
    end
    self:move(child, moved, touched)
  end
end

--- Put in one item, or put it in the place of that with its id, whose children stay.
---@param item fastest.TestItem
---@param touched? table<string, true>
function Tree:put(item, touched)
  self:unlink(item.id, touched)
  -- JSON's `null` may come as `vim.NIL`.
  item.parent = type(item.parent) == "string" and item.parent or nil
  self.items[item.id] = item
  local parent = self.below[item.parent or ""] or {}
  parent[item.id] = true
  self.below[item.parent or ""] = parent
  if item.uri then
    local file = self.of_uri[item.uri] or {}
    file[item.id] = true
    self.of_uri[item.uri] = file
    if touched then
      touched[item.uri] = true
    end
  end
end

--- Take out an item and all below it.
---@param id string
---@param touched? table<string, true>
function Tree:remove(id, touched)
  for child in pairs(vim.deepcopy(self.below[id] or {})) do
    self:remove(child, touched)
  end
  self:unlink(id, touched)
  self.items[id], self.below[id], self.listed[id] = nil, nil, nil
end

---@private
---@param id string
---@param touched? table<string, true>
function Tree:unlink(id, touched)
  local old = self.items[id]
  if not old then
    return
  end
  local siblings = self.below[old.parent or ""]
  if siblings then
    siblings[id] = nil
  end
  local file = old.uri and self.of_uri[old.uri]
  if file then
    file[id] = nil
    if touched then
      touched[old.uri] = true
    end
  end
end

return Tree
