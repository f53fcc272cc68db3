import { type HubData, hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement } from "@classhub/ui";
import { css, html, type nothing, type TemplateResult } from "lit";
import { data } from "./data.js";

/** What plugins put on the home page, for those of each card's roles. */
class HomeCards extends HubElement {
  static override properties = { problem: { state: true } };
  static override styles = [
    base,
    css`
      .cards { justify-items: stretch; }
    `,
  ];
  declare problem: Problem | null;
  private readonly made = new Map<string, HTMLElement>();
  private readonly asked = new Set<string>();

  constructor() {
    super();
    this.problem = null;
  }

  protected override arrive(): void {
    this.on(hub.session, "change", () => void this.load());
    void this.load();
  }

  private get wanted(): { tag: string; at: string; module: string }[] {
    return cardsFor(data.plugins, hub.session.principal?.role);
  }

  private async load(): Promise<void> {
    for (const { tag, at, module } of this.wanted) {
      if (this.asked.has(tag)) continue;
      this.asked.add(tag);
      try {
        await import(/* @vite-ignore */ at + module);
        this.made.set(tag, document.createElement(tag));
      } catch (error) {
        this.problem = problemOf(error);
      }
    }
    this.requestUpdate();
  }

  override render(): TemplateResult | typeof nothing {
    const shown = this.wanted.flatMap(({ tag }) => this.made.get(tag) ?? []);
    this.hidden = !shown.length && !this.problem;
    return html`<div class="stack cards"><hub-notice .problem=${this.problem}></hub-notice>${shown}</div>`;
  }
}

/** The cards for somebody of this role, in the plugins' order; nobody has none. */
export function cardsFor(
  plugins: Pick<HubData["plugins"][number], "base" | "home">[],
  role: string | undefined,
): { tag: string; at: string; module: string }[] {
  if (role === undefined) return [];
  return plugins.flatMap(({ base, home }) =>
    home
      .filter(({ roles }) => !roles || (roles as string[]).includes(role))
      .map(({ tag, module }) => ({ tag, at: base, module })),
  );
}
define("hub-home-cards", HomeCards);
