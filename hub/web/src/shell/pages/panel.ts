import { hub } from "@classhub/client";
import { base, brandMark, define, givenName, HubElement, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { data } from "../data.js";

interface Shown {
  element: string;
  attributes: Record<string, string>;
  title: string;
  plugin: string;
}

const ATTRIBUTE = /^(?!on)[a-z][a-z0-9-]*$/;

/** The class's screen: whatever a teacher shows, as large as it gets. */
class PanelPage extends HubElement {
  static readonly immersive = true;
  static override properties = { shown: { state: true }, view: { state: true } };
  static override styles = [
    base,
    css`
      :host { position: fixed; inset: 0; background: #0a0f0e; color: #e8efec; display: grid; }
      .idle { place-self: center; display: grid; justify-items: center; gap: var(--space-5); text-align: center; }
      .idle svg { width: 7rem; height: 7rem; color: var(--sun); }
      .view { display: grid; min-width: 0; min-height: 0; }
      .view > * { width: 100%; height: 100%; min-height: 0; }
    `,
  ];
  declare shown: Shown | null;
  declare view: HTMLElement | null;

  constructor() {
    super();
    this.shown = null;
    this.view = null;
  }

  protected override arrive(): void {
    this.until(
      hub.stream.subscribe("x/hub/show", (_, payload) => {
        this.shown = isShown(payload) ? payload : null;
      }),
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("shown")) void this.put(this.shown);
  }

  private async put(shown: Shown | null): Promise<void> {
    const view = shown ? await made(shown) : null;
    if (shown === this.shown) this.view = view;
  }

  override render(): TemplateResult {
    if (this.view) return html`<div class="view">${this.view}</div>`;
    return html`<div class="idle">${brandMark()}<h1>${givenName(data.hub.name) || t("Classroom hub")}</h1>
      ${hub.session.lesson ? html`<p>${hub.session.lesson.title}</p>` : nothing}</div>`;
  }
}
define("hub-panel-page", PanelPage);

function isShown(payload: unknown): payload is Shown {
  const said = payload as Partial<Shown> | null;
  return typeof said?.element === "string" && typeof said.attributes === "object";
}

/** The element that is shown: one of the shell's, or of a plugin that says it has it; else null. */
async function made(shown: Shown): Promise<HTMLElement | null> {
  const own = shown.element === "hub-panel-picture" || shown.element === "hub-live-view";
  const plugin = data.plugins.find((one) =>
    one.elements.some((element) => element.tag === shown.element),
  );
  if (!own && !plugin) return null;
  if (shown.element === "hub-live-view") await import("@classhub/live-view");
  const part = plugin?.elements.find((element) => element.tag === shown.element);
  if (plugin && part) await import(/* @vite-ignore */ plugin.base + part.module);
  const element = document.createElement(shown.element);
  for (const [name, value] of Object.entries(shown.attributes)) {
    if (ATTRIBUTE.test(name)) element.setAttribute(name, String(value));
  }
  return element;
}

/** A picture of an album on the class's screen. */
class PanelPicture extends HubElement {
  static override properties = { asset: {}, gone: { state: true } };
  static override styles = [
    base,
    css`
      :host { display: grid; background: #0a0f0e; }
      img { width: 100%; height: 100%; object-fit: contain; min-height: 0; }
      p { place-self: center; color: #cbd6d1; font: var(--type-heading); }
    `,
  ];
  declare asset: string;
  declare gone: boolean;

  constructor() {
    super();
    this.asset = "";
    this.gone = false;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.asset) return nothing;
    return this.gone
      ? html`<p>${t("This picture is not there any more.")}</p>`
      : html`<img alt=${t("Picture")} src="/api/v1/panel/content?asset=${encodeURIComponent(this.asset)}"
          @error=${() => {
            this.gone = true;
          }}>`;
  }
}
define("hub-panel-picture", PanelPicture);
