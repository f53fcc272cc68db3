import { hub, type Shown, type ShownThing } from "@classhub/client";
import { base, brandMark, cannotShow, define, givenName, HubElement, i18n, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import "../alert-strip.js";
import { data } from "../data.js";

const STILL = 3_000;
const ATTRIBUTE = /^(?!on)[a-z][a-z0-9-]*$/;

/** One of the two places: what is to be there, and the element that shows it. */
interface Place {
  thing: ShownThing;
  view: HTMLElement | null;
}

/** The class's screen: whatever a teacher shows, as large as it gets; two things stand side by side. */
class PanelPage extends HubElement {
  static readonly immersive = true;
  static override properties = { places: { state: true } };
  static override styles = [
    base,
    css`
      :host { position: fixed; inset: 0; background: #0a0f0e; color: #e8efec; display: grid; }
      :host([still]) { cursor: none; }
      .idle { place-self: center; display: grid; justify-items: center; gap: var(--space-5); text-align: center; }
      .idle svg { width: 7rem; height: 7rem; color: var(--sun); }
      .wrong { position: fixed; inset: auto 0 0 0; padding: var(--space-5); pointer-events: none; }
      .views { display: grid; grid-auto-columns: minmax(0, 1fr); grid-auto-flow: column; gap: 0.25rem; min-width: 0; min-height: 0; }
      .view { display: grid; min-width: 0; min-height: 0; overflow: hidden; }
      .view > * { width: 100%; height: 100%; min-height: 0; min-width: 0; }
      @media (orientation: portrait) { .views { grid-auto-flow: row; grid-auto-rows: minmax(0, 1fr); } }
    `,
  ];
  declare places: Place[];
  private turn = 0;

  constructor() {
    super();
    this.places = [];
  }

  protected override arrive(): void {
    this.speak();
    const still = this.settled(() => this.toggleAttribute("still", true), STILL);
    this.on(document, "pointermove", (event) => {
      if ((event as PointerEvent).pointerType === "mouse") this.toggleAttribute("still", false);
      still();
    });
    still();
    this.on(this, "cannot-show", (event) => void this.cannot(event as CustomEvent));
    this.until(
      hub.stream.subscribe("x/hub/show", (_, payload) => {
        const both = isShown(payload) ? [payload, payload.beside] : [];
        void this.put(both.filter((one) => one !== null && one !== undefined));
      }),
    );
  }

  /**
   * Nobody chooses a language at the class's screen, and its browser's is that of the system:
   * `?language=` says it, `hub` for the hub's own.
   */
  private speak(): void {
    const wanted = new URLSearchParams(location.search).get("language");
    const language = wanted === "hub" ? data.hub.language : wanted;
    if (language && i18n.offered.includes(language) && i18n.language !== language) {
      void i18n.use(language);
    }
  }

  /** What is shown says that it cannot be: the teacher who has put it there learns of it. */
  private async cannot(event: CustomEvent): Promise<void> {
    const place = this.places.find((one) => one.view && event.composedPath().includes(one.view));
    if (!place || place.thing.trouble === event.detail) return;
    const body = { at: place.thing.at, trouble: event.detail };
    await hub.api.put("/panel/trouble", body).catch(() => {}); // the screen says it all the same
  }

  /** Show these; what is there already and only changed stays the same element. */
  private async put(things: ShownThing[]): Promise<void> {
    const turn = ++this.turn;
    const left = [...this.places];
    const places = await Promise.all(
      things.map(async (thing) => {
        const same = left.findIndex(
          (one) => one.view && one.thing.element === thing.element && one.thing.at === thing.at,
        );
        const [before] = same >= 0 ? left.splice(same, 1) : [];
        const view = before?.view ?? (await made(thing));
        if (view) dress(view, thing);
        return { thing, view };
      }),
    );
    if (turn === this.turn) this.places = places;
  }

  override render(): TemplateResult {
    const wrong = html`<div class="wrong"><hub-alert-strip lesson></hub-alert-strip></div>`;
    const seen = this.places.filter((one) => one.view !== null);
    if (seen.length > 0) {
      return html`<div class="views">${seen.map((one) => html`<div class="view">${one.view}</div>`)}</div>${wrong}`;
    }
    return html`${wrong}<div class="idle">${brandMark()}<h1>${givenName(data.hub.name) || t("Classroom hub")}</h1>
      ${hub.session.lesson ? html`<p>${hub.session.lesson.title}</p>` : nothing}</div>`;
  }
}
define("hub-panel-page", PanelPage);

function isShown(payload: unknown): payload is Shown {
  const said = payload as Partial<Shown> | null;
  return typeof said?.element === "string" && typeof said.attributes === "object";
}

/** The element that is shown: one of the shell's, or of a plugin that says it has it; else null. */
async function made(shown: ShownThing): Promise<HTMLElement | null> {
  const own = shown.element === "hub-panel-picture" || shown.element === "hub-live-view";
  const plugin = data.plugins.find((one) =>
    one.elements.some((element) => element.tag === shown.element),
  );
  if (!own && !plugin) return null;
  if (shown.element === "hub-live-view") await import("@classhub/live-view");
  const part = plugin?.elements.find((element) => element.tag === shown.element);
  if (plugin && part) await import(/* @vite-ignore */ plugin.base + part.module);
  return document.createElement(shown.element);
}

/** Give an element just the attributes that it is to have; `shown-at` is when it was put there. */
function dress(view: HTMLElement, { attributes, at }: ShownThing): void {
  const wanted = new Map(Object.entries(attributes).filter(([name]) => ATTRIBUTE.test(name)));
  if (at) wanted.set("shown-at", at);
  for (const name of view.getAttributeNames()) {
    if (!wanted.has(name) && name !== "class" && name !== "style") view.removeAttribute(name);
  }
  for (const [name, value] of wanted) {
    if (view.getAttribute(name) !== String(value)) view.setAttribute(name, String(value));
  }
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
            cannotShow(this, "not-loaded");
          }}>`;
  }
}
define("hub-panel-picture", PanelPicture);
