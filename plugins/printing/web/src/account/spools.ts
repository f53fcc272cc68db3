import { hub, type Page, type Problem, problemOf } from "@classhub/client";
import { define, givenName, HubElement, icon, sayProblem, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { PrinterList, printerPath } from "../api.js";
import { DRAW } from "../drawings.js";
import { grams } from "../words.js";
import { isLow, type Spool } from "./account.js";
import { formStyles } from "./forms.styles.js";

/** The spools of filament in the room: what is on them, what is left, in which printer they are. */
class Spools extends HubElement {
  static override properties = {
    spools: { state: true },
    editing: { state: true },
    problem: { state: true },
  };
  static override styles = formStyles;
  declare spools: Spool[] | null;
  /** The spool in the form; an empty one is new. */
  declare editing: Partial<Spool> | null;
  declare problem: Problem | null;
  private readonly printers = new PrinterList(this);

  constructor() {
    super();
    this.spools = null;
    this.editing = null;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.spools = (await hub.api.get<Page<Spool>>("/spools")).items;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const body = {
      name: text("name"),
      material: text("material"),
      colour: text("colour"),
      grams: Number(text("grams")),
      left: Number(text("left")),
    };
    try {
      const before = this.editing;
      const spool = before?.id
        ? await hub.api.patch<Spool>(`/spools/${encodeURIComponent(before.id)}`, body)
        : await hub.api.post<Spool>("/spools", body);
      await this.put(spool.id, before?.printer ?? null, text("printer") || null);
      this.editing = null;
      await this.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  /** Say in which printer the spool is: it is the printer that knows its spool. */
  private async put(spool: string, before: string | null, now: string | null): Promise<void> {
    if (before === now) return;
    if (before) await hub.api.patch(printerPath(before), { spool: null });
    if (now) await hub.api.patch(printerPath(now), { spool });
    await this.printers.load();
  }

  private async discard(spool: Partial<Spool>): Promise<void> {
    try {
      await hub.api.delete(`/spools/${encodeURIComponent(spool.id ?? "")}`);
      this.editing = null;
      await this.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    return html`<hub-notice .problem=${this.problem}></hub-notice>
      <div><button class="primary" @click=${() => (this.editing = {})}>${icon("plus")}${t("Add a spool")}</button></div>
      ${this.spools?.length === 0 ? html`<p class="card pad muted">${t("No spool is known yet. Add the ones in the room: then the hub counts what is left on them.")}</p>` : nothing}
      <ul class="cards">${this.spools?.map((spool) => this.card(spool))}</ul>
      <hub-dialog heading=${this.editing?.id ? t("Spool") : t("Add a spool")} ?open=${this.editing !== null} @close=${() => (this.editing = null)}>${this.editing ? this.form(this.editing) : nothing}</hub-dialog>`;
  }

  private card(spool: Spool): TemplateResult {
    const printer = this.printers.of(spool.printer);
    return html`<li class="card pad spool"><div class="row">${DRAW.spool()}<div class="grow"><h3>${spool.name}</h3><p class="muted small">${[spool.material, spool.colour].filter(Boolean).join(", ")}</p></div>
      <button class="icon quiet" aria-label=${t("Change {name}", { name: spool.name })} @click=${() => (this.editing = spool)}>${icon("sliders")}</button></div>
      <progress max=${spool.grams || 1} .value=${Math.max(0, spool.left)} aria-label=${t("What is left")}></progress>
      <p class="row">${t("{left} of {all} left", { left: grams(Math.max(0, spool.left)), all: grams(spool.grams) })}
        ${isLow(spool) ? html`<span class="chip"><span class="dot warn"></span>${t("Nearly empty")}</span>` : nothing}
        ${printer ? html`<span class="chip">${icon("printer")}${givenName(printer.name)}</span>` : nothing}</p></li>`;
  }

  private form(spool: Partial<Spool>): TemplateResult {
    const field = (
      name: keyof Spool,
      words: string,
      value: string | number,
      type = "text",
      required = true,
    ) =>
      html`<div><label for=${name}>${words}</label><input id=${name} name=${name} type=${type} .value=${String(value)} ?required=${required} min="0" max="20000" maxlength="60"></div>`;
    return html`<form @submit=${this.save}>
      ${field("name", t("Name of the spool"), spool.name ?? "")}
      ${field("material", t("Material"), spool.material ?? "PLA")}
      ${field("colour", t("Colour"), spool.colour ?? "", "text", false)}
      ${field("grams", t("Full, it holds (g)"), spool.grams ?? 1000, "number")}
      ${field("left", t("What is left now (g)"), Math.round(spool.left ?? 1000), "number")}
      <div><label for="printer">${t("In which printer")}</label><select id="printer" name="printer"><option value="">${t("On the shelf")}</option>${this.printers.printers?.map(
        (one) =>
          html`<option value=${one.id} ?selected=${one.id === spool.printer}>${givenName(one.name)}</option>`,
      )}</select></div>
      <div class="row"><button class="primary">${icon("check")}${t("Save")}</button>
        ${spool.id ? html`<button type="button" class="danger" @click=${() => void this.discard(spool)}>${icon("erase")}${t("Delete")}</button>` : nothing}</div></form>`;
  }
}
define("hub-print-spools", Spools);
