import { hub, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type Hands, statusText, type Uplink } from "./api.js";

/** On the home page of engineers, where a district is set: does it work, does it ask for something. */
class DistrictCard extends HubElement {
  static override properties = { uplink: { state: true }, waiting: { state: true } };
  static override styles = [
    base,
    css`
      .card { display: flex; flex-wrap: wrap; gap: var(--space-3) var(--space-4); align-items: center; padding: var(--space-4) var(--space-5); }
      .card.asks { border-inline-start: 0.5rem solid var(--warn); }
    `,
  ];
  declare uplink: Uplink | null;
  declare waiting: number;

  constructor() {
    super();
    this.uplink = null;
    this.waiting = 0;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: ["x/district/hands", "x/district/uplink"] });
  }

  private async load(): Promise<void> {
    try {
      const uplink = await hub.api.get<Uplink>("/district");
      const asks = uplink.status !== "off";
      this.waiting = asks ? (await hub.api.get<Hands>("/district/hands")).waiting.length : 0;
      this.uplink = uplink;
    } catch (error) {
      // The page says what is wrong; the home page shows what is known.
      console.warn(problemOf(error).title);
    }
  }

  override render(): TemplateResult | typeof nothing {
    const { uplink, waiting } = this;
    if (!uplink || uplink.status === "off") return nothing;
    const tone = uplink.status === "connected" ? "good" : uplink.problem ? "bad" : "idle";
    return html`<section class="card ${waiting ? "asks" : ""}"><span class="dot ${tone}"></span>
      <div class="grow"><h2>${t("School district")}</h2>
        <p role="status">${waiting ? html`<b>${tn("It asks for {n} thing.", "It asks for {n} things.", waiting)}</b>` : statusText(uplink.status)}</p></div>
      <a class="button ${waiting ? "primary" : ""}" href="/district">${waiting ? t("Answer it") : t("Details")}${icon("right")}</a></section>`;
  }
}
define("hub-district-card", DistrictCard);
