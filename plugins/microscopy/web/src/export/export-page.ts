import { hub, type Lesson, type Operation, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, i18n, icon, number, Running, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { exportStyles } from "./export-page.styles.js";

interface Made {
  file: string;
  name: string;
  media_type: string;
  size: number;
  missing: string[];
  left_out: string[];
}

interface Preset {
  title: string;
  max_side: number;
  max_bytes: number;
  max_video_bytes: number;
}

type Format = "zip" | "report" | "png" | "ome-tiff" | "jpeg";

const MEGABYTE = 1_000_000;

/** Pictures to use elsewhere: which form, which marks, then one file. */
class ExportPage extends HubElement {
  static override properties = {
    format: { state: true },
    preset: { state: true },
    presets: { state: true },
    bar: { state: true },
    annotations: { state: true },
    handedIn: { state: true },
    lesson: { state: true },
    made: { state: true },
    problem: { state: true },
  };
  static override styles = exportStyles;
  declare format: Format;
  declare preset: string;
  declare presets: Record<string, Preset>;
  declare bar: boolean;
  declare annotations: boolean;
  declare handedIn: boolean;
  declare lesson: Lesson | null;
  declare made: Made | null;
  declare problem: Problem | null;
  private assets: string[] = [];
  private album: string | null = null;
  private readonly running = new Running(this);

  constructor() {
    super();
    this.format = "zip";
    this.preset = "";
    this.presets = {};
    this.bar = true;
    this.annotations = true;
    this.handedIn = false;
    this.lesson = null;
    this.made = null;
    this.problem = null;
  }

  protected override arrive(): void {
    const asked = new URLSearchParams(location.search);
    this.album = asked.get("lesson");
    this.assets = (asked.get("assets") ?? "").split(",").filter(Boolean);
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const found = await hub.api.get<{ items: Record<string, Preset> }>("/exports/presets");
      this.presets = found.items;
      if (this.album) {
        this.lesson = await hub.api.get<Lesson>(`/lessons/${encodeURIComponent(this.album)}`);
      }
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async begin(): Promise<void> {
    this.problem = null;
    this.made = null;
    this.made = await this.running.follow<Made>(() =>
      hub.api.post<Operation>("/exports", {
        format: this.format,
        ...(this.album
          ? { lesson: this.album, handed_in: this.handedIn }
          : { assets: this.assets }),
        ...(this.format === "jpeg" && this.preset ? { preset: this.preset } : {}),
        scale_bar: this.bar,
        annotations: this.annotations,
        language: i18n.language,
      }),
    );
  }

  private print(): void {
    const frame = this.renderRoot.querySelector<HTMLIFrameElement>("iframe");
    frame?.contentWindow?.print();
  }

  private choose(change: () => void): void {
    change();
    void this.running.giveUp();
    this.made = null;
    this.problem = null;
  }

  override render(): TemplateResult {
    const nothingChosen = !this.album && this.assets.length === 0;
    const back = this.album ? `/lessons/${this.album}/album` : "/albums?show=all";
    return html`<div class="page">
      <header><a class="button quiet icon" href=${back} aria-label=${t("Back to the album")}>${icon("arrow-left")}</a>
        <div class="grow"><h1>${t("Export pictures")}</h1>
        <p class="muted">${
          this.album
            ? (this.lesson?.title ?? "")
            : tn("{n} picture", "{n} pictures", this.assets.length)
        }</p></div></header>
      <hub-notice .problem=${this.problem ?? this.running.problem}></hub-notice>
      ${nothingChosen ? html`<p class="card pad">${t("Choose pictures in an album first.")}</p>` : this.choices()}
      ${this.made ? this.ready(this.made) : nothing}
    </div>`;
  }

  private choices(): TemplateResult {
    return html`<fieldset class="forms" ?disabled=${this.running.busy}><legend class="visually-hidden">${t("Form")}</legend>
      ${this.choice("zip", "download", t("Album as ZIP"), t("All pictures as they are, a table, and a page that opens without the hub."))}
      ${this.choice("report", "printer", t("Report sheets"), t("A sheet for each picture with measurements, question and answer: to print, or to save as PDF."))}
      ${this.choice("png", "images", t("PNG with scale bar"), t("For slides and documents."))}
      ${this.choice("jpeg", "send", t("Ready to upload"), t("JPEG and MP4, small enough for a learning platform."))}
      ${this.choice("ome-tiff", "microscope", t("OME-TIFF"), t("For ImageJ and other programs of science: the scale is in it."))}
    </fieldset>
    <div class="card pad options">
      ${this.format === "jpeg" ? this.platforms() : nothing}
      ${
        this.format === "ome-tiff"
          ? nothing
          : this.tick(t("Scale bar"), this.bar, (on) => {
              this.bar = on;
            })
      }
      ${
        this.format === "ome-tiff"
          ? nothing
          : this.tick(t("What is drawn on the pictures"), this.annotations, (on) => {
              this.annotations = on;
            })
      }
      ${
        this.album
          ? this.tick(t("Only what was handed in"), this.handedIn, (on) => {
              this.handedIn = on;
            })
          : nothing
      }
      <div class="row">${
        this.running.busy
          ? html`<progress max="1" .value=${this.running.operation?.fraction ?? 0} aria-label=${t("The file is being made")}></progress>
            <button ?disabled=${!this.running.operation} @click=${() => void this.running.stop()}>${icon("close")}${t("Cancel")}</button>`
          : html`<button class="primary big" @click=${this.begin}>${icon("play")}${t("Make the file")}</button>`
      }</div>
    </div>`;
  }

  private choice(format: Format, drawing: string, title: string, said: string): TemplateResult {
    return html`<label class="card form"><input type="radio" name="format" .checked=${this.format === format}
      @change=${() =>
        this.choose(() => {
          this.format = format;
        })}>
      ${icon(drawing)}<span><b>${title}</b><span class="muted small">${said}</span></span></label>`;
  }

  private platforms(): TemplateResult {
    return html`<div><label for="preset">${t("For")}</label>
      <select id="preset" @change=${(event: Event) =>
        this.choose(() => {
          this.preset = (event.target as HTMLSelectElement).value;
        })}>
      <option value="">${t("Full size")}</option>${Object.entries(this.presets).map(
        ([name, preset]) =>
          html`<option value=${name} ?selected=${name === this.preset}>${platform(preset)}</option>`,
      )}</select></div>`;
  }

  private tick(label: string, on: boolean, take: (on: boolean) => void): TemplateResult {
    return html`<label class="tick"><input type="checkbox" .checked=${on}
      @change=${(event: Event) => this.choose(() => take((event.target as HTMLInputElement).checked))}>${label}</label>`;
  }

  private ready(made: Made): TemplateResult {
    const page = made.media_type === "text/html";
    return html`<section class="card pad ready" aria-label=${t("The file is ready")}>
      <h2>${icon("check")}${t("The file is ready")}</h2>
      <p class="muted">${made.name} · ${t("{n} MB", { n: number(made.size / MEGABYTE, 1) })}</p>
      ${made.missing.length ? html`<p>${tn("{n} picture was deleted meanwhile and is not in it.", "{n} pictures were deleted meanwhile and are not in it.", made.missing.length)}</p>` : nothing}
      ${made.left_out.length ? html`<p>${tn("{n} video is not in it: take it along as ZIP or ready to upload.", "{n} videos are not in it: take them along as ZIP or ready to upload.", made.left_out.length)}</p>` : nothing}
      <div class="row">
        ${page ? html`<button class="primary" @click=${this.print}>${icon("printer")}${t("Print or save as PDF")}</button>` : nothing}
        <a class="button ${page ? "" : "primary"}" href=${made.file} download=${made.name}>${icon("download")}${t("Download")}</a>
      </div>
      ${page ? html`<iframe src=${made.file} title=${t("Report sheets")}></iframe>` : nothing}
      <p class="muted small">${t("It is kept for an hour.")}</p>
    </section>`;
  }
}

/** A platform and what it takes of a picture and of a video. */
function platform({ title, max_side, max_bytes, max_video_bytes }: Preset): string {
  return t("{platform}: {side} px, pictures {picture} MB, videos {video} MB", {
    platform: title,
    side: max_side,
    picture: number(max_bytes / MEGABYTE, 1),
    video: number(max_video_bytes / MEGABYTE),
  });
}
define("hub-export-page", ExportPage);
