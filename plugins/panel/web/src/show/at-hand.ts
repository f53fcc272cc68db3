import { type Asset, type Device, hub, type Page } from "@classhub/client";
import { base, define, deviceName, givenName, HubElement, icon, PanelState, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

const NEWEST = 24;

/** What can be put on the screen, or where it is picked, as `GET /panel/things` says it. */
export interface Thing {
  element: string;
  plugin: string;
  title: string;
  icon: string | null;
  media: string[];
  attributes: string[];
  page: string | null;
}

/**
 * What a class shows most, one tap away: live pictures, what other plugins bring (`things`), and the
 * newest pictures of all lessons. A second tap takes it off again.
 */
class AtHand extends HubElement {
  static override properties = {
    things: { attribute: false },
    devices: { state: true },
    pictures: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-5); min-width: 0; }
      section { display: grid; gap: var(--space-3); min-width: 0; }
      .line { display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: baseline; justify-content: space-between; }
      .tiles { display: grid; gap: var(--space-2); grid-template-columns: repeat(auto-fill, minmax(min(100%, 10.5rem), 1fr)); }
      .tiles > * { min-height: 3.5rem; padding-inline: 0.7em; gap: 0.5em; justify-content: flex-start; text-align: start; font-size: 0.95rem; overflow: hidden; }
      .tiles span { min-width: 0; overflow: hidden; text-overflow: ellipsis; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; line-height: 1.2; overflow-wrap: break-word; hyphens: auto; }
      .tiles svg { flex: none; }
      .tiles small { margin-inline-start: auto; display: grid; opacity: 0.6; }
      .strip { display: grid; grid-auto-flow: column; grid-auto-columns: 9.5rem; gap: var(--space-2); overflow-x: auto; overscroll-behavior-x: contain; scroll-snap-type: x proximity; padding: 4px; margin: -4px; scroll-padding: 4px; }
      .strip button { position: relative; padding: 0; overflow: hidden; aspect-ratio: 4 / 3; border-radius: var(--radius-m); scroll-snap-align: start; background: #0a0f0e; display: block; }
      .strip img { width: 100%; height: 100%; object-fit: cover; display: block; }
      .strip i { position: absolute; inset: auto 0.4rem 0.4rem auto; display: grid; padding: 0.35rem; border-radius: 99px; background: var(--accent); color: var(--on-accent); }
      .tiles [aria-pressed="true"], .tiles [aria-pressed="true"]:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
      .strip [aria-pressed="true"], .strip [aria-pressed="true"]:hover { outline: 4px solid var(--accent); outline-offset: -1px; background: #0a0f0e; }
    `,
  ];
  declare things: Thing[];
  declare devices: Device[];
  declare pictures: Asset[];
  private readonly panel = new PanelState(this);

  constructor() {
    super();
    this.things = [];
    this.devices = [];
    this.pictures = [];
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.find(), { topics: ["+/state"] });
    this.keepLoaded(() => this.look(), { topics: ["assets/+"] });
  }

  private async find(): Promise<void> {
    try {
      const all = await hub.api.all<Device>("/devices");
      this.devices = all.filter((one) => one.streams.length > 0 && one.state.reachable);
    } catch {
      // The hub is out of reach: the page says so, and the next state asks anew.
    }
  }

  private async look(): Promise<void> {
    try {
      const query = { media_type: "image/*", limit: NEWEST };
      this.pictures = (await hub.api.get<Page<Asset>>("/assets", query)).items;
    } catch {
      // As above.
    }
  }

  override render(): TemplateResult {
    return html`${
      this.devices.length + this.things.length > 0
        ? html`<section><h2>${t("Devices and pages")}</h2><div class="tiles">
          ${repeat(
            this.devices,
            (one) => one.id,
            (one) => this.device(one),
          )}${this.things.map((one) => this.thing(one))}</div></section>`
        : nothing
    }
    <section><div class="line"><h2>${t("Newest pictures")}</h2><a class="button quiet" href="/albums">${t("All albums")}</a></div>
      ${
        this.pictures.length > 0
          ? html`<div class="strip">${repeat(
              this.pictures,
              (one) => one.id,
              (one) => this.picture(one),
            )}</div>`
          : html`<p class="muted">${t("None yet. What is taken with a microscope stands here at once.")}</p>`
      }</section>`;
  }

  private device(device: Device): TemplateResult {
    const what = { device: device.id, stream: device.streams[0] ?? "view" };
    return html`<button aria-pressed=${String(this.panel.shows(what))} @click=${() => void this.panel.toggle(what)}>
      ${icon(device.icon)}<span>${deviceName(device)}</span></button>`;
  }

  private thing(one: Thing): TemplateResult {
    const words = html`${icon(one.icon ?? "present")}<span>${t(one.title)}</span>`;
    if (one.page) {
      return html`<a class="button" href=${one.page}>${words}<small>${icon("right")}</small></a>`;
    }
    const what = { element: one.element };
    return html`<button aria-pressed=${String(this.panel.shows(what))} @click=${() => void this.panel.toggle(what)}>${words}</button>`;
  }

  private picture(one: Asset): TemplateResult {
    const what = { asset: one.id };
    const on = this.panel.shows(what);
    const name = one.note || givenName(one.title) || t("Picture");
    return html`<button aria-pressed=${String(on)} aria-label=${name} title=${name} @click=${() => void this.panel.toggle(what)}>
      ${one.links.thumbnail ? html`<img src="${one.links.thumbnail}?size=320" alt="" loading="lazy" decoding="async">` : icon("present")}${on ? html`<i>${icon("present")}</i>` : nothing}</button>`;
  }
}
define("hub-show-at-hand", AtHand);
