import { base, define, HubElement, type SetEvent, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { DRAW } from "../drawings.js";
import { PRESETS } from "./device.js";

export class FilamentEvent extends Event {
  constructor(
    readonly step: "load" | "unload",
    readonly temperature: number,
  ) {
    super("filament");
  }
}

/** New filament in, old filament out, step by step in words. */
class FilamentPart extends HubElement {
  static override properties = {
    materials: { attribute: false },
    present: { attribute: false },
    loads: { type: Boolean },
    unloads: { type: Boolean },
    disabled: { type: Boolean },
    material: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
      ol { list-style: decimal; padding-inline-start: 1.4em; display: grid; gap: var(--space-1); }
      .buttons { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: var(--space-3); }
    `,
  ];
  declare materials: string[];
  /** What the printer's sensor feels; null where it has none. */
  declare present: boolean | null;
  declare loads: boolean;
  declare unloads: boolean;
  declare disabled: boolean;
  declare material: string;

  constructor() {
    super();
    this.materials = [];
    this.present = null;
    this.loads = false;
    this.unloads = false;
    this.disabled = false;
    this.material = "";
  }

  override render(): TemplateResult {
    const names = PRESETS.map((one) => one.material as string);
    const loaded = this.materials[0] ?? "";
    const material = this.material || (names.includes(loaded) ? loaded : "PLA");
    const temperature = PRESETS.find((one) => one.material === material)?.tool ?? 205;
    const give = (step: "load" | "unload") =>
      this.dispatchEvent(new FilamentEvent(step, temperature));
    return html`<p class="row">${loaded ? html`<span class="chip">${DRAW.spool()}${t("Loaded: {material}", { material: this.materials.join(", ") })}</span>` : nothing}
      ${this.present === false ? html`<span class="chip"><span class="dot bad"></span>${t("No filament in the sensor")}</span>` : nothing}</p>
      <hub-choice .label=${t("Material")} .options=${names} .value=${material} ?disabled=${this.disabled} @set=${(event: SetEvent<string>) => (this.material = event.value)}></hub-choice>
      <ol class="small muted">
        <li>${t("Press “Take filament out” and wait until the nozzle is hot; then pull the old filament out.")}</li>
        <li>${t("Cut the end of the new filament at a slant and push it in until it stops.")}</li>
        <li>${t("Press “Put filament in” and wait until the new colour comes out of the nozzle.")}</li>
      </ol>
      <div class="buttons">
        ${this.unloads ? html`<button ?disabled=${this.disabled} @click=${() => give("unload")}>${DRAW.forward()}${t("Take filament out")}</button>` : nothing}
        ${this.loads ? html`<button class="primary" ?disabled=${this.disabled} @click=${() => give("load")}>${DRAW.back()}${t("Put filament in")}</button>` : nothing}
      </div>`;
  }
}
define("hub-printer-filament", FilamentPart);
