import { hub } from "@classhub/client";
import { base, define, HubElement, icon, lasting, personName, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { TaskResult } from "./task-view.js";

/** A result as the hub tells it; nobody's is the class's, at its screen. */
interface Kept extends TaskResult {
  id: string;
  person: { id: string; name: string } | null;
  ended: string;
}

/** What came of the tasks with a model, in the lesson that runs: a teacher sees all, a pupil their own. */
class ModelResults extends HubElement {
  static override properties = { asset: {}, results: { state: true } };
  static override styles = [
    base,
    css`
      section { display: grid; gap: var(--space-2); }
      li { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: var(--space-3); align-items: center; padding-block: var(--space-2); border-block-end: 1px solid var(--line); }
      .digits { font: var(--type-strong); font-variant-numeric: tabular-nums; }
    `,
  ];
  declare asset: string;
  declare results: Kept[];

  constructor() {
    super();
    this.asset = "";
    this.results = [];
  }

  protected override arrive(): void {
    this.until(
      hub.stream.subscribe("x/panel/results", (_, payload) => {
        if ((payload as { asset?: string } | null)?.asset === this.asset) void this.load();
      }),
    );
    this.on(hub.stream, "back", () => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    if (!this.asset) return;
    const path = `/panel-files/${encodeURIComponent(this.asset)}/results`;
    try {
      this.results = (await hub.api.get<{ items: Kept[] }>(path)).items;
    } catch {
      this.results = []; // Between lessons there is nothing to tell of.
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (this.results.length === 0) return nothing;
    return html`<section><h2>${t("Results of this lesson")}</h2><ul>${this.results.map(
      (one) => html`<li>${icon(one.task === "find" ? "search" : "puzzle")}
        <span>${one.person ? personName(one.person.name) || t("No name") : t("At the class's screen")}<br><span class="muted small">${lasting(one.seconds)}</span></span>
        <span class="digits" title=${t("At the first try: {n} of {all}", { n: one.at_once, all: one.of })}>${one.at_once} / ${one.of}</span></li>`,
    )}</ul></section>`;
  }
}
define("hub-model-results", ModelResults);
