import { base, define, HubElement, t } from "@classhub/ui";
import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { screen } from "./styles.js";

/** A video of an album. Attributes: `asset`; `paused` (any text): it stands still. */
export class ScreenVideo extends HubElement {
  static override properties = { asset: {}, paused: {}, gone: { state: true } };
  static override styles = [
    base,
    screen,
    css`video { width: 100%; height: 100%; object-fit: contain; min-height: 0; }`,
  ];
  declare asset: string;
  declare paused: string | null;
  declare gone: boolean;

  constructor() {
    super();
    this.asset = "";
    this.paused = null;
    this.gone = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("asset")) this.gone = false;
  }

  protected override updated(): void {
    const video = this.renderRoot.querySelector("video");
    if (!video) return;
    if (this.paused) video.pause();
    else void play(video);
  }

  override render(): TemplateResult {
    if (this.gone) return html`<p class="said">${t("This video is not there any more.")}</p>`;
    return html`<video controls playsinline src="/api/v1/panel/content?asset=${encodeURIComponent(this.asset)}"
      @error=${() => {
        this.gone = true;
      }}></video>`;
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
