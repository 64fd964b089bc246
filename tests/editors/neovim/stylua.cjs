// usage: node stylua.cjs MODULES (--check | --write) FOLDER…
//
// StyLua over Lua files, from its WebAssembly build: its npm package that carries a program
// downloads it while installing, which not every machine may do.
// Reads `stylua.toml` of the first folder, as the program would.
const fs = require("node:fs");
const path = require("node:path");

const [modules, mode, ...folders] = process.argv.slice(2);
const stylua = require(path.resolve(modules, "@johnnymorganz/stylua"));

function settings(file) {
  const given = Object.fromEntries(
    fs.readFileSync(file, "utf8").split("\n")
      .map((line) => line.match(/^(\w+) = "?([^"]*)"?$/))
      .filter(Boolean)
      .map(([, name, value]) => [name, value]),
  );
  const config = stylua.Config.new();
  config.column_width = Number(given.column_width);
  config.indent_type = stylua.IndentType[given.indent_type];
  config.indent_width = Number(given.indent_width);
  config.quote_style = stylua.QuoteStyle[given.quote_style];
  config.call_parentheses = stylua.CallParenType[given.call_parentheses];
  config.syntax = stylua.LuaVersion.LuaJIT;
  return config;
}

function* luaFiles(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* luaFiles(full);
    else if (entry.name.endsWith(".lua")) yield full;
  }
}

let wrong = 0;
for (const file of folders.flatMap((folder) => [...luaFiles(folder)])) {
  const before = fs.readFileSync(file, "utf8");
  const config = settings(path.join(folders[0], "stylua.toml"));
  const after = stylua.formatCode(before, config, undefined, stylua.OutputVerification.Full);
  if (after === before) continue;
  wrong += 1;
  console.log(`${mode === "--write" ? "formatted" : "not formatted"}: ${file}`);
  if (mode === "--write") fs.writeFileSync(file, after);
}
process.exitCode = wrong && mode === "--check" ? 1 : 0;
