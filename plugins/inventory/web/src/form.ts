import { number, t } from "@classhub/ui";
import { html, type TemplateResult } from "lit";
import { type ItemFields, KINDS } from "./api.js";

export const EMPTY: ItemFields = {
  name: "",
  kind: "furniture",
  number: "",
  serial: "",
  maker: "",
  model: "",
  quantity: 1,
  purchased: null,
  price: null,
  warranty: null,
  room: "",
  responsible: "",
  notes: "",
};

/** The fields of a thing, with what is known of it. */
export function itemFields(item: ItemFields): TemplateResult {
  const line = (name: keyof ItemFields, title: string, extra = 200) =>
    html`<div><label for=${name}>${title}</label><input id=${name} name=${name} maxlength=${extra} autocomplete="off" .value=${String(item[name] ?? "")}></div>`;
  const date = (name: "purchased" | "warranty", title: string) =>
    html`<div><label for=${name}>${title}</label><input id=${name} name=${name} type="date" min="1990-01-01" max="2099-12-31" .value=${item[name] ?? ""}></div>`;
  return html`
    <div class="wide"><label for="name">${t("Name")}</label><input id="name" name="name" maxlength="200" required autocomplete="off" .value=${item.name}></div>
    <div><label for="kind">${t("Kind")}</label><select id="kind" name="kind">${kinds(item.kind).map(
      ([kind, title]) =>
        html`<option value=${kind} ?selected=${kind === item.kind}>${t(title)}</option>`,
    )}</select></div>
    <div><label for="quantity">${t("How many")}</label><input id="quantity" name="quantity" type="number" min="1" max="10000" required .value=${String(item.quantity)}></div>
    ${line("number", t("Inventory number"))}${line("serial", t("Serial number"))}
    ${line("maker", t("Maker"))}${line("model", t("Model"))}
    ${date("purchased", t("Bought on"))}${date("warranty", t("Guarantee until"))}
    <div><label for="price">${t("Price, tenge")}</label><input id="price" name="price" inputmode="decimal" maxlength="20" pattern="[0-9 ]*([.,][0-9]{1,2})?" autocomplete="off" .value=${item.price === null ? "" : String(item.price)}></div>
    ${line("room", t("Room"))}${line("responsible", t("Who answers for it"))}
    <div class="wide"><label for="notes">${t("Notes")}</label><textarea id="notes" name="notes" maxlength="5000" .value=${item.notes}></textarea></div>`;
}

/** What an amount of money is written as. */
export function money(tenge: number): string {
  return `${number(tenge, 2)}\u00a0₸`;
}

function kinds(now: string): [string, string][] {
  const known = Object.entries(KINDS);
  return now in KINDS ? known : [...known, [now, now]];
}
