---@meta
--- The messages of `docs/test-protocol.md`, version 2: types only, nothing runs.

---@alias fastest.Outcome "passed"|"failed"|"error"|"skipped"|"xfailed"|"xpassed"|"rerun"
---@alias fastest.Phase "collect"|"setup"|"call"|"teardown"
---@alias fastest.Mode "run"|"debug"|"coverage"

---@class fastest.TestItem
---@field id string
---@field parent string|nil
---@field kind "root"|"dir"|"file"|"class"|"function"|"case"|"subtest"
---@field label string
---@field nodeId string
---@field sortText string
---@field description? string
---@field uri? string
---@field version? integer
---@field range? lsp.Range
---@field nameRange? lsp.Range
---@field tags string[]
---@field canResolveChildren boolean
---@field childCount? integer
---@field testCount? integer
---@field certainty "static"|"runtime"
---@field reason? string
---@field stale? boolean Of a file: all below it is stale with it.
---@field bodyHash? string
---@field error? { message: string, uri?: string, range?: lsp.Range }

---@class fastest.Moved
---@field id string
---@field version integer
---@field fromLine integer
---@field lines integer

---@class fastest.TestsReport
---@field generation integer
---@field moved? fastest.Moved[]
---@field items fastest.TestItem[]
---@field scopes string[]
---@field removed string[]

---@class fastest.RootStatus
---@field id string
---@field rootdir string
---@field configFile? string
---@field python? string
---@field pythonVersion? string
---@field pytestVersion? string
---@field testCount integer
---@field problem? string

---@class fastest.Status
---@field health "ok"|"warning"|"error"
---@field quiescent boolean
---@field message? string
---@field roots fastest.RootStatus[]

---@class fastest.RunParams
---@field runId string
---@field include? string[]
---@field exclude? string[]
---@field mode? fastest.Mode
---@field source? "buffer"|"disk"
---@field continuous? boolean|"edit"|"save"
---@field extraArgs? string[]
---@field workers? integer|"auto"
---@field debugpyPath? string

---@class fastest.RunResult
---@field accepted boolean
---@field total? integer
---@field unknown? string[]
---@field debug? fastest.DebugConfiguration
---@field reason? string
---@field message? string

---@class fastest.DebugConfiguration
---@field name string
---@field type "debugpy"
---@field request "attach"
---@field connect { host: string, port: integer }
---@field justMyCode boolean
---@field subProcess boolean

---@class fastest.RunStarted
---@field runId string
---@field origin "continuous"|"command"|"terminal"
---@field continuousId? string
---@field include string[]
---@field mode fastest.Mode
---@field total integer
---@field title? string

---@class fastest.Frame
---@field label string
---@field uri? string
---@field path string
---@field line integer
---@field range? lsp.Range

---@class fastest.TestMessage
---@field phase fastest.Phase
---@field message string
---@field text string
---@field expected? string
---@field actual? string
---@field location? { uri: string, range: lsp.Range }
---@field frames fastest.Frame[]

---@class fastest.RunEvent
---@field type "enqueued"|"started"|"phase"|"itemAdded"|"finished"|"output"|"warning"|"coverage"
---@field itemIds? string[]
---@field itemId? string
---@field item? fastest.TestItem
---@field worker? integer
---@field phase? fastest.Phase
---@field outcome? fastest.Outcome
---@field durationMs? number
---@field messages? fastest.TestMessage[]
---@field reason? string
---@field text? string
---@field stream? "stdout"|"stderr"|"log"|"report"
---@field files? fastest.FileCoverage[]

---@class fastest.FileCoverage
---@field uri string
---@field statements { covered: integer, total: integer }
---@field branches? { covered: integer, total: integer }
---@field functions? { covered: integer, total: integer }
---@field itemIds? string[]

---@class fastest.FileCoverageResult
---@field statements { range: lsp.Range, count: integer }[]
---@field branches { line: integer, to: integer, taken: boolean }[]
---@field functions { name: string, range: lsp.Range, count: integer }[]
---@field itemIds string[]

---@class fastest.RunEvents
---@field runId string
---@field seq integer
---@field events fastest.RunEvent[]

---@class fastest.RunEnded
---@field runId string
---@field outcome "completed"|"cancelled"|"superseded"|"error"
---@field exitCode? integer
---@field message? string
---@field durationMs number
---@field counts table<fastest.Outcome, integer>
---@field lost string[]
