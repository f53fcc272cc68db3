import { hub, N_, type Problem } from "@classhub/client";
import { define, HubElement, i18n, icon, navigate, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { data, guides } from "../data.js";
import { type Guide, languageOf, mayRead } from "../guide/guides.js";
import { type Parsed, parseGuide } from "../guide/parse.js";
import { imageOf, linkOf } from "../guide/places.js";
import { render } from "../guide/render.js";
import { guideStyles, helpStyles } from "./help.styles.js";

/** The guides that this person may read. */
function readable(): Guide[] {
  return guides.filter((guide) => mayRead(guide, hub.session.principal?.role));
}

/** Every guide there is. */
class HelpPage extends HubElement {
  static override styles = helpStyles;

  override render(): TemplateResult {
    const found = readable();
    return html`<div class="page">
      <h1>${t("Help")}</h1>
      ${
        found.length > 0
          ? html`<ul class="guides">${found.map((guide) => html`<li><a class="card" href="/help/${guide.name}">${icon("book-open-text")}${t(guide.title)}</a></li>`)}</ul>`
          : html`<p>${t("There is no guide for you. Ask your teacher.")}</p>`
      }
    </div>`;
  }
}
define("hub-help-page", HelpPage);

const MISSING: Problem = {
  code: "not-found",
  title: N_("There is no such guide."),
  hint: N_("Choose one of those that there are."),
};
const NOT_LOADED: Problem = {
  code: "guide-not-loaded",
  title: N_("The guide could not be loaded."),
  hint: N_("Look whether this device is on the school's network, then try again."),
};

/** One guide: its chapters, and its text in the reader's language. */
class GuidePage extends HubElement {
  static override properties = {
    params: { attribute: false },
    text: { state: true },
    problem: { state: true },
    here: { state: true },
  };
  static override styles = guideStyles;
  declare params: { guide: string };
  declare text: Parsed | null;
  declare problem: Problem | null;
  /** The chapter that was asked for. */
  declare here: string;
  private language = "";
  private address: URL | null = null;

  constructor() {
    super();
    this.params = { guide: "" };
    this.text = null;
    this.problem = null;
    this.here = chapterOf(location.hash);
  }

  private get guide(): Guide | undefined {
    return readable().find(({ name }) => name === this.params.guide);
  }

  protected override arrive(): void {
    this.on(i18n, "change", () => void this.load());
    this.on(window, "hub:navigate", () => this.follow());
    this.on(window, "popstate", () => this.follow());
    void this.load();
  }

  private async load(): Promise<void> {
    const { guide } = this;
    if (!guide) {
      this.problem = MISSING;
      return;
    }
    const language = languageOf(guide, i18n.language, data.hub.language);
    if (language === this.language && this.text) return;
    const address = new URL(`${guide.folder}${language}.md`, location.href);
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error(String(response.status));
      const text = parseGuide(await response.text());
      if (language !== languageOf(guide, i18n.language, data.hub.language)) return;
      [this.text, this.language, this.address, this.problem] = [text, language, address, null];
    } catch {
      this.problem = NOT_LOADED;
      return;
    }
    await this.updateComplete;
    this.go(false);
  }

  private follow(): void {
    if (location.pathname !== `/help/${this.params.guide}`) return;
    this.here = chapterOf(location.hash);
    // After the shell has gone to the top of the page.
    setTimeout(() => this.go(true));
  }

  /** Go to the chapter in the address; `focus`: the keyboard goes on from there. */
  private go(focus: boolean): void {
    if (!this.here) return;
    const section = this.renderRoot.querySelector(`#${CSS.escape(this.here)}`);
    section?.scrollIntoView({ block: "start" });
    if (focus) section?.querySelector("h2")?.focus({ preventScroll: true });
  }

  /** Chapters leave no trace in the history: “Back” leads to the page from which one came. */
  private jump(event: MouseEvent): void {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey) return;
    if (link.origin !== location.origin || link.pathname !== location.pathname) return;
    event.preventDefault();
    navigate(link.pathname + link.hash, { replace: true });
  }

  private back(): void {
    if (history.length > 1) history.back();
    else navigate("/");
  }

  override render(): TemplateResult {
    const { guide, text } = this;
    return html`<div class="page" @click=${this.jump}>
      <div class="tools">
        <button class="quiet" @click=${this.back}>${icon("arrow-left")}${t("Back")}</button>
        <span class="grow"></span>
        <a class="button quiet" href="/help">${icon("help")}${t("All guides")}</a>
        ${text ? html`<button class="quiet" @click=${() => print()}>${icon("printer")}${t("Print")}</button>` : nothing}
      </div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.problem && guide ? html`<div><button class="primary" @click=${() => void this.load()}>${t("Try again")}</button></div>` : nothing}
      ${guide && text ? this.whole(guide, text) : nothing}
      ${!text && !this.problem ? html`<p role="status">${t("Loading")}</p>` : nothing}
    </div>`;
  }

  private whole(guide: Guide, text: Parsed): TemplateResult {
    const address = this.address ?? new URL(guide.folder, location.href);
    const known = (name: string) => readable().some((one) => one.name === name);
    const places = {
      link: (href: string) => linkOf(href, guide.name, text.slugs, known),
      image: (href: string) => imageOf(href, address),
    };
    return html`<div class="text">
      ${
        text.chapters.length > 1
          ? html`<nav class="card chapters" aria-label=${t("Contents")}><ol>${text.chapters.map(
              ({ id, title }) =>
                html`<li><a href="/help/${guide.name}#${id}" aria-current=${id === this.here ? "location" : nothing}>${title}</a></li>`,
            )}</ol></nav>`
          : nothing
      }
      <article lang=${this.language}>
        <div><h1>${text.title || t(guide.title)}</h1>${render(text.lead, places)}</div>
        ${text.chapters.map(
          (chapter) => html`<section id=${chapter.id}>
            <h2 tabindex="-1">${render(chapter.heading, places)}</h2>${render(chapter.body, places)}</section>`,
        )}
      </article></div>`;
  }
}
define("hub-guide-page", GuidePage);

function chapterOf(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}
