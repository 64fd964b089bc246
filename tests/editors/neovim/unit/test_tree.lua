local Tree = require("fastest.tree")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

local function item(id, parent, sort, uri)
  return { id = id, parent = parent, sortText = sort or "0", label = id, uri = uri, tags = {} }
end

local function report(items, scopes, removed)
  return { generation = 1, items = items, scopes = scopes or {}, removed = removed or {} }
end

local function ids(items)
  return vim.tbl_map(function(found)
    return found.id
  end, items)
end

T["children stand in pytest's order"] = function()
  local tree = Tree.new()
  tree:apply(report({ item("f"), item("b", "f", "1"), item("c", "f", "0"), item("a", "f", "1") }))
  eq(ids(tree:children("f")), { "c", "a", "b" })
  eq(ids(tree:children()), { "f" })
  eq(ids(tree:above("a")), { "f" })
end

T["an item in the place of another keeps its children"] = function()
  local tree = Tree.new()
  tree:apply(report({ item("f"), item("a", "f") }, { "f" }))
  tree:apply(report({ item("f", nil, "9") }))
  eq(ids(tree:children("f")), { "a" })
  eq(tree:is_listed("f"), true)
end

T["a scope takes out what it does not list"] = function()
  local tree = Tree.new()
  tree:apply(report({ item("f"), item("a", "f"), item("b", "f"), item("b1", "b") }))
  tree:apply(report({ item("a", "f"), item("c", "f") }, { "f" }))
  eq(ids(tree:children("f")), { "a", "c" })
  eq(tree:get("b1"), nil)
end

T["what is removed goes with all below it, before new items come"] = function()
  local tree = Tree.new()
  tree:apply(report({ item("f"), item("a", "f"), item("a1", "a") }, { "a" }))
  tree:apply(report({ item("a", "f") }, {}, { "a" }))
  eq(ids(tree:children("f")), { "a" })
  eq(tree:children("a"), {})
  eq(tree:is_listed("a"), false)
end

T["an item is loaded once all below it is listed"] = function()
  local tree = Tree.new()
  local dir, file = item("d"), item("f", "d")
  dir.canResolveChildren, file.canResolveChildren = true, true
  tree:apply(report({ dir, file }, { "d" }))
  eq(tree:is_loaded("d"), false)
  tree:apply(report({ item("a", "f") }, { "f" }))
  eq(tree:is_loaded("d"), true)
end

--- The lines of an item's range, and its version.
local function lines(tree, id)
  local found = tree:get(id)
  return { found.range.start.line, found.range["end"].line, found.version }
end

T["an edit moves what is below the file, and grows what spans it"] = function()
  local tree = Tree.new()
  local a, a1, b = item("a", "f", "0", "u:1"), item("a1", "a"), item("b", "g")
  for found, last in pairs({ [a] = 7, [a1] = 3, [b] = 7 }) do
    local place = { line = 3, character = 0 }
    found.range = { start = place, ["end"] = { line = last, character = 9 } }
    found.nameRange = vim.deepcopy(found.range)
  end
  tree:apply(report({ item("f"), item("g"), a, a1, b }))
  local edit = report({})
  edit.moved = { { id = "f", version = 5, fromLine = 4, lines = 2 } }
  eq(tree:apply(edit), { ["u:1"] = true })
  eq(lines(tree, "a"), { 3, 9, 5 })
  eq(tree:get("a").nameRange["end"].line, 9)
  eq(lines(tree, "a1"), { 3, 3, 5 })
  eq(lines(tree, "b"), { 3, 7 })
end

T["what is below a stale file is stale"] = function()
  local tree = Tree.new()
  local file = item("f", "r")
  file.kind, file.stale = "file", true
  tree:apply(report({ item("r"), file, item("a", "f"), item("b", "r") }))
  local stale = vim.tbl_map(function(id)
    return tree:is_stale(id)
  end, { "r", "f", "a", "b", "none" })
  eq(stale, { false, true, true, false, false })
end

T["the files of changed items are told"] = function()
  local tree = Tree.new()
  eq(
    tree:apply(report({ item("f", nil, "0", "u:1"), item("a", "f", "0", "u:1") })),
    { ["u:1"] = true }
  )
  eq(tree:apply(report({ item("a", "f", "0", "u:2") })), { ["u:1"] = true, ["u:2"] = true })
  eq(ids(tree:in_file("u:1")), { "f" })
  eq(ids(tree:in_file("u:2")), { "a" })
  eq(tree:apply(report({}, {}, { "f" })), { ["u:1"] = true, ["u:2"] = true })
  eq(tree:in_file("u:2"), {})
end

return T
