import { hub, type Lesson, type Problem, problemOf } from "@classhub/client";
import { day, define, HubElement, icon, type SetEvent, say, sayProblem, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { routes } from "../data.js";
import "../gallery.js";
import type { Gallery } from "../gallery.js";
import { mayVisit } from "../router.js";
import "./album-hand-ins.js";
import "./album-task.js";
import { albumStyles } from "./album.styles.js";

/** What the hub keeps of pictures that people bring along. */
const KINDS = "image/jpeg,image/png";

/** The pictures of a lesson, the newest first; new ones appear by themselves. */
class AlbumPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    lesson: { state: true },
    problem: { state: true },
    empty: { state: true },
    sending: { state: true },
  };
  static override styles = albumStyles;
  declare params: { id: string };
  declare lesson: Lesson | null;
  declare problem: Problem | null;
  declare empty: boolean;
  /** How many pictures are on their way. */
  declare sending: number;

  constructor() {
    super();
    this.params = { id: "" };
    this.lesson = null;
    this.problem = null;
    this.empty = false;
    this.sending = 0;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: [`lessons/${this.params.id}`] });
  }

  private async load(): Promise<void> {
    try {
      this.lesson = await hub.api.get<Lesson>(`/lessons/${encodeURIComponent(this.params.id)}`);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async add(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = "";
    this.sending = files.length;
    for (const file of files) {
      const form = new FormData();
      form.set("lesson", this.params.id);
      form.set("file", file);
      try {
        await hub.api.form("/assets", form);
      } catch (error) {
        sayProblem(problemOf(error));
        break;
      } finally {
        this.sending -= 1;
      }
    }
    if (this.sending === 0 && files.length) say(t("The pictures are in the album."));
    this.sending = 0;
  }

  private async share(event: Event): Promise<void> {
    const shared = (event as SetEvent<boolean>).value;
    try {
      this.lesson = await hub.api.patch<Lesson>(`/lessons/${this.params.id}`, { shared });
      say(
        shared
          ? t("Pupils see each other's pictures now.")
          : t("Each pupil sees only their own pictures and yours now."),
      );
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const { lesson } = this;
    return html`<div class="page">
      <header>
        <div class="grow">
          <p class="muted small">${t("Album")}${lesson ? html` · ${day(lesson.started)}` : nothing}</p>
          <h1>${lesson?.title ?? t("Album")}</h1>
        </div>
        ${this.whole()}
        ${this.addition()}
        ${
          lesson && !lesson.ended
            ? html`<a class="button" href="/">${icon("microscope")}${t("To the microscopes")}</a>`
            : nothing
        }
      </header>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${lesson ? this.classWork(lesson) : nothing}
      ${
        this.problem && !lesson
          ? html`<div class="stack"><a class="button primary" href="/albums">${t("Albums")}</a></div>`
          : nothing
      }
      ${
        lesson
          ? // What a pupil may see changes with the sharing: then the gallery begins anew.
            keyed(
              hub.session.may("teacher") || lesson.shared === true,
              html`<hub-gallery .within=${{ lesson: this.params.id }} headings="day" @loaded=${(
                event: Event,
              ) => {
                this.empty = (event.target as Gallery).empty;
              }}>${this.empty ? this.nothingYet() : nothing}</hub-gallery>`,
            )
          : nothing
      }
    </div>`;
  }

  /** The pages that open the whole album: to take it home, to print it. */
  private whole(): TemplateResult[] {
    const role = hub.session.principal?.role;
    return routes
      .filter((route) => route.opens?.album && mayVisit(route, role))
      .map(
        (route) =>
          html`<a class="button" href="${route.path}?lesson=${this.params.id}">${icon(route.icon ?? "download")}${t(route.title)}</a>`,
      );
  }

  private addition(): TemplateResult | typeof nothing {
    if (!this.lesson) return nothing;
    return html`<label class="button add">${icon("add")}${
      this.sending
        ? tn("{n} picture to send", "{n} pictures to send", this.sending)
        : t("Add pictures")
    }<input type="file" accept=${KINDS} multiple ?disabled=${this.sending > 0} @change=${this.add}></label>`;
  }

  /** What the teacher lets the class do; a pupil's task sheet is above every page. */
  private classWork(lesson: Lesson): TemplateResult | typeof nothing {
    if (!hub.session.may("teacher")) return nothing;
    return html`<div class="work">
      <hub-panel-now></hub-panel-now>
      <div class="card share">
        <hub-switch label=${t("Pupils see each other's pictures")} .value=${lesson.shared === true} @set=${this.share}></hub-switch>
        <p class="muted small">${
          lesson.shared
            ? t("They look and compare; only you and the owner can change a picture.")
            : t("Each pupil sees only their own pictures and yours.")
        }</p>
      </div>
      <hub-album-task .lesson=${lesson} @sent=${this.load}></hub-album-task>
      <hub-album-hand-ins .lesson=${lesson}></hub-album-hand-ins>
    </div>`;
  }

  private nothingYet(): TemplateResult {
    return html`<div slot="empty" class="card empty">${icon("camera")}
      <div class="stack"><h2>${t("No pictures yet.")}</h2>
      <p class="muted">${t("Open a microscope and press “Take a picture”. It appears here at once.")}</p></div></div>`;
  }
}
define("hub-album-page", AlbumPage);
