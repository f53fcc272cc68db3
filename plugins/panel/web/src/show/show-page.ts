import {
  type Asset,
  hub,
  N_,
  type Page,
  type Problem,
  problemOf,
  type ShownThing,
} from "@classhub/client";
import {
  define,
  givenName,
  HubElement,
  i18n,
  icon,
  navigate,
  PanelState,
  type SetEvent,
  type Side,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { Material } from "../material.js";
import { mayShow, secondsLeft } from "../screen/fitting.js";
import "./at-hand.js";
import type { Thing } from "./at-hand.js";
import "./screen-time.js";
import { showPageStyles } from "./show-page.styles.js";

const MINUTES = [1, 3, 5, 10, 15, 30];
const FILES = "application/pdf,model/gltf-binary,model/stl,video/mp4";
const OWN = "panel";
/** So many files stand there at first: the newest are what a lesson needs. */
const FILES_FIRST = 5;
const LIVE = "hub-live-view";
const MODEL = "hub-screen-model";

/** What to do where the screen says that it cannot show something. */
const TROUBLES = {
  "not-playable": N_(
    "The class's screen cannot play this video. Save it as MP4 (H.264) and send it again.",
  ),
  "not-drawn": N_("The class's screen cannot draw this 3D model. Send a simpler one."),
  "not-loaded": N_("The class's screen does not get it. Take it off and show it again."),
};

/** What the class's screen shows, and what can be put on it; made for a phone in the hand. */
class ShowPage extends HubElement {
  static override properties = {
    things: { state: true },
    files: { state: true },
    origins: { state: true },
    pages: { state: true },
    busy: { state: true },
    allFiles: { state: true },
    problem: { state: true },
  };
  static override styles = showPageStyles;
  declare things: Thing[];
  declare files: Asset[];
  /** Servers whose pages may be shown; null while they are not known. */
  declare origins: string[] | null;
  /** How many pages PDFs have that are shown. */
  declare pages: Record<string, number>;
  declare busy: boolean;
  declare allFiles: boolean;
  declare problem: Problem | null;
  private readonly panel = new PanelState(this);

  constructor() {
    super();
    this.things = [];
    this.files = [];
    this.origins = null;
    this.pages = {};
    this.busy = false;
    this.allFiles = false;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
    this.on(i18n, "change", () => void this.load());
  }

  private async load(): Promise<void> {
    try {
      const [things, files, web] = await Promise.all([
        hub.api.get<{ items: Thing[] }>("/panel/things"),
        hub.api.get<Page<Asset>>("/assets", { media_type: FILES, limit: 30 }),
        hub.api.get<{ origins: string[] }>("/panel-web"),
      ]);
      this.things = things.items;
      this.files = files.items;
      this.origins = web.origins;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  protected override updated(): void {
    for (const { thing } of this.panel.things) {
      const asset = thing.attributes.asset;
      if (thing.element === "hub-screen-pdf" && asset && !(asset in this.pages)) {
        this.pages = { ...this.pages, [asset]: 0 };
        void this.count(asset);
      }
    }
  }

  private async count(asset: string): Promise<void> {
    try {
      const about = await hub.api.get<Material>(`/panel-files/${encodeURIComponent(asset)}`);
      this.pages = { ...this.pages, [asset]: about.pages ?? 0 };
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async send(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    this.busy = true;
    try {
      const form = new FormData();
      form.set("file", file);
      const seen = /^(image\/(jpeg|png)|video\/mp4)$/.test(file.type);
      const asset = await hub.api.form<Asset>(seen ? "/assets" : "/panel-files", form);
      if (asset.media_type.startsWith("model/")) navigate(`/models/${asset.id}`);
      else await this.panel.show({ asset: asset.id });
      await this.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
    input.value = "";
    this.busy = false;
  }

  private async message(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const text = field(event, "text").trim();
    if (text) await this.panel.show({ element: "hub-screen-message", attributes: { text } });
  }

  private async web(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const typed = field(event, "address").trim();
    const address = /^https?:\/\//.test(typed) ? typed : `https://${typed}`;
    if (!mayShow(address, this.origins ?? [])) {
      sayProblem({
        code: "not-listed",
        title: t("This server is not among those that the school shows."),
        hint: t("The lab engineer lists servers in the hub's settings."),
      } as Problem);
      return;
    }
    await this.panel.show({ element: "hub-screen-web", attributes: { address } });
    await this.look(address);
  }

  /** A page that does not let others show it leaves the screen white, and no browser says why. */
  private async look(address: string): Promise<void> {
    try {
      const { shows } = await hub.api.get<{ shows: boolean | null }>("/panel-web/look", {
        address,
      });
      if (shows) return;
      sayProblem({
        code: "not-shown",
        title:
          shows === null
            ? t("This page does not answer.")
            : t("This page does not let other pages show it."),
        hint:
          shows === null
            ? t("Check the address, and whether there is internet.")
            : t("Open it in the browser of the panel itself, or show a picture of it."),
      } as Problem);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const { things } = this.panel;
    const others = this.things.filter((one) => one.plugin !== OWN);
    return html`<div class="page"><h1>${t("Show on screen")}</h1>
      <hub-notice .problem=${this.problem}></hub-notice>
      <section class="card now" aria-live="polite"><h2>${t("On the class's screen now")}</h2>
        ${things.length === 0 ? html`<p class="muted">${t("Nothing; the screen shows the hub's name.")}</p>` : nothing}
        ${things.map(({ side, thing }) => this.thing(side, thing))}
        ${
          things.length > 0
            ? html`<hub-switch .label=${t("Show the next thing beside it")} .value=${this.panel.shown?.next_beside ?? false}
                @set=${(event: SetEvent<boolean>) => void this.panel.expect(event.value)}></hub-switch>`
            : nothing
        }<div class="row">${
          things.length > 0
            ? html`<button @click=${() => void this.panel.clear()}>${icon("close")}${t("Clear the class's screen")}</button>`
            : nothing
        }<a class="button" href="/panel" target="_blank" rel="noopener">${icon("monitor")}${t("Open the class's screen")}</a></div></section>
      <hub-show-at-hand .things=${others}></hub-show-at-hand>
      <div class="columns">${this.timerCard()}${this.messageCard()}${this.fileCard()}${this.webCard()}</div>
      <hub-screen-time></hub-screen-time></div>`;
  }

  private thing(side: Side, thing: ShownThing): TemplateResult {
    const trouble = thing.trouble ? TROUBLES[thing.trouble] : "";
    return html`<div class="thing"><span class="title">${this.titleOf(thing)}</span>${this.controls(side, thing)}
      <button class="icon" aria-label=${t("Take off the class's screen")} title=${t("Take off the class's screen")} @click=${() => void this.panel.clear(side)}>${icon("close")}</button></div>
      ${trouble ? html`<p class="trouble" role="status">${icon("warning")}<span>${t(trouble)}</span></p>` : nothing}`;
  }

  private titleOf({ element, attributes, title }: ShownThing): string {
    const file = this.files.find((one) => one.id === attributes.asset);
    const words = attributes.text || attributes.address || (file && givenName(file.title));
    return words ? `${t(title)}: ${words}` : t(title || element);
  }

  private controls(side: Side, thing: ShownThing): TemplateResult | typeof nothing {
    const { attributes: now } = thing;
    const change = (attributes: Record<string, string>) => () =>
      void this.panel.change(side, attributes);
    if (thing.element === "hub-screen-pdf") {
      const all = this.pages[now.asset ?? ""] ?? 0;
      const page = Number(now.page || 1);
      return html`<button class="icon" ?disabled=${page <= 1} aria-label=${t("Previous page")} @click=${change({ page: String(page - 1) })}>${icon("left")}</button>
        <span class="digits">${page}${all ? ` / ${all}` : ""}</span>
        <button class="icon" ?disabled=${all > 0 && page >= all} aria-label=${t("Next page")} @click=${change({ page: String(page + 1) })}>${icon("right")}</button>`;
    }
    if (thing.element === LIVE) {
      return now.paused
        ? html`<button @click=${change({ paused: "" })}>${icon("play")}${t("Go on")}</button>`
        : html`<button @click=${change({ paused: "yes" })}>${icon("pause")}${t("Freeze")}</button>`;
    }
    if (thing.element === "hub-screen-video") {
      return now.paused
        ? html`<button @click=${change({ paused: "" })}>${icon("play")}${t("Play")}</button>`
        : html`<button @click=${change({ paused: "yes" })}>${icon("pause")}${t("Pause")}</button>`;
    }
    if (thing.element === "hub-screen-timer") {
      const minute = { seconds: String(Number(now.seconds) + 60) };
      return html`${
        now.left
          ? html`<button @click=${() => void this.go(Number(now.left))}>${icon("play")}${t("Go on")}</button>`
          : html`<button @click=${() =>
              void this.panel.change(side, {
                left: String(secondsLeft(Number(now.seconds), thing.at, Date.now())),
              })}>${icon("pause")}${t("Pause")}</button>
            <button @click=${change(minute)}>${t("+1 minute")}</button>`
      }`;
    }
    if (thing.element === MODEL) {
      return html`<a class="button" href="/models/${encodeURIComponent(now.asset ?? "")}">${icon("box")}${t("Parts")}</a>`;
    }
    return nothing;
  }

  /** A timer that stood still goes on: it is begun anew with what was left. */
  private async go(seconds: number): Promise<void> {
    await this.panel.show({
      element: "hub-screen-timer",
      attributes: { seconds: String(Math.max(1, seconds)) },
    });
  }

  private fileCard(): TemplateResult {
    const files = this.allFiles ? this.files : this.files.slice(0, FILES_FIRST);
    return html`<section class="card"><h2>${t("File")}</h2>
      <p class="muted small">${t("PDF, picture, video (MP4), 3D model (GLB or STL)")}</p>
      <label class="button primary big" aria-busy=${String(this.busy)}>${icon("plus")}${this.busy ? t("It is being sent…") : t("Choose a file")}
        <input class="visually-hidden" type="file" accept=".pdf,.glb,.stl,.mp4,.jpg,.jpeg,.png" ?disabled=${this.busy} @change=${this.send}></label>
      <ul>${files.map((file) => this.file(file))}</ul>
      ${
        files.length < this.files.length
          ? html`<button class="quiet" @click=${() => {
              this.allFiles = true;
            }}>${t("All files ({n})", { n: this.files.length })}</button>`
          : nothing
      }</section>`;
  }

  private file(file: Asset): TemplateResult {
    const model = file.media_type.startsWith("model/");
    return html`<li><span class="title">${icon(model ? "box" : file.media_type.startsWith("video/") ? "film" : "file-text")}<span>${givenName(file.title)}</span></span>
      ${
        model
          ? html`<a class="button icon" href="/models/${encodeURIComponent(file.id)}" aria-label=${t("Parts")} title=${t("Parts")}>${icon("sliders")}</a>`
          : nothing
      }<hub-panel-button compact .asset=${file.id}></hub-panel-button></li>`;
  }

  private messageCard(): TemplateResult {
    return html`<section class="card"><h2>${t("Message")}</h2><form class="stack" @submit=${this.message}>
      <label class="visually-hidden" for="text">${t("Message")}</label>
      <textarea id="text" name="text" maxlength="600" placeholder=${t("Open your books at page 12")}></textarea>
      <button class="primary">${icon("present")}${t("Show")}</button></form></section>`;
  }

  private timerCard(): TemplateResult {
    return html`<section class="card"><h2>${t("Timer")}</h2><div class="minutes">${MINUTES.map(
      (minutes) =>
        html`<button @click=${() => void this.panel.show({ element: "hub-screen-timer", attributes: { seconds: String(minutes * 60) } })}>${t("{n} min", { n: minutes })}</button>`,
    )}</div></section>`;
  }

  private webCard(): TemplateResult {
    const origins = this.origins ?? [];
    return html`<section class="card"><h2>${t("Web page")}</h2>${
      origins.length === 0
        ? html`<p class="muted">${t("No server is listed yet. The lab engineer lists servers in the hub's settings.")}</p>`
        : html`<form class="stack" @submit=${this.web}><label class="visually-hidden" for="address">${t("Address")}</label>
          <input id="address" name="address" inputmode="url" list="origins" maxlength="2000" placeholder=${origins[0] ?? ""}>
          <datalist id="origins">${origins.map((one) => html`<option value=${one}></option>`)}</datalist>
          <button class="primary">${icon("present")}${t("Show")}</button></form>`
    }</section>`;
  }
}
define("hub-show-page", ShowPage);

function field(event: SubmitEvent, name: string): string {
  return String(new FormData(event.target as HTMLFormElement).get(name) ?? "");
}
