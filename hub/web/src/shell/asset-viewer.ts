import { type Asset, hub, problemOf } from "@classhub/client";
import {
  clock,
  day,
  define,
  givenName,
  HubElement,
  icon,
  lasting,
  optionText,
  personName,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { viewerStyles } from "./asset-viewer.styles.js";
import "./hand-in.js";
import { openersFor } from "./openers.js";

/** How far a finger goes, in CSS pixels, before it counts as turning over. */
const SWIPE = 50;
const SUFFIX: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "video/mp4": "mp4",
};

/** A picture of an album, large, with what is known of it. Dispatches close, previous, next, deleted. */
class AssetViewer extends HubElement {
  static override properties = {
    asset: { attribute: false },
    first: { type: Boolean },
    last: { type: Boolean },
    place: {},
    ahead: { attribute: false },
    asking: { state: true },
    broken: { state: true },
  };
  static override styles = viewerStyles;
  declare asset: Asset | null;
  declare first: boolean;
  declare last: boolean;
  /** Which picture of how many, such as "3 / 12". */
  declare place: string;
  /** Address of the picture after this one, to be fetched before it is asked for. */
  declare ahead: string;
  declare asking: boolean;
  declare broken: boolean;

  constructor() {
    super();
    this.asset = null;
    this.first = false;
    this.last = false;
    this.place = "";
    this.ahead = "";
    this.asking = false;
    this.broken = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("asset") as Asset | null | undefined;
    if (changed.has("asset") && before?.id !== this.asset?.id) {
      this.asking = false;
      this.broken = false;
    }
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("ahead") && this.ahead) new Image().src = this.ahead;
    if (!changed.has("asset")) return;
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.asset && !dialog?.open) dialog?.showModal();
    else if (!this.asset && dialog?.open) dialog.close();
  }

  private tell(type: "close" | "previous" | "next" | "deleted"): void {
    this.dispatchEvent(new Event(type));
  }

  private key(event: KeyboardEvent): void {
    // A video's own controls go by the arrows as well.
    const at = event.composedPath()[0];
    if (at instanceof HTMLTextAreaElement || at instanceof HTMLVideoElement) return;
    if (event.key === "ArrowLeft") this.tell("previous");
    if (event.key === "ArrowRight") this.tell("next");
  }

  private from: { x: number; y: number } | null = null;

  private touch(event: PointerEvent): void {
    const plain = event.pointerType !== "mouse" && !(event.target instanceof HTMLVideoElement);
    this.from = plain ? { x: event.clientX, y: event.clientY } : null;
  }

  /** A finger drawn across the picture turns it over, as in every album. */
  private swipe(event: PointerEvent): void {
    const from = this.from;
    this.from = null;
    if (!from) return;
    const across = event.clientX - from.x;
    if (Math.abs(across) < SWIPE || Math.abs(across) < Math.abs(event.clientY - from.y)) return;
    if (across < 0 && !this.last) this.tell("next");
    if (across > 0 && !this.first) this.tell("previous");
  }

  private get mine(): boolean {
    const owner = this.asset?.owner?.id;
    const me = hub.session.principal;
    return hub.session.may("teacher") || (me !== null && owner === (me.person ?? me.id));
  }

  private async saveNote(event: Event): Promise<void> {
    const asset = this.asset;
    const note = (event.target as HTMLTextAreaElement).value.trim();
    if (!asset || note === asset.note) return;
    try {
      await hub.api.patch(`/assets/${asset.id}`, { note });
      asset.note = note;
      say(t("The note is kept."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async erase(): Promise<void> {
    if (!this.asset) return;
    try {
      await hub.api.delete(`/assets/${this.asset.id}`);
      this.tell("deleted");
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    return html`<dialog aria-label=${t("Picture")} @cancel=${(event: Event) => {
      event.preventDefault();
      this.tell("close");
    }} @keydown=${this.key}>${this.asset ? this.content(this.asset) : nothing}</dialog>`;
  }

  private content(asset: Asset): TemplateResult {
    const when = `${day(asset.created)}, ${clock(asset.created)}`;
    const file = `${(asset.title || "picture").replace(/[^\p{L}\p{N} _-]/gu, "")} ${when.replace(/[^\d]+/g, "-")}.${SUFFIX[asset.media_type] ?? "bin"}`;
    return html`<div class="viewer">
      <figure @pointerdown=${this.touch} @pointerup=${this.swipe}>
        ${
          this.broken
            ? html`<div class="broken"><p>${
                isVideo(asset)
                  ? t("This browser cannot play the video. Download it and open it with a player.")
                  : t("This picture cannot be shown.")
              }</p></div>`
            : isVideo(asset)
              ? html`<video src=${asset.links.content} poster=${asset.links.thumbnail ? `${asset.links.thumbnail}?size=640` : nothing} controls playsinline preload="metadata" aria-label=${asset.note || givenName(asset.title)} @error=${() => {
                  this.broken = true;
                }}></video>`
              : html`<img src=${asset.links.content} alt=${asset.note || givenName(asset.title)} draggable="false" @error=${() => {
                  this.broken = true;
                }}>`
        }
        ${this.first ? nothing : html`<button class="over icon before" aria-label=${t("Picture before")} @click=${() => this.tell("previous")}>${icon("left")}</button>`}
        ${this.last ? nothing : html`<button class="over icon after" aria-label=${t("Next picture")} @click=${() => this.tell("next")}>${icon("right")}</button>`}
      </figure>
      <aside>
        <div class="head"><h2>${givenName(asset.title) || t("Picture")}</h2><span class="place">${this.place}</span>
          <button class="quiet icon" autofocus aria-label=${t("Close")} @click=${() => this.tell("close")}>${icon("close")}</button></div>
        <dl>
          <dt>${t("By")}</dt><dd>${personName(asset.owner?.name ?? "") || t("No name")}</dd>
          <dt>${t("When")}</dt><dd>${when}</dd>
          ${this.fact(t("Device"), typeof asset.info.device_name === "string" ? givenName(asset.info.device_name) : null)}
          ${this.fact(t("Objective"), typeof asset.info.objective === "string" ? optionText(asset.info.objective) : null)}
          ${typeof asset.info.seconds === "number" ? this.fact(t("Length of the video"), lasting(asset.info.seconds)) : nothing}
          ${asset.width && asset.height ? this.fact(t("Size"), `${asset.width} × ${asset.height}`) : nothing}
        </dl>
        ${this.openers(asset)}
        ${
          this.mine
            ? html`<div><label for="note">${t("Note")}</label>
              <textarea id="note" maxlength="2000" placeholder=${t("What do we see?")} .value=${asset.note} @change=${this.saveNote}></textarea></div>`
            : asset.note
              ? html`<p class="note">${asset.note}</p>`
              : nothing
        }
        <hub-hand-in .asset=${asset}></hub-hand-in>
        <div class="row">
          <a class="button" href=${asset.links.content} download=${file}>${icon("download")}${t("Download")}</a>
          ${
            this.mine && !this.asking
              ? html`<button class="danger" @click=${() => {
                  this.asking = true;
                }}>${icon("erase")}${t("Delete")}</button>`
              : nothing
          }
        </div>
        ${
          this.asking
            ? html`<div class="ask" role="alertdialog" aria-label=${t("Delete this picture for good?")}>
              <p>${t("Delete this picture for good?")}</p>
              <div class="row"><button class="danger" @click=${this.erase}>${t("Delete")}</button>
              <button @click=${() => {
                this.asking = false;
              }}>${t("Keep it")}</button></div></div>`
            : nothing
        }
      </aside>
    </div>`;
  }

  /** What can be done with the picture: the pages that open it. */
  private openers(asset: Asset): TemplateResult | typeof nothing {
    const found = this.broken ? [] : openersFor([asset]);
    if (found.length === 0) return nothing;
    return html`<nav class="openers" aria-label=${t("What to do with the picture")}>${found.map(
      ({ page, href }) =>
        html`<a class="button" href=${href}>${icon(page.icon ?? "device")}${t(page.opens?.title ?? page.title)}</a>`,
    )}</nav>`;
  }

  private fact(name: string, value: unknown): TemplateResult | typeof nothing {
    return typeof value === "string" && value ? html`<dt>${name}</dt><dd>${value}</dd>` : nothing;
  }
}

function isVideo(asset: Asset): boolean {
  return asset.media_type.startsWith("video/");
}
define("hub-asset-viewer", AssetViewer);
