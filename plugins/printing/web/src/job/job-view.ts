import { ApiProblem, hub, type Problem, problemOf } from "@classhub/client";
import {
  define,
  HubElement,
  i18n,
  icon,
  navigate,
  personName,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { approve, deleteJob, getJob, Places, PrinterList, setJob, take, upload } from "../api.js";
import { DRAW } from "../drawings.js";
import {
  ACCEPTED,
  changedMuch,
  firstWithPlace,
  isOver,
  isRunning,
  isWorking,
  type Job,
  type Offer,
  offersFor,
  placeInFile,
  type Settings,
  type Work,
  withProgress,
  withWork,
} from "../model.js";
import {
  duration,
  grams,
  moment,
  nextText,
  percent,
  stateText,
  stateTone,
  stoppedText,
} from "../words.js";
import "../view/model-view.js";
import { jobStyles } from "./job-view.styles.js";
import "./left-out.js";
import "./pictures.js";
import type { SettingsEvent } from "./settings.js";
import "./settings.js";
import "./send-back.js";
import "./sure.js";
import type { OfferEvent, ShowEvent } from "./verdict.js";
import "./verdict.js";

/** One job: the model in 3D, what the check says, what to do, how it goes. */
export class JobView extends HubElement {
  static override properties = {
    job: { attribute: false },
    file: { attribute: false },
    shown: { state: true },
    layered: { state: true },
    busy: { state: true },
    sending: { state: true },
    problem: { state: true },
    asking: { state: true },
    setting: { state: true },
    sure: { state: true },
  };
  static override styles = jobStyles;
  /** The job's id; empty while its file is still being sent. */
  declare job: Job | null;
  /** The file on this device: it is drawn until the hub's own preview is there. */
  declare file: File | null;
  /** Which finding is lit up in the 3D view. */
  declare shown: number | null;
  declare layered: boolean;
  declare busy: boolean;
  /** The share of the file that has been sent; null while none is. */
  declare sending: number | null;
  declare problem: Problem | null;
  declare asking: boolean;
  /** How to print it is unfolded. */
  declare setting: boolean;
  /** What is asked about before it is done: neither can be taken back. */
  declare sure: "cancel" | "delete" | null;
  private readonly printers = new PrinterList(this);
  private follows = "";
  private unfollow: () => void = () => {};

  constructor() {
    super();
    this.job = null;
    this.file = null;
    this.shown = null;
    this.layered = false;
    this.busy = false;
    this.sending = null;
    this.problem = null;
    this.asking = false;
    this.setting = false;
    this.sure = null;
    new Places(
      this,
      () => this.job?.state === "queued",
      () => void this.renew(),
    );
  }

  protected override arrive(): void {
    this.on(i18n, "change", () => void this.renew());
  }

  protected override leave(): void {
    this.unfollow();
    this.follows = "";
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("job")) return;
    const before = changed.get("job") as Job | null | undefined;
    if (this.job && this.job.id !== this.follows) this.follow(this.job.id);
    // What is gravest is lit up by itself; a new version has new places.
    if (JSON.stringify(before?.verdict) !== JSON.stringify(this.job?.verdict)) {
      const first = firstWithPlace(this.job?.verdict ?? null);
      const grave = this.job?.verdict?.findings[first]?.severity === "refuse";
      this.shown = first >= 0 && grave ? first : null;
    }
    if (!this.job?.layers) this.layered = false;
    // Finished G-code has no model: its layers are all that there is to see.
    else if (this.job.kind === "gcode" && !this.layered) this.layer(true);
  }

  private follow(id: string): void {
    this.unfollow();
    this.follows = id;
    const job = hub.stream.subscribe(
      `x/printing/jobs/${id}`,
      (_, payload) => {
        const news = payload as Partial<Job> | null;
        if (this.job && news && !changedMuch(this.job, news))
          this.job = withProgress(this.job, news);
        else void this.renew();
      },
      () => void this.renew(),
    );
    const work = hub.stream.subscribe(`x/printing/jobs/${id}/work`, (_, payload) => {
      if (this.job) this.job = withWork(this.job, payload as Work);
    });
    this.unfollow = () => {
      job();
      work();
    };
  }

  private async renew(): Promise<void> {
    if (!this.follows) return;
    try {
      this.take(await getJob(this.follows));
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private take(job: Job): void {
    if (this.job && this.job.id === job.id && this.job.updated > job.updated) return;
    this.job = job;
    this.dispatchEvent(new CustomEvent("job", { detail: job }));
  }

  private can(step: string): boolean {
    return this.job?.can.includes(step) ?? false;
  }

  private step(step: string, body: unknown = {}): Promise<void> {
    return this.does((job) => take(job.id, step, body));
  }

  private async does(what: (job: Job) => Promise<Job>): Promise<void> {
    const job = this.job;
    if (!job || this.busy) return;
    this.busy = true;
    try {
      const after = await what(job);
      if (after.id === job.id) this.take(after);
      else navigate(`/print/jobs/${encodeURIComponent(after.id)}`);
    } catch (error) {
      sayProblem(problemOf(error));
      // Somebody else was faster, or other lines are left out now: show how it is.
      if (error instanceof ApiProblem && error.status === 409) void this.renew();
    }
    this.busy = false;
  }

  private async set(settings: Settings): Promise<void> {
    if (!this.job) return;
    this.busy = true;
    try {
      this.take(await setJob(this.job.id, { settings: { ...this.job.settings, ...settings } }));
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  private async accept(offer: Offer): Promise<void> {
    switch (offer.kind) {
      case "repair":
        return this.step("repair");
      case "unit":
      case "smaller":
        return this.step("change", { factor: offer.factor });
      case "fit":
      case "better":
        return this.step("change", { rotation: offer.rotation });
      default:
        return this.set({ [offer.kind]: true });
    }
  }

  private async replace(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = "";
    if (!file || !this.job) return;
    this.file = file;
    this.sending = 0;
    try {
      const replaces = this.job.id;
      this.take(await upload(file, { replaces, progress: (share) => (this.sending = share) }));
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.sending = null;
  }

  private async discard(): Promise<void> {
    if (!this.job) return;
    const { id } = this.job;
    // That it is gone is no news then, and nothing to ask for.
    this.unfollow();
    try {
      await deleteJob(id);
      say(t("The job is deleted."));
      navigate("/print", { replace: true });
    } catch (error) {
      sayProblem(problemOf(error));
      this.follow(id);
    }
  }

  override render(): TemplateResult {
    const job = this.job;
    const printer = this.printers.for(job);
    const places =
      this.shown === null ? null : (job?.verdict?.findings[this.shown]?.places ?? null);
    const name = job?.name ?? this.file?.name ?? "";
    return html`<div class="layout">
      <div class="look">
        ${
          this.layered && job?.layers
            ? html`<hub-print-layers .src=${job.layers} .volume=${printer?.volume ?? null}></hub-print-layers>`
            : html`<hub-print-model class=${job?.state === "refused" && !job.preview && !job.thumbnail ? "nothing" : ""} .src=${job?.preview ?? ""} .file=${job?.preview ? null : this.file} .volume=${printer?.volume ?? null}
              .places=${places} .picture=${job?.thumbnail ?? ""} ?shapeless=${job?.state === "refused"} label=${name ? t("{name} in 3D. The arrow keys turn it, plus and minus come closer.", { name }) : ""}></hub-print-model>`
        }
        ${job?.layers && job.kind === "model" ? this.switch() : nothing}
      </div>
      <div class="words">
        <header><h1>${name}</h1>${job ? this.state(job) : nothing}</header>
        <hub-notice .problem=${this.problem}></hub-notice>
        ${this.sending !== null ? this.upload(this.sending) : nothing}
        ${job ? this.body(job) : nothing}
      </div>
    </div>`;
  }

  private layer(layered: boolean): void {
    if (layered) void import("../layers/layers-view.js");
    this.layered = layered;
  }

  private switch(): TemplateResult {
    const tab = (layered: boolean, drawing: TemplateResult, words: string) =>
      html`<button aria-pressed=${this.layered === layered ? "true" : "false"} @click=${() => this.layer(layered)}>${drawing}${words}</button>`;
    return html`<div class="switch" role="group" aria-label=${t("What is shown")}>${tab(false, DRAW.box(), t("Model"))}${tab(true, DRAW.layers(), t("Layers"))}</div>`;
  }

  private state(job: Job): TemplateResult {
    const owner = hub.session.may("teacher") && job.owner ? personName(job.owner.name) : "";
    return html`<p class="row"><span class="chip big-chip" data-state=${job.state}><span class="dot ${stateTone(job.state)}"></span>${stateText(job)}</span>
      ${owner ? html`<span class="chip">${icon("person")}${owner}</span>` : nothing}</p>`;
  }

  private upload(share: number): TemplateResult {
    return html`<div class="working" role="status"><progress max="1" .value=${share} aria-label=${t("Sending the file")}></progress>
      <p>${share < 1 ? t("The file is being sent: {share}", { share: percent(share) }) : t("The file is sent. The hub takes it in.")}</p></div>`;
  }

  private body(job: Job): TemplateResult {
    return html`
      ${this.next(job)}
      ${isRunning(job) && job.progress ? this.progress(job) : nothing}
      ${job.warning ? html`<hub-notice .problem=${{ ...job.warning, severity: "warning" as const }}></hub-notice>` : nothing}
      ${this.decide(job)}
      ${job.verdict ? this.verdict(job) : nothing}
      ${job.left_out.length ? html`<hub-print-left-out .kinds=${job.left_out} ?open=${this.can("approve")} ?over=${isOver(job)}></hub-print-left-out>` : nothing}
      ${this.facts(job)}
      ${this.can("edit") && job.kind === "model" && job.verdict?.printable ? this.settings(job) : nothing}
      ${this.further(job)}
      ${job.pictures.length ? html`<hub-print-pictures .pictures=${job.pictures} .name=${job.name}></hub-print-pictures>` : nothing}`;
  }

  private next(job: Job): TemplateResult {
    if (isWorking(job)) {
      return html`<div class="working" role="status">${
        job.progress
          ? html`<progress max="1" .value=${job.progress.fraction} aria-label=${stateText(job)}></progress>`
          : html`<progress aria-label=${stateText(job)}></progress>`
      }<p>${job.progress?.message ? t(job.progress.message) : nextText(job)}</p></div>`;
    }
    if (job.state === "refused" && job.verdict) {
      // Where the model is at fault the verdict says it all, and better.
      return job.verdict.printable
        ? html`<hub-notice .problem=${job.problem}></hub-notice>`
        : html``;
    }
    const words = nextText(job);
    const tone = job.state === "sent-back" ? "note" : "";
    const place = placeInFile(job.problem);
    const stopped = stoppedText(job);
    return html`<p class="next ${tone}" role="status" ?hidden=${!words}>${words}</p>
      ${stopped ? html`<p class="stopped">${DRAW.layers()}<span>${stopped}</span></p>` : nothing}
      ${place ? html`<p class="muted place">${t("Line {line} of the file:", { line: place.line })} <code>${place.text}</code></p>` : nothing}
      ${job.state === "sent-back" ? this.another(job) : nothing}`;
  }

  private progress(job: Job): TemplateResult {
    const {
      fraction,
      layer,
      layers,
      seconds_left: left,
      done_at: done,
    } = job.progress ?? { fraction: 0, seconds_left: null, done_at: null };
    return html`<div class="working"><progress max="1" .value=${fraction} aria-label=${t("Print")}></progress>
      <p class="row"><strong>${percent(fraction)}</strong>
        ${left ? html`<span>${t("{time} to go", { time: duration(left) })}</span>` : nothing}
        ${done ? html`<span class="muted">${t("done at {time}", { time: moment(done) })}</span>` : nothing}
        ${layer && layers ? html`<span class="muted">${t("layer {layer} of {layers}", { layer, layers })}</span>` : nothing}</p></div>`;
  }

  /** For the teacher: yes or no. */
  private decide(job: Job): TemplateResult | typeof nothing {
    if (!this.can("approve") && !this.can("send-back")) return nothing;
    return html`<div class="decide">
      ${this.can("approve") ? html`<button class="primary big" ?disabled=${this.busy} @click=${() => this.does(approve)}>${icon("check")}${t("Approve")}</button>` : nothing}
      ${this.can("send-back") ? html`<button class="big" ?disabled=${this.busy} @click=${() => (this.asking = true)}>${icon("undo")}${t("Send back")}</button>` : nothing}
      <hub-send-back ?open=${this.asking} .name=${job.name} @close=${() => (this.asking = false)}
        @note=${(event: CustomEvent<string>) => {
          this.asking = false;
          void this.step("send-back", { note: event.detail });
        }}></hub-send-back></div>`;
  }

  private verdict(job: Job): TemplateResult | typeof nothing {
    if (!job.verdict || isOver(job) || isRunning(job)) return nothing;
    const volume = this.printers.for(job)?.volume ?? null;
    const offers = offersFor(job.verdict, volume, job.settings).filter((one) =>
      this.can(
        { repair: "repair", supports: "edit", brim: "edit" }[one.kind as string] ?? "change",
      ),
    );
    return html`<section class="card pad"><hub-print-verdict .verdict=${job.verdict} .offers=${offers} .shown=${this.shown} ?busy=${this.busy}
      @place=${(event: ShowEvent) => (this.shown = event.index)}
      @offer=${(event: OfferEvent) => void this.accept(event.offer)}></hub-print-verdict></section>`;
  }

  private facts(job: Job): TemplateResult | typeof nothing {
    const { seconds, grams: weight, layers } = job.estimate ?? {};
    if (!seconds && !weight) return nothing;
    return html`<dl class="facts">
      ${seconds ? html`<div>${DRAW.clock()}<dt>${t("Takes")}</dt><dd>${duration(seconds)}</dd></div>` : nothing}
      ${weight ? html`<div>${DRAW.weight()}<dt>${t("Plastic")}</dt><dd>${grams(weight)}</dd></div>` : nothing}
      ${layers ? html`<div>${DRAW.layers()}<dt>${t("Layers")}</dt><dd>${layers}</dd></div>` : nothing}
    </dl>`;
  }

  private settings(job: Job): TemplateResult {
    return html`<details class="card pad" @toggle=${(event: Event) => {
      this.setting = (event.target as HTMLDetailsElement).open;
    }}><summary>${icon("sliders")}${t("How to print it")}</summary>
      ${
        this.setting
          ? html`<hub-print-settings .settings=${job.settings} .printer=${job.printer_wanted ?? this.printers.for(job)?.id ?? null} ?disabled=${this.busy}
        @settings=${(event: SettingsEvent) => void this.set(event.settings)}></hub-print-settings>`
          : nothing
      }</details>`;
  }

  private another(job: Job): TemplateResult | typeof nothing {
    if (!this.can("file")) return nothing;
    // Where the model can be mended here, the verdict offers that first.
    const asks = job.state === "sent-back" || (job.state === "refused" && !job.verdict);
    return html`<div><label class="button ${asks ? "primary" : ""}">${DRAW.upload()}${t("Send a new version")}
      <input class="visually-hidden" type="file" accept=${ACCEPTED} @change=${this.replace}></label></div>`;
  }

  private further(job: Job): TemplateResult {
    return html`<div class="row further">
      ${job.state === "sent-back" ? nothing : this.another(job)}
      ${this.can("pause") ? html`<button ?disabled=${this.busy} @click=${() => this.step("pause")}>${icon("pause")}${t("Pause")}</button>` : nothing}
      ${this.can("resume") ? html`<button class="primary" ?disabled=${this.busy} @click=${() => this.step("resume")}>${icon("play")}${t("Go on")}</button>` : nothing}
      ${this.can("reprint") ? html`<button ?disabled=${this.busy} @click=${() => this.step("reprint")}>${DRAW.reprint()}${t("Print it again")}</button>` : nothing}
      ${this.can("cancel") ? html`<button class="danger" ?disabled=${this.busy} @click=${() => (isRunning(job) ? this.ask("cancel") : this.step("cancel"))}>${icon("close")}${isRunning(job) ? t("Stop the print") : t("Do not print it")}</button>` : nothing}
      ${this.can("delete") ? html`<button class="danger" ?disabled=${this.busy} @click=${() => this.ask("delete")}>${icon("erase")}${t("Delete")}</button>` : nothing}
      <hub-print-sure .what=${this.sure} .name=${job.name} @close=${() => (this.sure = null)}
        @sure=${() => {
          const what = this.sure;
          this.sure = null;
          void (what === "delete" ? this.discard() : this.step("cancel"));
        }}></hub-print-sure>
    </div>`;
  }

  private ask(what: "cancel" | "delete"): void {
    this.sure = what;
  }
}
define("hub-print-job", JobView);
