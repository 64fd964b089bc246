local Results = require("fastest.results")
local Tree = require("fastest.tree")
local eq = MiniTest.expect.equality

local results, tree

local T = MiniTest.new_set({
  hooks = {
    pre_case = function()
      results, tree = Results.new(), Tree.new()
      for _, item in ipairs({
        { id = "f", sortText = "0" },
        { id = "a", parent = "f", sortText = "0" },
        { id = "b", parent = "f", sortText = "1" },
        { id = "b1", parent = "b", sortText = "0" },
        { id = "b2", parent = "b", sortText = "1" },
      }) do
        tree:put(item)
      end
      results:begin("r", { mode = "run", origin = "client", title = "t", total = 3 })
    end,
  },
})

local function events(...)
  return results:events({ runId = "r", seq = 0, events = { ... } }, tree)
end

local function finished(id, outcome, duration)
  return { type = "finished", itemId = id, outcome = outcome, durationMs = duration, messages = {} }
end

T["a test waits, runs and ends"] = function()
  eq(events({ type = "enqueued", itemIds = { "a" } }), { "a" })
  eq(results.by_item.a.state, "queued")
  events({ type = "started", itemId = "a", worker = 0 })
  eq(results.by_item.a.state, "running")
  events({ type = "output", itemId = "a", text = "hello\n", stream = "stdout" })
  eq(events(finished("a", "xpassed", 2)), { "a" })
  eq(results.by_item.a.state, "passed")
  eq(results.by_item.a.output, { "hello\n" })
  eq(results.runs.r.counts, { passed = 1, failed = 0, skipped = 0 })
end

T["a result is stale once the test that ran has changed"] = function()
  local function say(hash)
    tree:put({ id = "b1", parent = "b", sortText = "0", bodyHash = hash })
  end
  say("1")
  events({ type = "enqueued", itemIds = { "b1" } })
  say("2")
  events({ type = "started", itemId = "b1", worker = 0 }, finished("b1", "passed", 1))
  eq(results:sum(tree, "b1").stale, true)
  eq(results:sum(tree, "b").stale, true)
  say("1")
  eq(results:sum(tree, "b").stale, false)
end

T["output of a run before does not stay"] = function()
  events({ type = "started", itemId = "a", worker = 0 })
  events({ type = "output", itemId = "a", text = "old", stream = "stdout" })
  events(finished("a", "failed", 1))
  results:begin("r2", { mode = "run", origin = "client", title = "t", total = 1 })
  results:events({ runId = "r2", seq = 0, events = { finished("a", "passed", 1) } }, tree)
  eq(results.by_item.a.output, {})
  eq(results.by_item.a.state, "passed")
end

T["what has no end when the run is over has no result"] = function()
  events({ type = "enqueued", itemIds = { "a", "b1" } }, finished("b1", "error", 1))
  eq(results:ended({ runId = "r", outcome = "cancelled" }), { "a" })
  eq(results.by_item.a, nil)
  eq(results.by_item.b1.state, "failed")
  eq(results:ended({ runId = "r", outcome = "completed" }), {})
  eq(results.runs.r.ended.outcome, "cancelled")
end

T["events of an unknown run and of an unknown type are ignored"] = function()
  eq(results:events({ runId = "other", seq = 0, events = { finished("a", "passed") } }, tree), {})
  eq(events({ type = "sparkles", itemId = "a" }), {})
  eq(results.by_item, {})
end

T["parents sum up what is below them, the worst first"] = function()
  events(finished("b1", "passed", 2), finished("b2", "failed", 3), finished("a", "skipped", 1))
  local sum = results:sum(tree, "f")
  eq(sum.state, "failed")
  eq(sum.durationMs, 6)
  eq(sum.counts, { passed = 1, failed = 1, skipped = 1 })
  eq(results:sum(tree, "b").counts, { passed = 1, failed = 1 })
  events({ type = "started", itemId = "b1", worker = 0 })
  eq(results:sum(tree, "f").state, "running")
end

T["a function that waits shows what its cases show"] = function()
  events({ type = "enqueued", itemIds = { "b" } }, finished("b1", "passed", 2))
  eq(results:sum(tree, "b").state, "passed")
  eq(results:sum(tree, "a"), nil)
end

T["a file that cannot be collected has failed"] = function()
  events(finished("f", "error", 0))
  eq(results:sum(tree, "f").state, "failed")
  eq(results.runs.r.failed, { "f" })
end

return T
