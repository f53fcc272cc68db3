import { hub } from "@classhub/client";
import { base, define, HubElement, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import "./screen-limits.js";

/** As the hub tells it; see `plugins/panel/screen_time.py`. */
interface Told {
  minutes: number;
  grade: number | null;
  limit: number | null;
  over: boolean;
  by_school: boolean;
  source: string;
  confirmed: boolean;
}

/** For teachers: how long the class has looked at the screen in this lesson, and how long it may. */
class ScreenTime extends HubElement {
  static override properties = { told: { state: true } };
  static override styles = [
    base,
    css`
      section { display: grid; gap: var(--space-2); padding: var(--space-4) var(--space-5); border-radius: var(--radius-l); background: var(--surface); box-shadow: var(--shadow); }
      section.over { background: var(--warn-soft); }
      .line { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); align-items: baseline; justify-content: space-between; }
    `,
  ];
  declare told: Told | null;

  constructor() {
    super();
    this.told = null;
  }

  protected override arrive(): void {
    this.until(
      hub.stream.subscribe("x/panel/screen-time", (_, payload) => {
        this.told = payload as Told | null;
      }),
    );
  }

  override render(): TemplateResult | typeof nothing {
    const { told } = this;
    this.toggleAttribute("over", told?.over ?? false); // the page may put it first then
    if (!hub.session.may("teacher")) return nothing;
    if (!told) return html`<hub-screen-limits></hub-screen-limits>`;
    const minutes =
      told.limit === null
        ? t("{n} min", { n: told.minutes })
        : t("{n} of {all} min", { n: told.minutes, all: told.limit });
    return html`<section class=${told.over ? "over" : ""} title=${told.source}><div class="line"><h3>${t("At the screen in this lesson")}</h3><strong>${minutes}</strong></div>
      ${told.limit === null ? nothing : html`<progress max=${told.limit} value=${Math.min(told.minutes, told.limit)}></progress>`}
      <p class="small muted">${this.words(told)}</p><hub-screen-limits></hub-screen-limits></section>`;
  }

  private words({ grade, limit, over, by_school, confirmed }: Told): string {
    if (grade === null || limit === null) {
      return t("The group's name says no grade, so the hub does not know how long it may be.");
    }
    if (by_school) {
      return over
        ? t("Time for a break from the screen: your school allows grade {grade} no more.", {
            grade,
          })
        : t("So your school has it for grade {grade}.", { grade });
    }
    const note = confirmed ? "" : ` ${t("Have the figures confirmed by your sanitary service.")}`;
    return over
      ? t("Time for a break from the screen: the sanitary rules allow grade {grade} no more.", {
          grade,
        }) + note
      : t("So the sanitary rules have it for grade {grade}.", { grade }) + note;
  }
}
define("hub-screen-time", ScreenTime);
