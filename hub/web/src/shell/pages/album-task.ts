import { type Asset, hub, type Lesson, type Page, problemOf, type Task } from "@classhub/client";
import { base, clock, define, HubElement, icon, say, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** So many pictures of the album are offered to go with a sheet. */
const OFFERED = 24;

/** For the teacher: the sheet that every pupil of the lesson has; written, sent, taken away. */
class AlbumTask extends HubElement {
  static override properties = {
    lesson: { attribute: false },
    writing: { state: true },
    earlier: { state: true },
    pictures: { state: true },
    picture: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      .card { padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-3); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; }
      .body { display: flex; gap: var(--space-4); align-items: start; }
      .body img { width: 7rem; height: 5rem; object-fit: cover; border-radius: var(--radius-s); flex: none; }
      .text { white-space: pre-wrap; max-height: 9rem; overflow: auto; }
      form { display: grid; gap: var(--space-4); }
      form input, form select, form textarea { margin-top: var(--space-2); }
      textarea { min-height: 8rem; }
      .pictures { display: flex; gap: var(--space-2); overflow-x: auto; padding: 4px; margin-top: var(--space-2); }
      .pictures button { padding: 0; width: 6rem; height: 4.5rem; flex: none; overflow: hidden; }
      .pictures [aria-checked="true"] { outline: 4px solid var(--accent); outline-offset: -1px; }
      .pictures img { width: 100%; height: 100%; object-fit: cover; }
    `,
  ];
  declare lesson: Lesson | null;
  declare writing: boolean;
  declare earlier: Task[];
  declare pictures: Asset[];
  /** The id of the picture that goes with the sheet. */
  declare picture: string;
  declare busy: boolean;

  constructor() {
    super();
    this.lesson = null;
    this.writing = false;
    this.earlier = [];
    this.pictures = [];
    this.picture = "";
    this.busy = false;
  }

  private async write(): Promise<void> {
    const task = this.lesson?.task;
    this.picture = task?.picture ?? "";
    this.writing = true;
    await this.updateComplete;
    this.fill(task ?? null);
    try {
      const [earlier, album] = await Promise.all([
        hub.api.get<{ items: Task[] }>("/tasks"),
        hub.api.get<Page<Asset>>("/assets", {
          lesson: this.lesson?.id,
          media_type: "image/jpeg,image/png",
          limit: OFFERED,
        }),
      ]);
      this.earlier = earlier.items;
      this.pictures = album.items;
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private get heading(): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>("#task-title");
  }

  private get words(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector<HTMLTextAreaElement>("#task-text");
  }

  private fill(task: Task | null): void {
    if (this.heading) this.heading.value = task?.title ?? "";
    if (this.words) this.words.value = task?.text ?? "";
  }

  private again(event: Event): void {
    const task = this.earlier[Number((event.target as HTMLSelectElement).value)];
    if (!task) return;
    this.fill(task);
    this.picture = task.picture ?? "";
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const body = {
      title: this.heading?.value.trim() ?? "",
      text: this.words?.value.trim() ?? "",
      picture: this.picture || null,
    };
    if (!body.title && !body.text) {
      this.words?.focus();
      say(t("Write what the pupils are to do."));
      return;
    }
    const sent = await this.change(() =>
      hub.api.put<Lesson>(`/lessons/${this.lesson?.id}/task`, body),
    );
    if (!sent) return;
    this.writing = false;
    say(t("Every pupil of the lesson has the task."));
  }

  private async withdraw(): Promise<void> {
    await this.change(() => hub.api.delete(`/lessons/${this.lesson?.id}/task`));
  }

  private async change(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    try {
      await work();
      this.dispatchEvent(new Event("sent"));
      return true;
    } catch (error) {
      sayProblem(problemOf(error));
      return false;
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    const task = this.lesson?.task;
    return html`<section class="card" aria-label=${t("Task sheet")}>
      <div class="head">
        <h2 class="grow">${task?.title || t("Task sheet")}</h2>
        <button class=${task ? "" : "primary"} @click=${this.write}>${icon("task")}${task ? t("Another task") : t("Send a task")}</button>
        ${task ? html`<button ?disabled=${this.busy} @click=${this.withdraw}>${icon("close")}${t("Take the task away")}</button>` : nothing}
      </div>
      ${
        task
          ? html`<div class="body">
              ${task.picture ? html`<img src="/api/v1/assets/${task.picture}/thumbnail" alt=${t("The picture of the task")}>` : nothing}
              <div class="grow"><p class="text">${task.text}</p>
              <p class="muted small">${t("Every pupil has it since {time}.", { time: clock(task.sent) })}</p></div></div>`
          : html`<p class="muted">${t("It appears on every pupil's tablet at once; they answer with what they hand in.")}</p>`
      }
      ${this.form()}
    </section>`;
  }

  private form(): TemplateResult {
    return html`<hub-dialog .open=${this.writing} heading=${t("Task for every pupil")} @close=${() => {
      this.writing = false;
    }}><form @submit=${this.send}>
      ${
        this.earlier.length
          ? html`<div><label for="earlier">${t("An earlier task")}</label>
            <select id="earlier" @change=${this.again}><option value="">${t("None: a new one")}</option>
            ${this.earlier.map((task, index) => html`<option value=${index}>${(task.title || task.text).slice(0, 60)}</option>`)}</select></div>`
          : nothing
      }
      <div><label for="task-title">${t("Title")}</label><input id="task-title" maxlength="120" autocomplete="off"></div>
      <div><label for="task-text">${t("What the pupils do and answer")}</label>
        <textarea id="task-text" maxlength="2000" placeholder=${t("For example: What do you see inside the cell?")}></textarea></div>
      ${this.pictures.length ? this.choice() : nothing}
      <button class="primary" ?disabled=${this.busy}>${icon("send")}${t("Send to every pupil")}</button>
    </form></hub-dialog>`;
  }

  private choice(): TemplateResult {
    return html`<div><label id="with">${t("With a picture, if you like")}</label>
      <div class="pictures" role="radiogroup" aria-labelledby="with">${this.pictures.map(
        (
          asset,
        ) => html`<button type="button" role="radio" aria-checked=${String(asset.id === this.picture)}
          aria-label=${asset.note || asset.title} @click=${() => {
            this.picture = asset.id === this.picture ? "" : asset.id;
          }}><img src=${asset.links.thumbnail} alt=""></button>`,
      )}</div></div>`;
  }
}
define("hub-album-task", AlbumTask);
