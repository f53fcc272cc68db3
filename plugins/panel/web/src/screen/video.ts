import { base, cannotShow, define, HubElement, t } from "@classhub/ui";
import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { screen } from "./styles.js";

/** A video of an album. Attributes: `asset`; `paused` (any text): it stands still. */
export class ScreenVideo extends HubElement {
  static override properties = { asset: {}, paused: {}, said: { state: true } };
  static override styles = [
    base,
    screen,
    css`video { width: 100%; height: 100%; object-fit: contain; min-height: 0; }`,
  ];
  declare asset: string;
  declare paused: string | null;
  /** Why it is not seen. */
  declare said: string;

  constructor() {
    super();
    this.asset = "";
    this.paused = null;
    this.said = "";
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("asset")) this.said = "";
  }

  protected override updated(): void {
    const video = this.renderRoot.querySelector("video");
    if (!video) return;
    if (this.paused) video.pause();
    else void play(video);
  }

  override render(): TemplateResult {
    if (this.said) return html`<p class="said">${this.said}</p>`;
    return html`<video controls playsinline src=${this.address} @error=${() => void this.failed()}></video>`;
  }

  private get address(): string {
    return `/api/v1/panel/content?asset=${encodeURIComponent(this.asset)}`;
  }

  /** The browser says the same of a video that is gone and of one that it cannot play. */
  private async failed(): Promise<void> {
    const there = await fetch(this.address, { headers: { Range: "bytes=0-0" } }).then(
      (answer) => answer.ok,
      () => false,
    );
    this.said = there
      ? t("This screen cannot play this video.")
      : t("This video is not there any more.");
    cannotShow(this, there ? "not-playable" : "not-loaded");
  }
}
define("hub-screen-video", ScreenVideo);

/** Play it; where nobody has touched this screen yet and it may not sound, without sound. */
async function play(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
    video.muted = true;
    await video.play().catch(() => {});
  }
}
