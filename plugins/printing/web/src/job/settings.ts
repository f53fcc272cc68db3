import { hub, problemOf } from "@classhub/client";
import { base, define, HubElement, number, type SetEvent, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { Settings } from "../model.js";
import {
  chosen,
  INFILLS,
  infillName,
  type Profile,
  type Profiles,
  profilesFor,
} from "../profiles.js";

export class SettingsEvent extends Event {
  constructor(readonly settings: Settings) {
    super("settings");
  }
}

/** How it is to be printed: material, how fine, how full, with supports or without. */
class SettingsPart extends HubElement {
  static override properties = {
    settings: { attribute: false },
    printer: {},
    disabled: { type: Boolean },
    profiles: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
    `,
  ];
  declare settings: Settings;
  declare printer: string | null;
  declare disabled: boolean;
  declare profiles: Profiles | null;

  constructor() {
    super();
    this.settings = {};
    this.printer = null;
    this.disabled = false;
    this.profiles = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.profiles = await hub.api.get<Profiles>("/print-profiles");
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private set(what: Settings): void {
    this.dispatchEvent(new SettingsEvent(what));
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.profiles) return nothing;
    const offered = profilesFor(this.profiles.items, this.printer);
    const now = chosen(offered, this.settings.profile);
    return html`<hub-notice .problem=${this.profiles.problem ?? null}></hub-notice>
      ${now ? this.choices(offered, now) : nothing}`;
  }

  private choices(offered: Profile[], now: Profile): TemplateResult {
    const materials = [...new Set(offered.flatMap((one) => one.materials))];
    const material = this.settings.material ?? materials[0] ?? "";
    const qualities = offered.filter((one) => one.materials.includes(material));
    const infill = this.settings.infill ?? INFILLS[1].percent;
    return html`
      ${
        qualities.length > 1
          ? html`<hub-choice .label=${t("How fine")} .options=${qualities.map((one) => one.title)} .value=${now.title} ?disabled=${this.disabled}
            @set=${(event: SetEvent<string>) => this.set({ profile: qualities.find((one) => one.title === event.value)?.id })}></hub-choice>
            <p class="muted small">${t("Layers of {height} mm. Finer takes longer.", { height: number(now.layer_height, 2) })}</p>`
          : nothing
      }
      <hub-choice .label=${t("Inside")} .options=${INFILLS.map((one) => infillName(one.percent))} .value=${infillName(infill)} ?disabled=${this.disabled}
        @set=${(event: SetEvent<string>) => this.set({ infill: INFILLS.find((one) => infillName(one.percent) === event.value)?.percent })}></hub-choice>
      ${
        materials.length > 1
          ? html`<hub-choice .label=${t("Material")} .options=${materials} .value=${material} ?disabled=${this.disabled}
            @set=${(event: SetEvent<string>) => this.set({ material: event.value })}></hub-choice>`
          : nothing
      }
      <hub-switch .label=${t("Supports under what hangs over")} .value=${this.settings.supports ?? false} ?disabled=${this.disabled}
        @set=${(event: SetEvent<boolean>) => this.set({ supports: event.value })}></hub-switch>
      <hub-switch .label=${t("A brim, so that it holds on the plate")} .value=${this.settings.brim ?? false} ?disabled=${this.disabled}
        @set=${(event: SetEvent<boolean>) => this.set({ brim: event.value })}></hub-switch>`;
  }
}
define("hub-print-settings", SettingsPart);
