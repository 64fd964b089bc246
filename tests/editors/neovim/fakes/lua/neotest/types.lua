--- The part of neotest's types that adapters use: `Tree` over nested lists.

local Tree = {}
Tree.__index = Tree

local function build(list, key, parent, nodes)
  local node =
    setmetatable({ _data = list[1], _children = {}, _parent = parent, _nodes = nodes }, Tree)
  nodes[key(list[1])] = node
  for index = 2, #list do
    node._children[#node._children + 1] = build(list[index], key, node, nodes)
  end
  return node
end

function Tree.from_list(list, key)
  return build(list, key, nil, {})
end

function Tree:data()
  return self._data
end

function Tree:children()
  return self._children
end

function Tree:parent()
  return self._parent
end

function Tree:get_key(key)
  return self._nodes[key]
end

function Tree:to_list()
  local list = { self._data }
  for _, child in ipairs(self._children) do
    list[#list + 1] = child:to_list()
  end
  return list
end

--- All positions below and including this one, depth first.
function Tree:iter()
  local positions = {}
  local function walk(node)
    positions[#positions + 1] = node._data
    for _, child in ipairs(node._children) do
      walk(child)
    end
  end
  walk(self)
  return ipairs(positions)
end

return { Tree = Tree }
