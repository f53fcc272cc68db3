import { hub } from "@classhub/client";
import { base, define, HubElement, icon } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";

const EVERY = 5_000;

/** A device's picture on a card: a still, renewed every few seconds while it can be seen. */
class Poster extends HubElement {
  static override properties = {
    device: {},
    stream: {},
    off: { type: Boolean },
    source: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { position: relative; background: #0a0f0e; aspect-ratio: 16 / 9; overflow: hidden; color: #7f928b; }
      img { width: 100%; height: 100%; object-fit: cover; }
      .none { position: absolute; inset: 0; display: grid; place-content: center; }
      .none svg { width: 3rem; height: 3rem; }
    `,
  ];
  declare device: string;
  declare stream: string;
  declare off: boolean;
  declare source: string;
  private inSight = true;
  private loading = false;
  private last = 0;

  constructor() {
    super();
    this.device = "";
    this.stream = "view";
    this.off = false;
    this.source = "";
  }

  protected override arrive(): void {
    const sight = new IntersectionObserver((entries) => {
      this.inSight = entries.at(-1)?.isIntersecting ?? true;
    });
    sight.observe(this);
    this.until(() => sight.disconnect());
    this.every(1_000, () => void this.renew());
    queueMicrotask(() => void this.renew());
  }

  protected override leave(): void {
    if (this.source) URL.revokeObjectURL(this.source);
    this.source = "";
  }

  private async renew(): Promise<void> {
    if (this.off || this.loading || document.hidden || !this.inSight || !this.device) return;
    if (performance.now() - this.last < EVERY && this.last > 0) return;
    this.loading = true;
    this.last = performance.now();
    try {
      const path = `/devices/${encodeURIComponent(this.device)}/streams/${encodeURIComponent(this.stream)}/latest.jpg`;
      const response = await fetch(hub.api.url(path));
      if (response.ok && this.isConnected) {
        const old = this.source;
        this.source = URL.createObjectURL(await response.blob());
        if (old) setTimeout(() => URL.revokeObjectURL(old), 1_000);
      }
    } catch {
      // The card says in words how the device is; the next still comes in a moment.
    }
    this.loading = false;
  }

  override render(): TemplateResult {
    return html`${
      this.source && !this.off
        ? html`<img src=${this.source} alt="">`
        : html`<div class="none">${icon("video")}</div>`
    }`;
  }
}
define("hub-poster", Poster);
