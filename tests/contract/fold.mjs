// Folds cases with the page's own `apply`: a JSON array of {before, frames} on standard input, the views on standard
// output. Usage: node fold.mjs PATH-OF-apply.js
import { readFileSync } from "node:fs";

const source = readFileSync(process.argv[2]);
// As a data URL the file is a module whatever the version of node says about `.js` without a package.json.
const { apply } = await import(`data:text/javascript;base64,${source.toString("base64")}`);

const frozen = (value) => {
  if (value !== null && typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};
const cases = frozen(JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(cases.map(({ before, frames }) => frames.reduce(apply, before))));
