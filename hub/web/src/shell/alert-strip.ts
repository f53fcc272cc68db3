import { hub } from "@classhub/client";
import { base, define, HubElement, i18n, icon, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** What a plugin tells on `x/<plugin>/alerts`, retained: what is wrong and what to do. */
interface Told {
  /** The plugin's own page about it, for those who may see it. */
  page?: string;
  open: number;
  items: Alert[];
}

interface Alert {
  id: string;
  state: string;
  severity: string;
  lesson: boolean;
  said: Record<string, string>;
  hint: Record<string, string>;
}

const MOST = 3;
const PATH = /^\/[a-z0-9/-]*$/;

/** What is wrong in the classroom: on the home page all of it, on the class's screen (`lesson`) what stops a lesson. */
class AlertStrip extends HubElement {
  static override properties = { lesson: { type: Boolean }, told: { state: true } };
  static override styles = [
    base,
    css`
      :host { display: contents; }
      .strip { display: grid; gap: var(--space-2); padding: var(--space-4) var(--space-5); border-radius: var(--radius-l); background: var(--bad-soft); color: var(--ink); border-inline-start: 0.4rem solid var(--bad-mark); }
      .strip.warn { background: var(--warn-soft); border-color: var(--warn); }
      /* Read from the back of the class. */
      :host([lesson]) .strip { font-size: clamp(1.1rem, 1.5vw, 3rem); line-height: 1.35; }
      ul { display: grid; gap: var(--space-2); margin: 0; padding: 0; list-style: none; }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; justify-content: space-between; }
    `,
  ];
  declare lesson: boolean;
  declare told: Map<string, Told>;

  constructor() {
    super();
    this.lesson = false;
    this.told = new Map();
  }

  protected override arrive(): void {
    this.on(i18n, "change", () => this.requestUpdate());
    this.until(
      hub.stream.subscribe("x/+/alerts", (topic, payload) => {
        this.told = new Map(this.told).set(topic, told(payload));
      }),
    );
  }

  override render(): TemplateResult | typeof nothing {
    const all = [...this.told.values()];
    const items = all.flatMap((one) => one.items).filter((one) => this.shows(one));
    if (items.length === 0) return nothing;
    const bad = items.some((one) => one.severity === "fault");
    const open = this.lesson ? items.length : all.reduce((sum, one) => sum + one.open, 0);
    const page = all.find((one) => one.items.length && one.page && PATH.test(one.page))?.page;
    return html`<div class="strip ${bad ? "" : "warn"}" role="status">
      ${
        this.lesson
          ? nothing
          : html`<div class="head"><h2>${tn("{n} thing needs you", "{n} things need you", open)}</h2>
            ${page && hub.session.may("engineer") ? html`<a class="button" href=${page}>${icon("right")}${t("Open")}</a>` : nothing}</div>`
      }
      <ul>${items.slice(0, MOST).map((one) => html`<li><b>${said(one.said)}</b> ${said(one.hint)}</li>`)}</ul></div>`;
  }

  private shows(one: Alert): boolean {
    if (!this.lesson) return true;
    return one.lesson && one.severity === "fault" && one.state !== "known";
  }
}
define("hub-alert-strip", AlertStrip);

function told(payload: unknown): Told {
  const given = payload as Partial<Told> | null;
  const items = Array.isArray(given?.items) ? given.items : [];
  return { open: given?.open ?? items.length, items, page: given?.page };
}

function said(texts: Record<string, string> | undefined): string {
  return texts?.[i18n.language] ?? texts?.en ?? "";
}
