import { hub, N_, type Problem } from "@classhub/client";
import { brandMark, define, HubElement, t } from "@classhub/ui";
import { html, type TemplateResult } from "lit";
import "../join-form.js";
import { doorStyles } from "../door.styles.js";

/** Nobody is signed in: pupils join with six digits, teachers open the sign-in link. */
class WelcomePage extends HubElement {
  static override styles = doorStyles;

  override render(): TemplateResult {
    return html`<div class="door">
      <div class="mark">${brandMark()}</div>
      <hub-notice .problem=${farewell()}></hub-notice>
      <section class="card">
        <h1>${t("Join the lesson")}</h1>
        <p class="muted">${t("The six digits stand on the class's screen.")}</p>
        <hub-join-form></hub-join-form>
      </section>
      <section class="teacher">
        <h2>${t("For teachers")}</h2>
        <p class="muted">${t("Open the sign-in link that the hub shows when it starts. It works once, for ten minutes. The lab engineer can make a new one on the hub's computer:")}</p>
        <code>classhub sign-in-link</code>
      </section>
    </div>`;
  }
}

/** Why somebody who was in a moment ago stands at the door. */
function farewell(): Problem | null {
  const before = hub.session.farewell;
  if (!before) return null;
  if (before.principal.role === "pupil" && before.lesson) {
    return {
      code: "lesson-left",
      title: N_("You are no longer in the lesson “{title}”."),
      hint: N_("It has ended, or the teacher has signed you out. Your pictures stay in the album."),
      params: { title: before.lesson.title },
      severity: "warning",
    };
  }
  return {
    code: "signed-out",
    title: N_("You are no longer signed in."),
    hint: N_("Open a new sign-in link, or ask the lab engineer for one."),
    severity: "warning",
  };
}
define("hub-welcome-page", WelcomePage);
