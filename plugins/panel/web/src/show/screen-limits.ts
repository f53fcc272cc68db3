import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, say, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** As `GET /screen-time-limits` tells it: minutes by grade. */
interface Limits {
  minutes: Record<string, number>;
  rules: Record<string, number>;
  by_school: boolean;
  source: string;
  address: string;
  confirmed: boolean;
}

/** For engineers: how long each grade may look at a screen, as the rules or the school have it. */
class ScreenLimits extends HubElement {
  static override properties = {
    limits: { state: true },
    problem: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      summary { cursor: pointer; min-height: var(--touch); display: flex; gap: var(--space-2); align-items: center; }
      details[open] > summary svg { rotate: 180deg; }
      form { display: grid; gap: var(--space-4); }
      .grades { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: var(--space-3); }
      input { margin-top: var(--space-1); }
      p { overflow-wrap: anywhere; }
    `,
  ];
  declare limits: Limits | null;
  declare problem: Problem | null;
  declare busy: boolean;

  constructor() {
    super();
    this.limits = null;
    this.problem = null;
    this.busy = false;
  }

  private async load(event: Event): Promise<void> {
    if (!(event.target as HTMLDetailsElement).open) return;
    try {
      this.limits = await hub.api.get<Limits>("/screen-time-limits");
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private save(event: SubmitEvent): void {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const minutes = Object.fromEntries([...fields].map(([grade, value]) => [grade, Number(value)]));
    void this.put(minutes);
  }

  private async put(minutes: Record<string, number> | null): Promise<void> {
    this.busy = true;
    try {
      this.limits = await hub.api.put<Limits>("/screen-time-limits", { minutes });
      this.problem = null;
      say(t("Saved."));
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!hub.session.may("engineer")) return nothing;
    return html`<details @toggle=${this.load}><summary class="small muted">${icon("down")}${t("How long each grade may look at the screen")}</summary>
      <hub-notice .problem=${this.problem}></hub-notice>${this.limits ? this.form(this.limits) : nothing}</details>`;
  }

  private form(limits: Limits): TemplateResult {
    return html`<form @submit=${this.save}>
      <p class="small muted">${limits.source} <a href=${limits.address} rel="noreferrer">${limits.address}</a>.
        ${limits.confirmed ? nothing : t("The figures were read in a report of the order and are not confirmed: ask your sanitary service, and set here what it says.")}
        ${limits.by_school ? t("Your school has set figures of its own.") : nothing}</p>
      <div class="grades">${Object.entries(limits.minutes).map(
        ([grade, minutes]) =>
          html`<label>${t("Grade {n}", { n: grade })}<input name=${grade} type="number" min="1" max="240" step="1" required .value=${String(minutes)} aria-label=${t("Minutes for grade {n}", { n: grade })}></label>`,
      )}</div>
      <div class="row"><button class="primary" ?disabled=${this.busy}>${t("Save")}</button>
        ${limits.by_school ? html`<button type="button" ?disabled=${this.busy} @click=${() => void this.put(null)}>${t("As the rules have it")}</button>` : nothing}</div>
    </form>`;
  }
}
define("hub-screen-limits", ScreenLimits);
