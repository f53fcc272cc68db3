/** The pages of a board: go to one, add, order, hide, take away, and what they are drawn on. */
import fileUp from "icon:file-up";
import { type Asset, hub, type Page as List, type Operation, problemOf } from "@classhub/client";
import { drawing, givenName, icon, Running, say, sayProblem, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { type Board, newId } from "../model/board.js";
import { type Background, orderBetween, type Page } from "../model/shared.js";
import { SHEET } from "../view/stage.js";
import type { BoardPage } from "./board-page.js";

const KINDS = ["lines", "squares", "dots"] as const;
const PICTURES = ["image/jpeg", "image/png"];
const FILES = "application/pdf,image/jpeg,image/png";
const COMES = 10_000;

export class PagesPanel {
  private assets: Asset[] | null = null;
  private choosing = false;
  /** The pages of a file, while they are made. */
  private readonly making: Running;

  constructor(private readonly host: BoardPage) {
    this.making = new Running(host);
  }

  private get session(): Board | null {
    return this.host.session;
  }

  private get now(): Page | undefined {
    return this.session?.page(this.host.element?.stage?.page ?? "");
  }

  /** A new page after this one, drawn on as this one is. */
  add(background: Background | null): void {
    const { session, now } = this;
    if (!session) return;
    const pages = session.shared.pages;
    const at = pages.findIndex(({ id }) => id === now?.id);
    const order = orderBetween(pages[at]?.order, pages[at + 1]?.order);
    const kept = now?.background?.kind === "picture" ? null : (now?.background ?? null);
    const id = newId();
    session.setPage(
      { order, title: "", hidden: false, locked: false, background: background ?? kept },
      id,
    );
    this.host.element?.go(id);
  }

  /** Wait until a page that the hub has made is here, too. */
  private async come(page: string): Promise<void> {
    for (let times = 0; times < COMES / 50 && !this.session?.page(page); times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private change(page: Page, change: Partial<Page>): void {
    this.session?.setPage({ ...page, ...change }, page.id);
  }

  private move(page: Page, by: -1 | 1): void {
    const pages = this.session?.shared.pages ?? [];
    const at = pages.findIndex(({ id }) => id === page.id);
    const order =
      by < 0
        ? orderBetween(pages[at - 2]?.order, pages[at - 1]?.order)
        : orderBetween(pages[at + 1]?.order, pages[at + 2]?.order);
    if (pages[at + by]) this.change(page, { order });
  }

  render(): TemplateResult {
    const { session, now } = this;
    const pages = session?.seenPages ?? [];
    return html`<ol class="list">${pages.map((page, index) => this.row(page, index, page.id === now?.id))}</ol>
      ${session?.teacher && now ? this.background(now) : nothing}`;
  }

  private row(page: Page, index: number, here: boolean): TemplateResult {
    const { session } = this;
    const name = page.title || t("Page {n}", { n: index + 1 });
    return html`<li class=${here ? "here" : ""}>
      <button class="quiet go" aria-current=${here ? "page" : nothing} @click=${() => this.host.element?.go(page.id)}>${name}${page.hidden ? html`<span class="chip">${t("Hidden")}</span>` : nothing}</button>
      ${
        session?.teacher && here
          ? html`<div class="acts">
            <button class="quiet icon" ?disabled=${index === 0} aria-label=${t("Move up")} title=${t("Move up")} @click=${() => this.move(page, -1)}>${icon("up")}</button>
            <button class="quiet icon" ?disabled=${index === session.seenPages.length - 1} aria-label=${t("Move down")} title=${t("Move down")} @click=${() => this.move(page, 1)}>${icon("down")}</button>
            <button class="quiet" aria-pressed=${page.hidden ? "true" : "false"} @click=${() => this.change(page, { hidden: !page.hidden })}>${page.hidden ? t("Show to pupils") : t("Hide from pupils")}</button>
            <button class="quiet" aria-pressed=${page.locked ? "true" : "false"} @click=${() => this.change(page, { locked: !page.locked })}>${page.locked ? t("Let pupils draw here") : t("Only I draw here")}</button>
            <button class="quiet" aria-pressed=${session.shared.page === page.id ? "true" : "false"} ?disabled=${session.shared.page === page.id} @click=${() => session.set("page", page.id)}>${session.shared.page === page.id ? t("The pens write here") : t("Let the pens write here")}</button>
            <button class="quiet danger" ?disabled=${session.shared.pages.length < 2} @click=${() => session.removePage(page.id)}>${t("Take the page away")}</button>
          </div>`
          : nothing
      }
    </li>`;
  }

  private background(page: Page): TemplateResult {
    const kind = page.background?.kind ?? "plain";
    const names = { lines: t("Ruled"), squares: t("Squares"), dots: t("Dots") };
    const choice = (value: string, words: string, background: Background | null) =>
      html`<button class="paper ${value}" aria-pressed=${kind === value ? "true" : "false"} @click=${() => this.change(page, { background })}><span class="sample"></span>${words}</button>`;
    return html`<section class="part"><h3>${t("Paper")}</h3>
      <div class="papers">${choice("plain", t("Plain"), null)}${KINDS.map((one) => choice(one, names[one], { kind: one }))}</div>
      <button aria-expanded=${this.choosing ? "true" : "false"} @click=${() => void this.choose()}>${icon("images")}${t("A picture of the lesson")}</button>
      ${this.choosing ? this.album() : nothing}
      ${this.file()}
    </section>`;
  }

  private file(): TemplateResult {
    if (this.making.busy) {
      return html`<div class="making" role="status"><span>${t("The pages are being made …")}</span>
        <progress max="1" .value=${this.making.operation?.fraction ?? 0} aria-label=${t("The pages are being made …")}></progress></div>`;
    }
    return html`<label class="button">${drawing(fileUp)}${t("A PDF or picture from this computer")}<input class="visually-hidden"
      type="file" accept=${FILES} @change=${(event: Event) => {
        const field = event.target as HTMLInputElement;
        const [file] = field.files ?? [];
        field.value = "";
        if (file) void this.send(file);
      }}></label>`;
  }

  /** Make pages of a file, behind the page that is shown, and go to the first of them. */
  private async send(file: File): Promise<void> {
    const form = new FormData();
    if (this.now) form.set("after", this.now.id);
    form.set("file", file);
    const path = `/boards/${encodeURIComponent(this.host.params.id)}/pages/import`;
    const made = await this.making.follow<{ pages?: string[] }>(() =>
      hub.api.form<Operation>(path, form),
    );
    const [first] = made?.pages ?? [];
    if (this.making.problem) sayProblem(this.making.problem);
    else if (first) {
      await this.come(first);
      this.host.element?.go(first);
      say(t("The new pages are behind this one."));
    }
  }

  private async choose(): Promise<void> {
    this.choosing = !this.choosing;
    this.host.again();
    if (!this.choosing) return;
    const lesson = this.session?.state?.board.lesson;
    try {
      const found = await hub.api.get<List<Asset>>("/assets", { lesson, limit: 100 });
      this.assets = found.items.filter(({ media_type: type }) => PICTURES.includes(type));
    } catch (error) {
      sayProblem(problemOf(error));
      this.choosing = false;
    }
    this.host.again();
  }

  private album(): TemplateResult {
    const { assets } = this;
    if (assets === null) return html`<p class="muted" role="status">${t("Loading")}</p>`;
    if (assets.length === 0) {
      return html`<p class="muted">${t("The lesson's album has no picture yet. What is taken or uploaded there appears here.")}</p>`;
    }
    return html`<div class="album">${assets.map((asset) => {
      const name = givenName(asset.title) || t("Picture");
      return html`<button title=${name} aria-label=${name} @click=${() => this.take(asset)}>${
        asset.links.thumbnail
          ? html`<img alt="" loading="lazy" src=${asset.links.thumbnail}>`
          : html`<span>${name}</span>`
      }</button>`;
    })}</div>`;
  }

  private take(asset: Asset): void {
    const { now } = this;
    this.choosing = false;
    if (now && PICTURES.includes(asset.media_type) && asset.width && asset.height) {
      const scale = Math.min(SHEET.width / asset.width, SHEET.height / asset.height);
      const [width, height] = [asset.width * scale, asset.height * scale];
      const [x, y] = [(SHEET.width - width) / 2, (SHEET.height - height) / 2];
      this.change(now, { background: { kind: "picture", asset: asset.id, x, y, width, height } });
    }
  }
}
