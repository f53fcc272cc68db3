import { hub, type Problem, problemOf } from "@classhub/client";
import {
  day,
  define,
  givenName,
  HubElement,
  icon,
  navigate,
  number,
  say,
  sayProblem,
  t,
  tn,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { ENTRIES, type Entry, type EntryKind, fieldsOf, type Item, KINDS } from "./api.js";
import { itemFields, money } from "./form.js";
import { inventoryStyles } from "./styles.js";

type Open = "change" | "strike" | EntryKind | null;

/** One thing: what is known of it, and its service log. The QR code on its label leads here. */
class ItemPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    item: { state: true },
    entries: { state: true },
    open: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = inventoryStyles;
  declare params: Record<string, string>;
  declare item: Item | null;
  declare entries: Entry[];
  declare open: Open;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.params = {};
    this.item = null;
    this.entries = [];
    this.open = null;
    this.busy = false;
    this.problem = null;
  }

  private get path(): string {
    return `/inventory/items/${encodeURIComponent(this.params.id ?? "")}`;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: [`x/inventory/items/${this.params.id}`] });
  }

  private async load(): Promise<void> {
    try {
      [this.item, this.entries] = await Promise.all([
        hub.api.get<Item>(this.path),
        hub.api.all<Entry>(`${this.path}/entries`, {}, 2000),
      ]);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
    this.busy = true;
    try {
      await work();
      say(done);
      this.open = null;
      return true;
    } catch (error) {
      sayProblem(problemOf(error));
      return false;
    } finally {
      this.busy = false;
    }
  }

  private async change(event: Event): Promise<void> {
    event.preventDefault();
    const fields = fieldsOf(new FormData(event.target as HTMLFormElement));
    const body = { ...fields, revision: this.item?.revision };
    if (await this.attempt(() => hub.api.put(this.path, body), t("It is changed.")))
      await this.load();
  }

  private async write(event: Event, kind: EntryKind): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const said = (name: string) => String(form.get(name) ?? "").trim();
    const cost = said("cost").replace(/\s/g, "").replace(",", ".");
    const body = {
      kind,
      text: said("text"),
      day: said("day") || null,
      who: said("who"),
      cost: cost === "" ? null : Number(cost),
    };
    const written = () => hub.api.post(`${this.path}/entries`, body);
    if (await this.attempt(written, t("It is in the service log."))) await this.load();
  }

  private async end(entry: Entry): Promise<void> {
    const body = { ended: entry.ended ? null : localDay(new Date()) };
    const done = body.ended ? t("The fault is mended.") : t("The fault is open again.");
    const work = () => hub.api.patch(`${this.path}/entries/${entry.id}`, body);
    if (await this.attempt(work, done)) await this.load();
  }

  private async strike(): Promise<void> {
    if (await this.attempt(() => hub.api.delete(this.path), t("It is struck off."))) {
      navigate("/inventory", { replace: true });
    }
  }

  private show(open: Open): () => void {
    return () => {
      this.open = open;
    };
  }

  override render(): TemplateResult {
    const item = this.item;
    return html`<div class="page">
      <div class="head"><div><a href="/inventory" class="button quiet">${icon("arrow-left")}${t("Inventory")}</a>
        <h1>${item ? givenName(item.name) : t("Service log")}</h1></div>
        ${item ? this.actions(item) : nothing}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        item
          ? html`${this.facts(item)}<section><div class="head"><h2>${t("Service log")}</h2>${this.writing()}</div>
        ${
          this.entries.length
            ? html`<ul class="log card">${repeat(
                this.entries,
                (entry) => entry.id,
                (entry) => this.line(entry),
              )}</ul>`
            : html`<p class="card calm muted">${t("Nothing has happened to it yet.")}</p>`
        }</section>${this.dialogs(item)}`
          : this.problem
            ? nothing
            : html`<progress aria-label=${t("Loading")}></progress>`
      }
    </div>`;
  }

  private actions(item: Item): TemplateResult {
    const device = encodeURIComponent(item.device ?? "");
    return html`<div class="row">
      ${item.in_use ? html`<a class="button" href="/devices/${device}">${icon("sliders")}${t("Look after it")}</a>` : nothing}
      ${
        hub.session.may("engineer")
          ? html`<button @click=${this.show("change")}>${icon("board")}${t("Change")}</button>
            ${item.in_use ? nothing : html`<button class="quiet danger" @click=${this.show("strike")}>${icon("erase")}${t("Strike off")}</button>`}`
          : nothing
      }</div>`;
  }

  private facts(item: Item): TemplateResult {
    const fact = (title: string, value: string | TemplateResult) =>
      value ? html`<div><dt>${title}</dt><dd>${value}</dd></div>` : nothing;
    return html`<dl class="facts card">
      ${fact(t("Kind"), t(KINDS[item.kind] ?? item.kind))}
      ${fact(t("Inventory number"), item.number || "–")}
      ${fact(t("Serial number"), item.serial)}
      ${fact(t("Maker and model"), [item.maker, item.model].filter(Boolean).join(" "))}
      ${fact(t("Firmware"), item.firmware)}
      ${item.quantity > 1 ? fact(t("How many"), number(item.quantity)) : nothing}
      ${fact(t("Room"), item.room)}
      ${fact(t("Who answers for it"), item.responsible || "–")}
      ${fact(t("Bought on"), item.purchased ? day(item.purchased) : "")}
      ${fact(t("Guarantee until"), item.warranty ? day(item.warranty) : "")}
      ${item.price === null ? nothing : fact(t("Price"), money(item.price))}
      ${fact(t("Safety instruction read"), item.safety ? day(item.safety) : t("Not yet"))}
      ${item.notes ? html`<div class="wide"><dt>${t("Notes")}</dt><dd class="lines">${item.notes}</dd></div>` : nothing}
    </dl>`;
  }

  private writing(): TemplateResult {
    const kinds: EntryKind[] = hub.session.may("engineer")
      ? ["fault", "repair", "part", "safety", "note"]
      : ["fault"];
    return html`<div class="row">${kinds.map(
      (kind) => html`<button class=${kind === "fault" ? "primary" : ""} @click=${this.show(kind)}>
        ${icon(ENTRIES[kind].icon)}${kind === "fault" ? t("Report a fault") : t(ENTRIES[kind].title)}</button>`,
    )}</div>`;
  }

  private line(entry: Entry): TemplateResult {
    const { title, icon: sign } = ENTRIES[entry.kind];
    const open = entry.kind === "fault" && !entry.ended;
    const more = [
      entry.who || (entry.by_hub ? t("The hub") : ""),
      entry.cost === null ? "" : money(entry.cost),
      entry.times > 1 ? tn("{n} time", "{n} times", entry.times) : "",
      entry.ended ? t("Mended on {day}", { day: day(entry.ended) }) : "",
    ].filter(Boolean);
    return html`<li><span class=${open ? "open" : "sign"}>${icon(sign)}</span>
      <div><h3>${t(title)} · <time datetime=${entry.day}>${day(entry.day)}</time></h3>
        ${entry.text ? html`<p class="lines">${entry.text}</p>` : nothing}
        <p class="muted small">${more.join(" · ")}</p></div>
      ${
        entry.kind === "fault" && hub.session.may("engineer")
          ? html`<button ?disabled=${this.busy} @click=${() => this.end(entry)}>${entry.ended ? t("Not mended") : html`${icon("check")}${t("Mended")}`}</button>`
          : nothing
      }</li>`;
  }

  private dialogs(item: Item): TemplateResult {
    const kind = this.open && this.open in ENTRIES ? (this.open as EntryKind) : null;
    const title = kind === "fault" ? t("Report a fault") : kind ? t(ENTRIES[kind].title) : "";
    const close = this.show(null);
    return html`<hub-dialog .open=${this.open === "change"} heading=${t("Change")} @close=${close}>${
      this.open === "change"
        ? html`<form class="fields" @submit=${this.change}>${itemFields(item)}
          <button class="primary wide" ?disabled=${this.busy}>${t("Save")}</button></form>`
        : nothing
    }</hub-dialog>
    <hub-dialog .open=${kind !== null} heading=${title} @close=${close}>${kind ? this.entryForm(kind) : nothing}</hub-dialog>
    <hub-dialog .open=${this.open === "strike"} heading=${t("Strike {name} off?", { name: givenName(item.name) })} @close=${close}>
      <p>${t("It disappears from the inventory with its service log, and does not come back.")}</p>
      <div class="row"><button class="danger" ?disabled=${this.busy} @click=${this.strike}>${t("Strike off")}</button>
      <button @click=${close}>${t("Keep")}</button></div></hub-dialog>`;
  }

  private entryForm(kind: EntryKind): TemplateResult {
    const asks = kind === "fault" ? t("What is wrong?") : t("What was done?");
    const who = kind === "safety" ? t("Who has read it") : t("Who");
    return html`<form class="fields" @submit=${(event: Event) => this.write(event, kind)}>
      ${
        kind === "safety"
          ? nothing
          : html`<div class="wide"><label for="text">${asks}</label><textarea id="text" name="text" maxlength="5000" required></textarea></div>`
      }
      <div><label for="day">${t("Date")}</label><input id="day" name="day" type="date" required min="1990-01-01" max="2099-12-31" .value=${localDay(new Date())}></div>
      <div><label for="who">${who}</label><input id="who" name="who" maxlength="200" ?required=${kind === "safety"} autocomplete="off"></div>
      ${
        kind === "repair" || kind === "part"
          ? html`<div><label for="cost">${t("Cost, tenge")}</label><input id="cost" name="cost" inputmode="decimal" maxlength="20" pattern="[0-9 ]*([.,][0-9]{1,2})?" autocomplete="off"></div>`
          : nothing
      }
      <button class="primary wide" ?disabled=${this.busy}>${t("Write it down")}</button></form>`;
  }
}
define("hub-inventory-item-page", ItemPage);

/** The day on the reader's wall, as a date field has it. */
function localDay(now: Date): string {
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
