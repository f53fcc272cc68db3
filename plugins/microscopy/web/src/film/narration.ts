import { hub, N_, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { minutes } from "../series/series-button.js";
import { keepSound, SOUNDS } from "./media.js";
import { MOST_SECONDS, type Narration } from "./model.js";

const NOT_HEARD: Problem = {
  code: "microphone",
  title: N_("The microphone could not be used."),
  hint: N_("Allow it in the browser, or record with another program and choose the file here."),
  severity: "warning",
};

/** Dispatched when something else shall be heard. */
export class NarratedEvent extends Event {
  constructor(readonly narration: Narration) {
    super("narrated");
  }
}

/** Why this browser cannot record here, as a message id; null where it can. */
export function whyNoRecording(): string | null {
  // Browsers give the microphone to secure pages only: https, or the hub's own computer.
  if (!isSecureContext) {
    return N_(
      "Browsers record only on secure pages. Open this film on the hub's own computer or by its https address, or record with a phone and choose the file here.",
    );
  }
  if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === "undefined") {
    return N_("This browser cannot record. Record with another program and choose the file here.");
  }
  const rules = (document as { featurePolicy?: { allowsFeature(name: string): boolean } })
    .featurePolicy;
  if (rules && !rules.allowsFeature("microphone")) {
    return N_(
      "The hub's pages may not use the microphone. Record with another program and choose the file here.",
    );
  }
  return null;
}

/** The form of sound that this browser records and films take. */
function recorded(): string | undefined {
  const forms = ["audio/webm", "audio/mp4", "audio/ogg"];
  return forms.find((form) => MediaRecorder.isTypeSupported(form));
}

/** What is heard in a film: nothing, a recording, or its words spoken by the hub. */
export class FilmNarration extends HubElement {
  static override properties = {
    narration: { attribute: false },
    lesson: {},
    speech: { type: Boolean },
    busy: { state: true },
    recorder: { state: true },
    seconds: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-3); }
      audio { width: 100%; }
      .file { position: relative; overflow: hidden; cursor: pointer; }
      .file input { position: absolute; inset: 0; opacity: 0; height: 100%; cursor: pointer; }
      .file:has(:focus-visible) { outline: 3px solid var(--focus); outline-offset: 2px; }
      .now { color: var(--bad); font-variant-numeric: tabular-nums; }
    `,
  ];
  declare narration: Narration;
  declare lesson: string | null;
  declare speech: boolean;
  declare busy: boolean;
  declare recorder: MediaRecorder | null;
  declare seconds: number;
  declare problem: Problem | null;

  constructor() {
    super();
    this.narration = { kind: "none", asset: null };
    this.lesson = null;
    this.speech = false;
    this.busy = false;
    this.recorder = null;
    this.seconds = 0;
    this.problem = null;
  }

  protected override arrive(): void {
    this.every(1_000, () => {
      if (!this.recorder) return;
      this.seconds += 1;
      if (this.seconds >= MOST_SECONDS) this.recorder.stop();
    });
  }

  protected override leave(): void {
    this.recorder?.stop();
  }

  private tell(narration: Narration): void {
    this.dispatchEvent(new NarratedEvent(narration));
  }

  private async keep(sound: Blob, title: string): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      const asset = await keepSound(sound, title, this.lesson);
      this.tell({ kind: "recording", asset: asset.id });
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.busy = false;
  }

  private choose(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = "";
    if (file) void this.keep(file, file.name);
  }

  private async record(): Promise<void> {
    this.problem = null;
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      this.problem = NOT_HEARD;
      return;
    }
    const parts: Blob[] = [];
    const recorder = new MediaRecorder(stream, { mimeType: recorded() });
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      this.recorder = null;
      void this.keep(new Blob(parts, { type: recorder.mimeType }), t("Narration"));
    });
    recorder.start(1_000);
    this.seconds = 0;
    this.recorder = recorder;
  }

  override render(): TemplateResult {
    const { kind, asset } = this.narration;
    const why = whyNoRecording();
    return html`<hub-notice .problem=${this.problem}></hub-notice>
      <p>${
        kind === "none"
          ? t("Nothing is heard.")
          : kind === "spoken"
            ? t("The hub speaks titles and captions. They are heard in the finished film.")
            : t("A recording is heard.")
      }</p>
      ${asset ? html`<audio controls preload="metadata" src=${hub.api.url(`/assets/${encodeURIComponent(asset)}/content`)}></audio>` : nothing}
      <div class="row">
        ${
          this.recorder
            ? html`<button class="primary" @click=${() => this.recorder?.stop()}>${icon("stop")}${t("Stop recording")}</button>
              <span class="now" role="status">${minutes(this.seconds)}</span>`
            : this.ways(kind, why === null)
        }
      </div>
      ${why ? html`<p class="muted small">${t(why)}</p>` : nothing}`;
  }

  private ways(kind: Narration["kind"], records: boolean): TemplateResult {
    return html`<label class="button file">${icon("plus")}${t("Choose a sound file")}<input type="file" accept=${SOUNDS.join(",")} ?disabled=${this.busy} @change=${this.choose}></label>
      ${records ? html`<button ?disabled=${this.busy} @click=${this.record}>${icon("mic")}${t("Record")}</button>` : nothing}
      ${
        this.speech && kind !== "spoken"
          ? html`<button @click=${() => this.tell({ kind: "spoken", asset: null })}>${icon("volume")}${t("Spoken by the hub")}</button>`
          : nothing
      }
      ${kind === "none" ? nothing : html`<button class="danger" @click=${() => this.tell({ kind: "none", asset: null })}>${icon("close")}${t("No sound")}</button>`}`;
  }
}
define("hub-film-narration", FilmNarration);
