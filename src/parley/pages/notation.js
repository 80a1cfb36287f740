/** JSON Schema as one reads a type: `{ id: integer ≥ 1, name?: string }`. Pure: a schema in, text out. */

const STEP = "  ";
const LARGEST = Number.MAX_SAFE_INTEGER;

/** The schema a reference leads to; schemas without one are themselves. */
export function resolved(schema, components) {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : components[name];
}

/** A schema in words and brackets; `indent` is what lines inside begin with. */
export function notation(schema, components, indent = "") {
  const found = resolved(schema, components);
  const either = found.anyOf ?? found.oneOf;
  if (either) return either.map((each) => notation(each, components, indent)).join(" | ");
  if (found.allOf) return notation(merged(found.allOf.map((each) => resolved(each, components))), components, indent);
  if (found.enum) return found.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (found.const !== undefined) return JSON.stringify(found.const);
  if (found.properties) return object(found, components, indent);
  if (found.type === "array") return `[ ${notation(found.items ?? {}, components, indent)} … ]`;
  return bounded(found);
}

/** Several schemas that all hold, as one. */
function merged(schemas) {
  const both = (name) => schemas.reduce((all, each) => ({ ...all, ...each[name] }), {});
  return { type: "object", properties: both("properties"), required: schemas.flatMap((each) => each.required ?? []) };
}

function object(schema, components, indent) {
  const inside = indent + STEP;
  const lines = Object.entries(schema.properties).map(([name, each]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    const note = each.description ? `  // ${each.description}` : "";
    return `${inside}${name}${mark}: ${notation(each, components, inside)}${note}`;
  });
  return lines.length ? `{\n${lines.join("\n")}\n${indent}}` : "{}";
}

/** A plain type and its bounds; a bound no number in JavaScript reaches is left out. */
function bounded(schema) {
  const parts = [[schema.type ?? "any"].flat().join(" | ")];
  if (schema.format) parts.push(`(${schema.format})`);
  const least = schema.minimum ?? schema.minLength;
  const most = schema.maximum ?? schema.maxLength;
  if (least !== undefined && most <= LARGEST) parts.push(`${least}…${most}`);
  else if (least !== undefined) parts.push(`≥ ${least}`);
  else if (most <= LARGEST) parts.push(`≤ ${most}`);
  if (schema.default !== undefined) parts.push(`= ${JSON.stringify(schema.default)}`);
  return parts.join(" ");
}
