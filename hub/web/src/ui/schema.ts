import { type JsonSchema, N_ } from "@classhub/client";
import { i18n, number, t } from "./i18n.js";

/** The control that a value's JSON Schema asks for. */
export type Control =
  | { kind: "switch" }
  | { kind: "choice"; options: unknown[] }
  | { kind: "range"; minimum: number; maximum: number; step: number }
  | { kind: "number"; minimum?: number; maximum?: number; step: number | "any" }
  | { kind: "text"; longest?: number }
  | { kind: "group"; fields: { name: string; schema: JsonSchema; control: Control }[] }
  | { kind: "none" };

const DEEPEST = 6;

/** Follow `$ref`, single `allOf` and `anyOf` with null, so that a schema says its type itself. */
export function resolve(schema: JsonSchema, root: JsonSchema = schema, depth = 0): JsonSchema {
  if (depth > DEEPEST) return {};
  if (schema.$ref) {
    const name = schema.$ref.match(/^#\/\$defs\/(.+)$/)?.[1];
    const target = name ? root.$defs?.[name] : undefined;
    if (!target) return {};
    const { $ref: _, ...rest } = schema;
    return resolve({ ...target, ...rest }, root, depth + 1);
  }
  const several = schema.allOf ?? schema.anyOf?.filter((one) => one.type !== "null");
  if (several?.length === 1) {
    const { allOf: _a, anyOf: _b, ...rest } = schema;
    return resolve({ ...several[0], ...rest }, root, depth + 1);
  }
  return schema;
}

function plainType(schema: JsonSchema): string | undefined {
  if (!Array.isArray(schema.type)) return schema.type;
  return schema.type.find((type) => type !== "null");
}

function stepOf(schema: JsonSchema, minimum: number, maximum: number): number {
  if (schema.multipleOf) return schema.multipleOf;
  if (plainType(schema) === "integer") return 1;
  // About 200 steps, rounded down to 1, 2 or 5 of a decade: a finger can hit no finer ones.
  const rough = (maximum - minimum) / 200;
  if (!(rough > 0)) return 1;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / decade;
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * decade;
}

/** Choose the control for a value: from its schema alone, so that every kind of device has a page. */
export function controlFor(schema: JsonSchema, root: JsonSchema = schema, depth = 0): Control {
  const plain = resolve(schema, root);
  if (depth > DEEPEST) return { kind: "none" };
  if (plain.enum) return { kind: "choice", options: plain.enum.filter((one) => one !== null) };
  switch (plainType(plain)) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number": {
      const minimum = plain.minimum ?? plain.exclusiveMinimum;
      const maximum = plain.maximum ?? plain.exclusiveMaximum;
      if (minimum !== undefined && maximum !== undefined && maximum > minimum) {
        return { kind: "range", minimum, maximum, step: stepOf(plain, minimum, maximum) };
      }
      const whole = plainType(plain) === "integer";
      return { kind: "number", minimum, maximum, step: plain.multipleOf ?? (whole ? 1 : "any") };
    }
    case "string":
      return { kind: "text", longest: plain.maxLength };
    case "object":
      return {
        kind: "group",
        fields: Object.entries(plain.properties ?? {}).map(([name, field]) => ({
          name,
          schema: resolve(field, root),
          control: controlFor(field, root, depth + 1),
        })),
      };
    default:
      return { kind: "none" };
  }
}

const UNITS: Record<string, string> = {
  nm: N_("nm"),
  um: N_("µm"),
  mm: N_("mm"),
  "um/px": N_("µm/px"),
  s: N_("s"),
  "Mbit/s": N_("Mbit/s"),
  Cel: "°C",
  deg: "°",
  "%": "%",
};

/** A UCUM unit as people write it in their language. */
export function unitText(unit: string | null | undefined): string {
  return unit ? t(UNITS[unit] ?? unit) : "";
}

/** A figure with its unit: "0,4 мкм", "70%"; signs such as ° stand close to it. */
export function withUnit(figure: string, unit: string): string {
  const close = unit === "°" || (unit === "%" && i18n.language !== "ru");
  return unit ? `${figure}${close ? "" : "\u00a0"}${unit}` : figure;
}

/**
 * One of several values in words; an objective "10x" as it is written on the lens, 10×, and 0.1 as
 * the language writes it. Whole numbers stay as they are: they name things too (1920, 115200).
 */
export function optionText(value: unknown): string {
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : number(value, 4);
  }
  const text = t(String(value));
  const lens = /^(\d+(?:[.,]\d+)?)x$/.exec(text);
  return lens ? `${number(Number(lens[1]?.replace(",", ".")), 4)}×` : text;
}
