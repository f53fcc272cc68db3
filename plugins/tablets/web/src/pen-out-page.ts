import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** As `GET /tablets/virtual-pen` says. */
interface PenOut {
  wanted: boolean;
  on: boolean;
  title: string;
  hint: string;
}

const SETTING = `[plugins.tablets]
virtual_pen = true`;
const RULE = `KERNEL=="uinput", GROUP="classhub", MODE="0660", OPTIONS+="static_node=uinput"`;
const UNIT = `[Unit]
Wants=modprobe@uinput.service
After=modprobe@uinput.service
[Service]
DeviceAllow=/dev/uinput rw`;
const TAKE_UP = `sudo systemctl daemon-reload
sudo udevadm control --reload
sudo udevadm trigger
sudo systemctl restart classhub`;

/** The room's pens as one pen of the hub's computer: whether it is there, and how it is allowed. */
class PenOutPage extends HubElement {
  static override properties = { pen: { state: true }, problem: { state: true } };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-5); max-width: 52rem; }
      .card { padding: var(--space-5); display: grid; gap: var(--space-4); }
      ol { display: grid; gap: var(--space-4); padding-inline-start: 1.5rem; list-style: decimal; }
      li { display: list-item; }
      pre { margin: var(--space-2) 0 0; padding: var(--space-3); background: var(--sunken); border-radius: var(--radius-m); font: 0.875rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; -webkit-user-select: all; }
      code { overflow-wrap: anywhere; }
    `,
  ];
  declare pen: PenOut | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.pen = null;
    this.problem = null;
  }

  protected override arrive(): void {
    const topics = ["x/tablets/virtual-pen"];
    this.keepLoaded(() => this.load(), { topics, sources: [hub.session] });
  }

  private async load(): Promise<void> {
    try {
      this.pen = await hub.api.get<PenOut>("/tablets/virtual-pen");
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    const { pen } = this;
    return html`<div class="page">
      <h1>${t("A pen for this computer's programs")}</h1>
      <p class="muted">${t("Drawing programs on the hub's computer know nothing of the hub. They can be given one pen that does what the room's pens do, with pressure, tilt and eraser. Who touches first leads until the pen is lifted.")}</p>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${pen ? html`${this.state(pen)}${pen.on ? this.use() : this.steps(pen)}` : nothing}
    </div>`;
  }

  private state(pen: PenOut): TemplateResult {
    const [tone, words] = pen.on
      ? ["good", t("It is there: programs see “Classroom hub pen”.")]
      : pen.wanted
        ? ["bad", t("It is switched on, but it is not there.")]
        : ["", t("It is switched off.")];
    const problem: Problem | null = pen.title
      ? { code: "virtual-pen", title: pen.title, hint: pen.hint }
      : null;
    return html`<section class="card" aria-label=${t("State")}>
      <p class="state" role="status"><span class="dot ${tone}"></span> ${words}</p>
      <hub-notice .problem=${problem}></hub-notice>
    </section>`;
  }

  private use(): TemplateResult {
    return html`<section class="card"><h2>${t("So that it writes well")}</h2>
      <p>${t("Set each tablet to “For the hub alone” on its page, or it moves the pointer twice: once by itself and once by the hub.")}</p>
      <div class="row"><a class="button" href="/equipment">${icon("sliders")}${t("Equipment")}</a></div>
    </section>`;
  }

  private steps(pen: PenOut): TemplateResult {
    return html`<section class="card"><h2>${t("How it is switched on")}</h2>
      <p>${t("The hub may not do that by itself: what makes a pen could make a keyboard as well. Somebody with administrator's rights on this computer allows it, once.")}</p>
      <ol>
        ${pen.wanted ? nothing : html`<li>${t("Add to {file}:", { file: "/etc/classhub/classhub.toml" })}<pre>${SETTING}</pre></li>`}
        <li>${t("Write this into {file}:", { file: "/etc/udev/rules.d/71-classhub-local.rules" })}<pre>${RULE}</pre></li>
        <li>${t("Write this into {file}:", { file: "/etc/systemd/system/classhub.service.d/virtual-pen.conf" })}<pre>${UNIT}</pre></li>
        <li>${t("Have it taken up; the hub starts anew:")}<pre>${TAKE_UP}</pre></li>
      </ol>
    </section>`;
  }
}
define("hub-pen-out-page", PenOutPage);
