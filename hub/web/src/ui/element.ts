import { hub } from "@classhub/client";
import { type CSSResultGroup, LitElement } from "lit";
import { i18n } from "./i18n.js";
import { base } from "./styles.js";

/** The base of all our elements: renders again when the language changes, cleans up when it goes. */
export class HubElement extends LitElement {
  static override styles: CSSResultGroup = base;
  private readonly endings: (() => void)[] = [];
  private readonly rerender = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    i18n.addEventListener("change", this.rerender);
    this.arrive();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    i18n.removeEventListener("change", this.rerender);
    for (const end of this.endings.splice(0)) end();
    this.leave();
  }

  /** The element has come into a page. */
  protected arrive(): void {}

  /** The element has left its page. */
  protected leave(): void {}

  /** Do this when the element leaves: end a subscription, clear a timer. */
  protected until(end: () => void): void {
    this.endings.push(end);
  }

  /** Listen to a target for as long as the element is in the page. */
  protected on(target: EventTarget, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener);
    this.until(() => target.removeEventListener(type, listener));
  }

  /** Make a function that does its work once things have been quiet for a moment. */
  protected settled(work: () => void, milliseconds = 300): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.until(() => clearTimeout(timer));
    return () => {
      clearTimeout(timer);
      timer = setTimeout(work, milliseconds);
    };
  }

  /**
   * Load what is shown: now, and again, once things are quiet, whenever the hub tells of one of the
   * topics or is heard again after a loss, one of `sources` says that it has changed or another
   * language is chosen, and every so many milliseconds. Returns what to call when it is to be loaded
   * again for another reason.
   */
  protected keepLoaded(
    load: () => Promise<void>,
    {
      topics = [],
      sources = [],
      every,
      quiet,
    }: { topics?: string[]; sources?: EventTarget[]; every?: number; quiet?: number } = {},
  ): () => void {
    const again = this.settled(() => void load(), quiet);
    for (const topic of topics) this.until(hub.stream.subscribe(topic, again));
    for (const source of [i18n, ...sources]) this.on(source, "change", again);
    this.on(hub.stream, "back", again);
    if (every !== undefined) this.every(every, again);
    void load();
    return again;
  }

  /** Call something every so many milliseconds for as long as the element is in the page. */
  protected every(milliseconds: number, work: () => void): void {
    const timer = setInterval(work, milliseconds);
    this.until(() => clearInterval(timer));
  }
}

/** Define an element once, also where two copies of a module meet on a foreign page. */
export function define(tag: string, element: CustomElementConstructor): void {
  if (!customElements.get(tag)) customElements.define(tag, element);
}
