import { hub, type Problem, problemOf } from "@classhub/client";
import {
  define,
  givenName,
  HubElement,
  icon,
  navigate,
  say,
  sayProblem,
  t,
  tn,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { fieldsOf, fits, type Item, KINDS, warrantyTone } from "./api.js";
import { EMPTY, itemFields } from "./form.js";
import { inventoryStyles } from "./styles.js";
import "./table.js";

/** Everything that stands in the room, what is broken, and what is no longer under guarantee. */
class InventoryPage extends HubElement {
  static override properties = {
    items: { state: true },
    words: { state: true },
    kind: { state: true },
    room: { state: true },
    broken: { state: true },
    adding: { state: true },
    table: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = inventoryStyles;
  declare items: Item[] | null;
  declare words: string;
  declare kind: string;
  declare room: string;
  /** Only what has a fault that is not mended. */
  declare broken: boolean;
  declare adding: boolean;
  declare table: boolean;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.items = null;
    this.words = "";
    this.kind = "";
    this.room = "";
    this.broken = false;
    this.adding = false;
    this.table = false;
    this.busy = false;
    this.problem = null;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: ["x/inventory/items/+"] });
  }

  private async load(): Promise<void> {
    try {
      this.items = await hub.api.all<Item>("/inventory/items", {}, 5000);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault();
    this.busy = true;
    try {
      const fields = fieldsOf(new FormData(event.target as HTMLFormElement));
      const made = await hub.api.post<Item>("/inventory/items", fields);
      say(t("{name} is in the inventory.", { name: made.name }));
      navigate(`/inventory/${made.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    const writes = hub.session.may("engineer");
    return html`<div class="page">
      <div class="head"><h1>${t("Inventory")}</h1>
        <div class="row"><a class="button" href="/api/v1/inventory/labels.pdf" target="_blank">${icon("qr")}${t("Labels")}</a>${
          writes
            ? html`<button class="table" @click=${() => {
                this.table = true;
              }}>${icon("table")}${t("Table")}</button>
              <button class="primary" @click=${() => {
                this.adding = true;
              }}>${icon("plus")}${t("Enter a thing")}</button>`
            : nothing
        }</div></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.items ? this.all(this.items) : html`<progress aria-label=${t("Loading")}></progress>`}
      <hub-dialog .open=${this.adding} heading=${t("Enter a thing")} @close=${() => {
        this.adding = false;
      }}>${
        this.adding
          ? html`<form class="fields" @submit=${this.add}>${itemFields(EMPTY)}
            <button class="primary wide" ?disabled=${this.busy}>${t("Enter")}</button></form>`
          : nothing
      }</hub-dialog>
      <hub-dialog .open=${this.table} heading=${t("The inventory as a table")} @close=${() => {
        this.table = false;
      }}>${
        this.table
          ? html`<hub-inventory-table @taken=${() => this.taken()}></hub-inventory-table>`
          : nothing
      }</hub-dialog>
    </div>`;
  }

  private taken(): void {
    this.table = false;
    void this.load();
  }

  private all(items: Item[]): TemplateResult {
    const shown = items.filter(
      (item) =>
        (!this.kind || item.kind === this.kind) &&
        (!this.room || item.room === this.room) &&
        (!this.broken || item.faults > 0) &&
        fits(item, this.words),
    );
    const kinds = [...new Set(items.map((item) => item.kind))];
    const rooms = [...new Set(items.map((item) => item.room))].filter(Boolean).sort();
    const broken = items.filter((item) => item.faults > 0).length;
    return html`<section>
      <div class="tools">
        <div><label class="visually-hidden" for="words">${t("Search")}</label><input id="words" type="search" maxlength="100" placeholder=${t("Name, number, room, person")} .value=${this.words}
          @input=${(event: Event) => {
            this.words = (event.target as HTMLInputElement).value;
          }}></div>
        <div><label class="visually-hidden" for="only">${t("Kind")}</label><select id="only" @change=${(
          event: Event,
        ) => {
          this.kind = (event.target as HTMLSelectElement).value;
        }}><option value="">${t("Of all kinds")}</option>${kinds.map(
          (kind) =>
            html`<option value=${kind} ?selected=${kind === this.kind}>${t(KINDS[kind] ?? kind)}</option>`,
        )}</select></div>
        ${rooms.length > 1 || this.room ? this.rooms(rooms) : nothing}
        ${
          broken || this.broken
            ? html`<label class="check"><input id="broken" type="checkbox" .checked=${this.broken} @change=${(
                event: Event,
              ) => {
                this.broken = (event.target as HTMLInputElement).checked;
              }}>${t("Only what is broken")}</label>`
            : nothing
        }
      </div>
      <p class="muted small" role="status">${tn("{n} thing", "{n} things", shown.length)}${
        broken ? html` · ${tn("{n} with a fault", "{n} with faults", broken)}` : nothing
      }</p>
      ${
        shown.length
          ? html`<ul class="list card">${repeat(
              shown,
              (item) => item.id,
              (item) => this.row(item),
            )}</ul>`
          : html`<p class="card calm muted">${items.length ? t("Nothing fits that.") : t("Nothing is in the inventory yet. Devices come into it by themselves when they are taken into use.")}</p>`
      }</section>`;
  }

  private rooms(rooms: string[]): TemplateResult {
    return html`<div><label class="visually-hidden" for="room">${t("Room")}</label><select id="room" @change=${(
      event: Event,
    ) => {
      this.room = (event.target as HTMLSelectElement).value;
    }}><option value="">${t("In all rooms")}</option>${rooms.map(
      (room) => html`<option value=${room} ?selected=${room === this.room}>${room}</option>`,
    )}</select></div>`;
  }

  private row(item: Item): TemplateResult {
    const kind = t(KINDS[item.kind] ?? item.kind);
    const more = [
      item.number && `№ ${item.number}`,
      [item.maker, item.model].filter(Boolean).join(" "),
      item.room,
    ];
    const over = warrantyTone(item.warranty, new Date());
    return html`<li><a class="item" href="/inventory/${item.id}">
      <span class="sign">${icon(item.icon)}</span>
      <div><h3>${givenName(item.name)}${item.quantity > 1 ? ` × ${item.quantity}` : nothing}</h3>
        <p class="muted small">${[kind, ...more].filter(Boolean).join(" · ")}</p></div>
      <span class="marks">
        ${item.faults ? html`<span class="chip bad">${icon("warning")}${tn("{n} fault", "{n} faults", item.faults)}</span>` : nothing}
        ${over === "bad" ? html`<span class="chip">${t("Guarantee over")}</span>` : nothing}
        ${over === "warn" ? html`<span class="chip warn">${t("Guarantee ends soon")}</span>` : nothing}
      </span></a></li>`;
  }
}
define("hub-inventory-page", InventoryPage);
