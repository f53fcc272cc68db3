import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import { type Holiday, HolidaysEvent, withHoliday } from "./plan.js";

/** When there are no lessons: nothing is started by the clock then. Dispatches `HolidaysEvent`. */
class Holidays extends HubElement {
  static override properties = { holidays: { attribute: false } };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-2); justify-items: start; }
      .days { display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: center; }
      input { width: auto; }
    `,
  ];
  declare holidays: Holiday[];

  constructor() {
    super();
    this.holidays = [];
  }

  private tell(holidays: Holiday[]): void {
    this.dispatchEvent(new HolidaysEvent(holidays));
  }

  private add(): void {
    const now = new Date();
    const two = (value: number): string => String(value).padStart(2, "0");
    const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    this.tell([...this.holidays, { first: today, last: today }]);
  }

  override render(): TemplateResult {
    return html`<h3>${t("Holidays")}</h3>
      <p class="muted small">${t("Nothing is started by the clock on these days.")}</p>
      ${this.holidays.map((one, at) => this.row(one, at))}
      <button @click=${this.add}>${icon("plus")}${t("More holidays")}</button>`;
  }

  private row({ first, last }: Holiday, at: number): TemplateResult {
    const change = (end: "first" | "last") => (event: Event) =>
      this.tell(withHoliday(this.holidays, at, end, (event.target as HTMLInputElement).value));
    return html`<div class="days">
      <input type="date" required aria-label=${t("First day")} .value=${first} @change=${change("first")}><span aria-hidden="true">–</span>
      <input type="date" required aria-label=${t("Last day")} .value=${last} @change=${change("last")}>
      <button class="icon" aria-label=${t("Take these holidays out")} title=${t("Take these holidays out")}
        @click=${() => this.tell(this.holidays.filter((_, index) => index !== at))}>${icon("erase")}</button></div>`;
  }
}
define("hub-panel-holidays", Holidays);
