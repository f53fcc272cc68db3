/**
 * Sends a value that changes quickly, such as a slider's: one write is under way and only the
 * newest waits, so that a slow device gets the last value and never a queue.
 */
export class Writer<T> {
  private busy = false;
  private waiting: { value: T } | null = null;

  constructor(
    private readonly write: (value: T) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  get idle(): boolean {
    return !this.busy;
  }

  send(value: T): void {
    if (this.busy) this.waiting = { value };
    else void this.run(value);
  }

  private async run(value: T): Promise<void> {
    this.busy = true;
    try {
      await this.write(value);
    } catch (error) {
      this.failed(error);
    }
    this.busy = false;
    const next = this.waiting;
    this.waiting = null;
    if (next) await this.run(next.value);
  }
}
