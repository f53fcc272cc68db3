import type { JsonSchema } from "@classhub/client";
import { controlFor, resolve } from "./schema.js";

/** Whether a setting is a secret: it can be set, and is never shown. */
export function isSecret(schema: JsonSchema): boolean {
  return schema.writeOnly === true || schema.format === "password";
}

/** A setting as text in a field: what is no plain value is written as JSON. */
export function settingText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * What a form says that differs from the values that were: `read` gives a field's text, or whether
 * it is ticked. An empty field means "not set" (null), an empty secret "as it was" (left out).
 *
 * Text where JSON is wanted is passed on as it is: the hub says what is wrong with it.
 */
export function changedSettings(
  schema: JsonSchema,
  values: Record<string, unknown>,
  read: (name: string) => string | boolean,
): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const [name, raw] of Object.entries(schema.properties ?? {})) {
    const said = read(name);
    const plain = resolve(raw, schema);
    if (isSecret(plain)) {
      if (said !== "") changed[name] = said;
      continue;
    }
    const value = typeof said === "boolean" ? said : parsed(said, plain, raw, schema);
    const before = values[name] ?? plain.default ?? null;
    if (JSON.stringify(value) !== JSON.stringify(before)) changed[name] = value;
  }
  return changed;
}

function parsed(text: string, plain: JsonSchema, raw: JsonSchema, root: JsonSchema): unknown {
  const kind = controlFor(raw, root).kind;
  if (text === "") {
    const optional = raw.anyOf?.some((one) => one.type === "null") ?? false;
    return kind === "text" && !optional ? "" : null;
  }
  if (kind === "text") return text;
  if (plain.type === "integer" || plain.type === "number") return Number(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
