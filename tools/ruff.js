// Ruff where it is not installed: its WebAssembly build from npm, on files, with the settings of ruff.toml.
//
//   node tools/ruff.js NODE_MODULES SETTINGS.json FILE...
//
// Prints FILE:LINE:COLUMN: CODE text, and ends with 1 if there is anything to print.
const [modules, settings, ...files] = process.argv.slice(2);
const {readFileSync} = require("fs");
const {Workspace, PositionEncoding} = require(require("path").resolve(modules, "@astral-sh/ruff-wasm-nodejs"));

const options = JSON.parse(readFileSync(settings, "utf8"));
// A workspace does not know the paths of what it checks, so these are left to us.
const ignored = Object.entries(options.lint["per-file-ignores"] || {});
delete options.lint["per-file-ignores"];
const workspace = new Workspace(options, PositionEncoding.Utf16);

let found = 0;
for (const file of files) {
  const here = ignored.filter(([pattern]) => file.startsWith(pattern.replace(/\*+$/, ""))).flatMap(([, codes]) => codes);
  for (const {code, message, start_location: at} of workspace.check(readFileSync(file, "utf8"))) {
    if (here.some((prefix) => (code || "").startsWith(prefix))) continue;
    console.log(`${file}:${at.row}:${at.column}: ${code || "syntax"} ${message}`);
    found++;
  }
}
process.exit(found ? 1 : 0);
