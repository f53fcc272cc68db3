import { type Asset, type Device, hub, type Operation, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, Running, say, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** What a camera can do besides showing: a still at its full size, and being let go of. */
export class CameraActions extends HubElement {
  static override properties = {
    device: { attribute: false },
    released: { type: Boolean },
    taking: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-3); }
      .row button { flex: 1 1 auto; }
    `,
  ];
  declare device: Device;
  declare released: boolean;
  declare taking: boolean;
  private readonly running = new Running(this);

  constructor() {
    super();
    this.released = false;
    this.taking = false;
  }

  private has(action: string): boolean {
    return this.device.description?.actions[action] !== undefined;
  }

  private async still(): Promise<void> {
    this.taking = true;
    try {
      const path = `/microscopes/${encodeURIComponent(this.device.id)}/captures`;
      await hub.api.post<Asset>(path, { still: true });
      say(t("The picture is kept."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.taking = false;
  }

  private async act(action: "release" | "take_back"): Promise<void> {
    const path = `/devices/${encodeURIComponent(this.device.id)}/actions/${action}`;
    await this.running.follow(() => hub.api.post<Operation>(path, {}));
    if (this.running.problem) sayProblem(this.running.problem);
  }

  override render(): TemplateResult | typeof nothing {
    const reachable = this.device.state.reachable;
    const lets = this.released ? this.has("take_back") : this.has("release");
    if (!this.has("still") && !lets) return nothing;
    return html`<h3>${t("Camera")}</h3><div class="row">
      ${
        this.has("still")
          ? html`<button ?disabled=${!reachable || this.released || this.taking} @click=${this.still}
              title=${t("The live view stands still for a moment.")}>${icon("camera")}${t("Picture at full size")}</button>`
          : nothing
      }
      ${lets ? this.letting() : nothing}</div>`;
  }

  private letting(): TemplateResult {
    return this.released
      ? html`<button class="primary" ?disabled=${this.running.busy} @click=${() => void this.act("take_back")}>${icon("undo")}${t("Take the camera back")}</button>`
      : html`<button ?disabled=${this.running.busy || !this.device.state.reachable} @click=${() => void this.act("release")}
          title=${t("So that another program can use it, such as a video call.")}>${icon("hand")}${t("Release the camera")}</button>`;
  }
}
define("hub-camera-actions", CameraActions);
