import { hub } from "@classhub/client";
import { base, define, givenName, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { Cameras } from "./cameras.js";

/** On everybody's home page while a microscope's picture leaves the hub for other programs. */
class VirtualCameraCard extends HubElement {
  static override styles = [
    base,
    css`
      .card { padding: var(--space-4) var(--space-5); display: flex; flex-wrap: wrap; gap: var(--space-3) var(--space-4); align-items: center; }
      .card p { flex: 1 1 16rem; margin: 0; display: flex; gap: var(--space-2); align-items: center; }
    `,
  ];
  private readonly cameras = new Cameras(this);

  override render(): TemplateResult | typeof nothing {
    const on = this.cameras.all?.items.filter((one) => one.on) ?? [];
    if (!on.length) return nothing;
    const teacher = hub.session.may("teacher");
    return html`${on.map(
      (one) => html`<section class="card" aria-label=${t("Camera for video calls")}>
        <p role="status"><span class="dot bad"></span> ${t("“{name}” is seen in video calls on the hub's computer.", { name: givenName(one.device_name) || one.name })}</p>
        ${teacher ? html`<button ?disabled=${this.cameras.busy} @click=${() => void this.cameras.show(one.id, null)}>${icon("stop")}${t("Switch off")}</button>` : nothing}
      </section>`,
    )}`;
  }
}
define("hub-virtual-camera-card", VirtualCameraCard);
