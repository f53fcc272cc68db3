import { type Asset, hub, type Lesson, problemOf, type Task, taskWords } from "@classhub/client";
import { base, clock, day, define, HubElement, icon, say, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";

interface HandIn {
  handed_in: string | null;
  answer: string;
  /** What it answers. */
  task: Task | null;
}

/** Handing a picture in, reading what was answered with it, showing it to the class. */
class HandInPart extends HubElement {
  static override properties = {
    asset: { attribute: false },
    given: { state: true },
    task: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
      .part { display: grid; gap: var(--space-2); justify-items: start; }
      textarea { width: 100%; }
      .said { white-space: pre-wrap; }
      .chip { background: var(--accent-soft); }
    `,
  ];
  declare asset: Asset | null;
  declare given: HandIn | null;
  /** What the lesson's pupils work on now. */
  declare task: Task | null;
  declare busy: boolean;

  constructor() {
    super();
    this.asset = null;
    this.given = null;
    this.task = null;
    this.busy = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("asset") as Asset | null | undefined;
    if (!changed.has("asset")) return;
    if (before?.id !== this.asset?.id) {
      this.given = null;
      this.task = null;
    }
    if (before?.id !== this.asset?.id || before?.handed_in !== this.asset?.handed_in) {
      void this.load();
    }
  }

  private get own(): boolean {
    const me = hub.session.principal;
    return me !== null && this.asset?.owner?.id === (me.person ?? me.id);
  }

  private async load(): Promise<void> {
    const { asset } = this;
    if (!asset?.lesson || !(this.own || hub.session.may("teacher"))) return;
    try {
      const [given, lesson] = await Promise.all([
        hub.api.get<HandIn>(`/assets/${asset.id}/hand-in`),
        hub.api.get<Lesson>(`/lessons/${asset.lesson}`),
      ]);
      if (this.asset?.id !== asset.id) return;
      this.given = given;
      this.task = lesson.task ?? null;
    } catch {
      this.given = null; // A pupil who has left the lesson; there is nothing to hand in to.
    }
  }

  private async send(): Promise<void> {
    const answer = this.renderRoot.querySelector("textarea")?.value.trim() ?? "";
    await this.change(async (path) => {
      await hub.api.put(path, { answer });
      this.given = { handed_in: new Date().toISOString(), answer, task: this.task };
      say(t("It is handed in."));
    });
  }

  private async takeBack(): Promise<void> {
    await this.change(async (path) => {
      await hub.api.delete(path);
      this.given = { handed_in: null, answer: "", task: null };
    });
  }

  private async change(work: (path: string) => Promise<void>): Promise<void> {
    if (!this.asset) return;
    this.busy = true;
    try {
      await work(`/assets/${this.asset.id}/hand-in`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  override render(): TemplateResult {
    return html`${this.given ? this.about(this.given) : nothing}
      ${
        this.asset && hub.session.may("teacher") && /^(image|video)\//.test(this.asset.media_type)
          ? html`<hub-panel-button .asset=${this.asset.id}></hub-panel-button>`
          : nothing
      }`;
  }

  private about(given: HandIn): TemplateResult | typeof nothing {
    const when = given.handed_in ? `${day(given.handed_in)}, ${clock(given.handed_in)}` : "";
    if (!this.own) {
      return given.handed_in
        ? html`<div class="part"><span class="chip">${icon("inbox")}${t("Handed in {when}", { when })}</span>
            ${given.task ? html`<p class="muted said">${taskWords(given.task)}</p>` : nothing}
            ${given.answer ? html`<p class="said">${given.answer}</p>` : nothing}</div>`
        : nothing;
    }
    return html`<div class="part">
      ${given.handed_in ? html`<span class="chip">${icon("inbox")}${t("Handed in {when}", { when })}</span>` : nothing}
      <label class="said" for="answer">${taskWords(this.task) || t("Your answer")}</label>
      <textarea id="answer" maxlength="2000" .value=${given.answer}></textarea>
      <div class="row"><button class=${given.handed_in ? "" : "primary"} ?disabled=${this.busy} @click=${this.send}>
        ${icon("send")}${given.handed_in ? t("Hand in again") : t("Hand in")}</button>
      ${given.handed_in ? html`<button class="quiet" ?disabled=${this.busy} @click=${this.takeBack}>${t("Take back")}</button>` : nothing}</div>
    </div>`;
  }
}
define("hub-hand-in", HandInPart);
