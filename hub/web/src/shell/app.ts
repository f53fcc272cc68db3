import {
  ApiProblem,
  hub,
  isAboutLesson,
  N_,
  type Problem,
  problemOf,
  UNREACHABLE,
} from "@classhub/client";
import {
  brandMark,
  define,
  givenName,
  HubElement,
  helpLink,
  i18n,
  icon,
  LANGUAGE_NAMES,
  navigate,
  personName,
  provideHelp,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { appStyles } from "./app.styles.js";
import "./asset-openers.js";
import { data, guides, routes } from "./data.js";
import { helpHref } from "./guide/guides.js";
import { followNotices } from "./notices.js";
import { findRoute, type Match, mayVisit, navigation, type Route } from "./router.js";
import { switchTheme, theme } from "./theme.js";

const RETRY = 3_000;
/** The path that this document was loaded for: what it may use was said with it. */
const LOADED_FOR = location.pathname;

interface PageElement extends HTMLElement {
  params: Record<string, string>;
}

/** The frame around every page: navigation, language, light, who is signed in. */
class App extends HubElement {
  static override properties = {
    problem: { state: true },
    page: { state: true },
    match: { state: true },
    menu: { state: true },
    more: { state: true },
    room: { state: true },
    themeNow: { state: true },
  };
  static override styles = appStyles;
  declare problem: Problem | null;
  declare page: PageElement | null;
  declare match: Match | null;
  declare menu: boolean;
  /** Whether the pages that find no room in the navigation are shown. */
  declare more: boolean;
  /** How many pages have room at the top. */
  declare room: number;
  declare themeNow: string;
  private shownPath = "";

  constructor() {
    super();
    this.problem = null;
    this.page = null;
    this.match = null;
    this.menu = false;
    this.more = false;
    this.room = MOST;
    this.themeNow = theme();
  }

  protected override arrive(): void {
    this.on(window, "popstate", () => void this.show());
    this.on(window, "hub:navigate", () => void this.show());
    this.on(window, "hashchange", () => void this.redeem());
    this.on(window, "resize", () => this.fit());
    this.on(document, "click", (event) => this.clicked(event as MouseEvent));
    this.on(hub.session, "change", () => {
      this.fit();
      void this.show();
    });
    this.on(hub.stream, "refused", () => void this.refresh());
    // A lesson may have begun or ended while the hub was not heard.
    this.on(hub.stream, "back", () => void this.refresh());
    this.on(i18n, "change", () => {
      this.retitle();
      this.fit();
    });
    // Words are wider or narrower in the hub's own letters than in those until they are there.
    this.on(document.fonts, "loadingdone", () => this.fit());
    provideHelp(() => this.help());
    void this.start();
  }

  /** Where the help for this page is; a page of the help needs none. */
  private help(): string | null {
    const route = this.match?.route;
    if (route?.path.startsWith("/help")) return null;
    return helpHref(guides, route?.help, hub.session.principal?.role);
  }

  /** Find out anew how many pages have room at the top. */
  private fit(): void {
    this.room = MOST;
    this.requestUpdate();
  }

  protected override updated(): void {
    const links = this.renderRoot.querySelector("nav.top .links");
    if (links && this.room > 1 && links.scrollWidth > links.clientWidth) this.room -= 1;
  }

  private async start(): Promise<void> {
    if (await this.redeem()) {
      this.listen();
      return;
    }
    await this.show();
    if (!hub.session.known) await this.refresh();
    this.listen();
  }

  /** Sign in with the code in the address, if there is one; tells whether that worked. */
  private async redeem(): Promise<boolean> {
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    if (!code) return false;
    // The code opens the hub: it must not stay in the address bar or the history.
    history.replaceState(null, "", location.pathname + location.search);
    try {
      await hub.session.open({ code });
      return true;
    } catch (error) {
      sayProblem(problemOf(error));
      return false;
    }
  }

  private listening = false;

  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    const follow = () => {
      if (hub.session.principal === null) return;
      this.until(
        hub.stream.subscribe("lessons/+", (_, payload) => {
          if (isAboutLesson(payload)) void this.refresh();
        }),
      );
      this.until(followNotices());
      hub.session.removeEventListener("change", follow);
    };
    hub.session.addEventListener("change", follow);
    follow();
  }

  private async refresh(): Promise<void> {
    try {
      await hub.session.refresh();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
      if (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500) {
        setTimeout(() => void this.refresh(), RETRY);
      }
    }
  }

  private clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || link.origin !== location.origin || link.target || link.hasAttribute("download"))
      return;
    if (link.pathname.startsWith("/api/") || link.pathname.startsWith("/plugins/")) return;
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
    scrollTo(0, 0);
  }

  private allowed(route: Route): boolean {
    return mayVisit(route, hub.session.principal?.role);
  }

  private async show(): Promise<void> {
    const path = location.pathname;
    let match = findRoute(routes, path);
    if (!hub.session.known && match?.route.roles !== "all") return;
    if (match && !this.allowed(match.route)) match = null;
    if (match?.route.microphone && !findRoute(routes, LOADED_FOR)?.route.microphone) {
      // Only a document that was loaded for such a page may use the microphone.
      location.reload();
      return;
    }
    const route: Route =
      hub.session.principal === null && match?.route.roles !== "all"
        ? {
            path,
            title: N_("Welcome"),
            tag: "hub-welcome-page",
            load: () => import("./pages/door.js"),
          }
        : (match?.route ?? {
            path,
            title: N_("Not found"),
            tag: "hub-missing-page",
            load: () => import("./pages/missing.js"),
          });
    const key = `${route.tag} ${path}`;
    if (key === this.shownPath) return;
    this.shownPath = key;
    try {
      await route.load();
    } catch (error) {
      this.shownPath = "";
      this.problem = { ...problemOf(error), title: N_("This page could not be loaded.") };
      return;
    }
    if (this.shownPath !== key) return;
    const page = document.createElement(route.tag) as PageElement;
    page.params = match?.params ?? {};
    this.match = { route, params: page.params };
    this.page = page;
    this.menu = false;
    this.more = false;
    this.problem = null;
    this.retitle();
  }

  private retitle(): void {
    const name = givenName(data.hub.name) || t("Classroom hub");
    document.title = this.match ? `${t(this.match.route.title)} – ${name}` : name;
  }

  /** The hub will be back: the page stays as it is, and says so itself where it fills the screen. */
  private get passing(): boolean {
    return this.page !== null && this.problem?.code === UNREACHABLE.code;
  }

  override render(): TemplateResult {
    const immersive = (this.page?.constructor as { immersive?: boolean })?.immersive ?? false;
    return html`
      ${immersive ? nothing : this.bar()}
      ${this.task(immersive)}
      <main id="main" tabindex="-1" class=${immersive ? "immersive" : ""}>
        ${this.problem && !(immersive && this.passing) ? html`<div class="trouble ${this.passing ? "passing" : ""}"><hub-notice .problem=${this.problem}></hub-notice></div>` : nothing}
        ${this.page ?? (this.problem ? nothing : html`<div class="wait" role="status"><span class="visually-hidden">${t("Loading")}</span></div>`)}
      </main>
      ${immersive ? nothing : this.nav("bottom")}
    `;
  }

  /** A pupil's task sheet; its part is fetched with the first one. */
  private task(floating: boolean): TemplateResult | typeof nothing {
    if (hub.session.principal?.role !== "pupil" || !hub.session.lesson?.task) return nothing;
    void import("./task-sheet.js").catch((error: unknown) => sayProblem(problemOf(error)));
    return html`<hub-task-sheet ?floating=${floating}></hub-task-sheet>`;
  }

  private skip(): void {
    this.renderRoot.querySelector<HTMLElement>("#main")?.focus();
  }

  private bar(): TemplateResult {
    const principal = hub.session.principal;
    const name = givenName(data.hub.name) || t("Classroom hub");
    return html`<header>
      <button class="skip" @click=${this.skip}>${t("Skip to the page")}</button>
      <a class="brand" href="/" aria-label=${name}>${brandMark()}<span>${name}</span></a>
      ${this.nav("top")}
      <div class="tools">
        ${helpLink()}
        ${this.languages()}
        <button class="quiet icon" @click=${this.turnLight}
          aria-label=${this.themeNow === "dark" ? t("Light colours") : t("Dark colours")}
          title=${this.themeNow === "dark" ? t("Light colours") : t("Dark colours")}>
          ${icon(this.themeNow === "dark" ? "sun" : "moon")}</button>
        ${principal ? this.person(personName(principal.name)) : nothing}
      </div>
    </header>`;
  }

  private turnLight(): void {
    switchTheme();
    this.themeNow = theme();
  }

  private languages(): TemplateResult {
    return html`<div class="languages" role="group" aria-label=${t("Language")}>${i18n.offered.map(
      (
        language,
      ) => html`<button class="quiet" lang=${language} aria-pressed=${language === i18n.language ? "true" : "false"}
        title=${LANGUAGE_NAMES[language] ?? language}
        @click=${() => void i18n.use(language, true)}>${SHORT[language] ?? language}</button>`,
    )}</div>`;
  }

  private person(name: string): TemplateResult {
    return html`<div class="person">
      <button class="quiet" aria-expanded=${this.menu ? "true" : "false"} @click=${() => {
        this.menu = !this.menu;
      }} aria-label=${t("Signed in as {name}", { name })}>${icon("person")}<span class="name">${name}</span></button>
      ${
        this.menu
          ? html`<div class="menu card">
            <p class="muted small">${t("Signed in as {name}", { name })}</p>
            <button @click=${this.signOut}>${icon("door")}${t("Sign out")}</button>
          </div>`
          : nothing
      }
    </div>`;
  }

  private async signOut(): Promise<void> {
    this.menu = false;
    try {
      await hub.session.close();
      navigate("/", { replace: true });
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private nav(where: "top" | "bottom"): TemplateResult | typeof nothing {
    if (hub.session.principal === null) return nothing;
    const shown = navigation(routes, hub.session.principal.role);
    if (shown.length < 2) return nothing;
    const now = this.match?.route.path ?? "";
    // A page below another belongs to it: a print job to 3D printing.
    const here = (path: string) => now === path || (path !== "/" && now.startsWith(`${path}/`));
    const link = (route: (typeof shown)[number]) =>
      html`<a href=${route.path} aria-current=${route.path === now ? "page" : here(route.path) ? "true" : nothing}>
        ${icon(route.icon ?? "device")}<span>${t(route.title)}</span></a>`;
    const room = where === "top" ? this.room : THUMBS;
    const rest = shown.length > room + 1 ? shown.slice(room) : [];
    return html`<nav class=${where} aria-label=${t("Pages")}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Escape") this.more = false;
      }}><div class="links">${shown.slice(0, rest.length ? room : undefined).map(link)}</div>
      ${
        rest.length
          ? html`<div class="rest"><button class="quiet ${rest.some((route) => here(route.path)) ? "here" : ""}"
              aria-expanded=${this.more ? "true" : "false"} @click=${() => {
                this.more = !this.more;
              }}>${icon("more")}<span>${t("More")}</span></button>
            ${this.more ? html`<div class="menu card">${rest.map(link)}</div>` : nothing}</div>`
          : nothing
      }</nav>`;
  }
}

/** How many pages find room at the bottom, beside the button for the others. */
const THUMBS = 4;
/** At the top it is found out how many do, from so many down: a row of more words is not read. */
const MOST = 8;
const SHORT: Record<string, string> = { kk: "Қаз", ru: "Рус", en: "Eng" };

define("hub-app", App);
