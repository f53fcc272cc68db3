/** What the routes of forms answer. */

export type FormName = "readiness" | "observation";
export type Value = boolean | number | null;

export interface Part {
  id: string;
  title: string;
}

export interface Row extends Part {
  answer: "yes" | "number" | "points";
  unit: string;
  least: Record<string, number>;
  most: Record<string, number>;
  measured: boolean;
}

export interface Form {
  id: FormName;
  title: string;
  source: string;
  head: Part[];
  rows: Row[];
  signatures: Part[];
}

export interface Fields {
  form: FormName;
  day: string | null;
  school_kind: "tirek" | "magnet";
  head: Record<string, string>;
  signatures: Record<string, string>;
  answers: Record<string, { value: Value; note: string }>;
  remarks: string;
}

export interface Summary {
  id: string;
  form: FormName;
  title: string;
  day: string;
  about: string;
  changed: string;
}

export interface Report extends Summary {
  fields: Fields;
  measured: Record<string, { value: number | null; at: string | null; said: string }>;
  met: Record<string, boolean | null>;
  revision: number;
}

/** What a form says once it is filled in on the page. */
export function filled(form: Form, said: FormData): Fields {
  const text = (name: string) => String(said.get(name) ?? "").trim();
  const parts = (name: string, list: Part[]) =>
    Object.fromEntries(list.map(({ id }) => [id, text(`${name}.${id}`)]));
  return {
    form: form.id,
    day: text("day") || null,
    school_kind: text("school_kind") === "magnet" ? "magnet" : "tirek",
    head: parts("head", form.head),
    signatures: parts("signature", form.signatures),
    answers: Object.fromEntries(
      form.rows.map((row) => [
        row.id,
        { value: answered(row, text(`value.${row.id}`)), note: text(`note.${row.id}`) },
      ]),
    ),
    remarks: text("remarks"),
  };
}

function answered(row: Row, text: string): Value {
  if (text === "") return null;
  return row.answer === "yes" ? text === "yes" : Number(text.replace(",", "."));
}

/** The points of a sheet, and the most that its judged rows could have. */
export function points(fields: Fields): { sum: number; most: number } {
  const given = Object.values(fields.answers).flatMap(({ value }) =>
    typeof value === "number" ? [value] : [],
  );
  return { sum: given.reduce((sum, one) => sum + one, 0), most: given.length * 3 };
}
