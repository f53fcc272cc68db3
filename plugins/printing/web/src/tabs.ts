import { hub } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { JobList } from "./api.js";

/** The way between the plugin's pages; teachers see how many jobs wait for them. */
class Tabs extends HubElement {
  static override properties = { at: {} };
  static override styles = [
    base,
    css`
      :host { min-width: 0; }
      nav { position: relative; display: flex; gap: var(--space-1); overflow-x: auto; padding: 3px; margin: -3px; scrollbar-width: none; }
      a { display: inline-flex; align-items: center; gap: 0.5em; min-height: var(--touch); padding: 0 1em; border-radius: var(--radius-m);
        color: var(--muted); text-decoration: none; font: var(--type-strong); white-space: nowrap; flex: none; }
      a svg { width: 1.25rem; height: 1.25rem; }
      a:hover { background: var(--hover); }
      a[aria-current] { background: var(--accent-soft); color: var(--accent); }
      .count { background: var(--sun); color: var(--on-sun); border-radius: 99px; min-width: 1.6em; padding: 0 0.45em; text-align: center; font: 700 0.875rem/1.6 var(--sans); }
      @media (max-width: 56rem) { a svg { display: none; } a { padding: 0 0.8em; } }
    `,
  ];
  /** The path of the page on which it stands. */
  declare at: string;
  private readonly waiting = new JobList(
    this,
    () => (hub.session.may("teacher") ? { state: ["waiting"] } : null),
    (job) => job.state === "waiting",
  );

  constructor() {
    super();
    this.at = "";
  }

  /** On a phone they are wider than the screen: where one is shall be seen. */
  protected override updated(): void {
    const nav = this.renderRoot.querySelector("nav");
    const now = nav?.querySelector<HTMLElement>("[aria-current]");
    if (nav && now) nav.scrollLeft = now.offsetLeft - (nav.clientWidth - now.offsetWidth) / 2;
  }

  override render(): TemplateResult {
    const teacher = hub.session.may("teacher");
    const count = this.waiting.jobs?.length ?? 0;
    return html`<nav aria-label=${t("3D printing")}>
      ${teacher ? this.tab("/print/inbox", "inbox", t("To approve"), count) : nothing}
      ${this.tab("/print", "printer", teacher ? t("Hand in") : t("Hand in and my jobs"))}
      ${this.tab("/print/queue", "count", t("Print queue"))}
      ${teacher ? this.tab("/print/account", "select", t("Filament and history")) : nothing}
    </nav>`;
  }

  private tab(path: string, drawing: string, words: string, count = 0): TemplateResult {
    return html`<a href=${path} aria-current=${this.at === path ? "page" : nothing}>${icon(drawing)}<span>${words}</span>${
      count ? html`<span class="count">${count}</span>` : nothing
    }</a>`;
  }
}
define("hub-print-tabs", Tabs);
