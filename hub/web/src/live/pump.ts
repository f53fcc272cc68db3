import type { FrameMessage } from "@classhub/client";

export interface PumpParts<Picture> {
  decode(message: FrameMessage): Promise<Picture>;
  /** Draw at the next moment the screen takes pictures; resolves when it has been drawn. */
  draw(picture: Picture): Promise<void>;
  drawn(message: FrameMessage, picture: Picture): void;
  broken(message: FrameMessage, error: unknown): void;
  ack(frame: number): void;
}

/**
 * Brings pictures from the wire to the screen, one at a time: decode, draw, and only then
 * acknowledge, so that a slow tablet skips pictures instead of lagging behind.
 */
export class FramePump<Picture> {
  private stopped = false;
  private busy = false;

  constructor(private readonly parts: PumpParts<Picture>) {}

  /** Take a picture. The hub sends none before the ack; one that comes all the same is dropped. */
  async take(message: FrameMessage): Promise<void> {
    if (this.stopped || this.busy) return;
    this.busy = true;
    try {
      const picture = await this.parts.decode(message);
      if (this.stopped) return;
      await this.parts.draw(picture);
      if (this.stopped) return;
      this.parts.drawn(message, picture);
    } catch (error) {
      if (this.stopped) return;
      this.parts.broken(message, error);
    } finally {
      this.busy = false;
    }
    this.parts.ack(message.frame);
  }

  stop(): void {
    this.stopped = true;
  }
}
