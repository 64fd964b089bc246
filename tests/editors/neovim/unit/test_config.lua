local config = require("fastest.config")
local defaults = require("fastest.config.defaults")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set({
  hooks = {
    post_case = function()
      config.set({})
    end,
  },
})

T["nothing given is the defaults"] = function()
  eq(config.set(nil), {})
  eq(config.get(), defaults)
end

T["a part is laid over the defaults"] = function()
  eq(config.set({ signs = { passed = "P" }, settings = { workers = 2 } }), {})
  eq(config.get().signs.passed, "P")
  eq(config.get().signs.failed, defaults.signs.failed)
  eq(config.get().settings, { workers = 2 })
end

T["what is wrong is named and left out"] = function()
  local problems = config.set({
    lenses = "yes",
    sings = {},
    summary = { position = "middle", size = 30 },
    output = "bottom",
  })
  eq(problems, {
    "`lenses` must be a boolean, not a string",
    "`output` must be a table, not a string",
    "`sings` is no setting of fastest",
    "`summary.position` must be one of left, right, top, bottom, float, not `middle`",
  })
  eq(config.get().lenses, true)
  eq(config.get().summary, { position = "right", size = 30 })
end

T["optional values have a type too"] = function()
  eq(config.set({ cmd = "fastest-lsp" }), { "`cmd` must be a table, not a string" })
  eq(config.set({ cmd = { "a", "b" }, debugpy = "/d" }), {})
  eq(config.get().cmd, { "a", "b" })
end

T["the defaults are not changed by any of it"] = function()
  config.set({ signs = { passed = "P" } })
  eq(require("fastest.config.defaults").signs.passed, "✓")
end

return T
