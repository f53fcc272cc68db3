import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, i18n, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

interface Pack {
  id: string;
  version: number;
  title: string;
  licence: string;
  date: string;
  before: number | null;
}

/** The content packs: installed from a file or an address, undone, removed. */
class PacksList extends HubElement {
  static override properties = {
    packs: { state: true },
    problem: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
      ul { display: grid; gap: var(--space-3); }
      li { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; }
      form { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: end; }
      form label { flex: 1 1 14rem; }
    `,
  ];
  declare packs: Pack[];
  declare problem: Problem | null;
  declare busy: boolean;

  constructor() {
    super();
    this.packs = [];
    this.problem = null;
    this.busy = false;
  }

  protected override arrive(): void {
    void this.change(async () => {});
    this.on(i18n, "change", () => void this.change(async () => {}));
  }

  /** Do something with packs, and show how they are then. */
  private async change(work: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
      this.packs = (await hub.api.get<{ items: Pack[] }>("/globe/packs")).items;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.busy = false;
  }

  private take(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    const form = new FormData();
    form.set("file", file);
    input.value = "";
    void this.change(() => hub.api.post("/globe/packs", form));
  }

  private fetched(event: Event): void {
    event.preventDefault();
    const url = this.renderRoot.querySelector<HTMLInputElement>("#pack-url")?.value.trim();
    if (url) void this.change(() => hub.api.post("/globe/packs/fetch", { url }));
  }

  override render(): TemplateResult {
    const may = hub.session.may("engineer");
    return html`<h2>${t("Content packs")}</h2><hub-notice .problem=${this.problem}></hub-notice>
      ${this.packs.length === 0 ? html`<p class="muted">${t("None yet. A pack brings cards about places: sights, animals, anthems.")}</p>` : nothing}
      <ul>${this.packs.map(
        (
          pack,
        ) => html`<li data-pack=${pack.id}><div class="grow"><strong>${pack.title}</strong> <span class="muted small">${t("version {n}", { n: pack.version })} · ${pack.date} · ${pack.licence}</span></div>
          ${may && pack.before !== null ? html`<button ?disabled=${this.busy} @click=${() => void this.change(() => hub.api.post(`/globe/packs/${pack.id}/undo`))}>${icon("undo")}${t("Undo")}</button>` : nothing}
          ${may ? html`<button ?disabled=${this.busy} @click=${() => void this.change(() => hub.api.delete(`/globe/packs/${pack.id}`))}>${t("Remove")}</button>` : nothing}</li>`,
      )}</ul>${
        may
          ? html`<label>${t("Install a pack from a file")}<input type="file" accept=".globepack" ?disabled=${this.busy} @change=${this.take}></label>
        <form @submit=${this.fetched}><label>${t("or from an address")}<input id="pack-url" type="url" placeholder="https://"></label><button ?disabled=${this.busy}>${icon("download")}${t("Fetch")}</button></form>`
          : nothing
      }`;
  }
}
define("hub-globe-packs", PacksList);
