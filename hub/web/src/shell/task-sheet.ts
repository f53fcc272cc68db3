import { hub, type Task } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

const SEEN = "classhub-task";

/**
 * The pupil's task sheet, on every page: it opens by itself when the teacher sends one, and stays
 * within reach behind a button. `floating` where a page fills the screen.
 */
class TaskSheet extends HubElement {
  static override properties = {
    floating: { type: Boolean, reflect: true },
    open: { state: true },
  };
  static override styles = [
    base,
    css`
      .strip {
        display: flex; align-items: center; gap: var(--space-3); margin: 0 auto; max-width: 76rem;
        padding: var(--space-2) var(--gutter) 0;
      }
      .strip button { justify-content: start; text-align: start; width: 100%; background: var(--accent-soft); border-color: var(--accent); }
      .strip span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      :host([floating]) .strip {
        position: fixed; z-index: 10; top: 4.4rem; right: 1rem; padding: 0; max-width: min(22rem, 55vw);
      }
      :host([floating]) .strip button { background: rgb(8 14 13 / 66%); color: #fff; border-color: rgb(255 255 255 / 40%); }
      .text { white-space: pre-wrap; font: var(--type-heading); font-weight: 500; }
      img { width: 100%; max-height: 40vh; object-fit: contain; border-radius: var(--radius-m); background: #0a0f0e; }
    `,
  ];
  declare floating: boolean;
  declare open: boolean;
  private shown = "";

  constructor() {
    super();
    this.floating = false;
    this.open = false;
  }

  protected override arrive(): void {
    this.on(hub.session, "change", () => this.requestUpdate());
  }

  private get task(): Task | null {
    return hub.session.lesson?.task ?? null;
  }

  protected override willUpdate(): void {
    const id = this.task?.id ?? "";
    if (id === this.shown) return;
    this.shown = id;
    this.open = id !== "" && seen() !== id;
    if (id) note(id);
  }

  override render(): TemplateResult | typeof nothing {
    const task = this.task;
    if (!task) return nothing;
    const name = task.title || task.text.split("\n")[0];
    return html`<div class="strip"><button @click=${() => {
      this.open = true;
    }}>${icon("task")}<span>${t("Task: {name}", { name: name ?? "" })}</span></button></div>
      <hub-dialog .open=${this.open} heading=${task.title || t("Task")} @close=${() => {
        this.open = false;
      }}>
        ${task.text ? html`<p class="text">${task.text}</p>` : nothing}
        ${task.picture ? html`<img src="/api/v1/assets/${task.picture}/content" alt=${t("The picture of the task")}>` : nothing}
        <p class="muted">${t("Answer with a picture: open yours in the album, write your answer and press “Hand in”.")}</p>
        <div class="row">
          <button class="primary" @click=${() => {
            this.open = false;
          }}>${t("I have read it")}</button>
          <a class="button" href="/lessons/${hub.session.lesson?.id}/album" @click=${() => {
            this.open = false;
          }}>${icon("images")}${t("To the album")}</a>
        </div>
      </hub-dialog>`;
  }
}
define("hub-task-sheet", TaskSheet);

/** Which sheet this tablet has shown already; where nothing can be kept it opens again. */
function seen(): string | null {
  try {
    return sessionStorage.getItem(SEEN);
  } catch {
    return null;
  }
}

function note(id: string): void {
  try {
    sessionStorage.setItem(SEEN, id);
  } catch {
    // A private window: the sheet opens on each page; better twice than never.
  }
}
