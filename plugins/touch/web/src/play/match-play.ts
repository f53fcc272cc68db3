import { type Asset, hub, type Page, type Problem, problemOf } from "@classhub/client";
import { define, icon, number, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { mixed, type Place, places, type Result } from "../model.js";
import { Activity, type Finger } from "./activity.js";
import { playStyles } from "./play.styles.js";
import { deepest } from "./table-touches.js";

const MOST = 6;

interface Pair {
  asset: Asset;
  title: string;
}

interface Side {
  place: Place;
  name: string;
  pictures: Pair[];
  words: string[];
  /** Titles that lie on their picture; of those, how many the first try. */
  found: ReadonlySet<string>;
  missed: ReadonlySet<string>;
}

/** Names and pictures of the lesson: each team drags every name onto its picture. */
class MatchPlay extends Activity {
  static override properties = {
    teams: { type: Number },
    sides: { state: true },
    held: { state: true },
    kept: { state: true },
    problem: { state: true },
  };
  static override styles = [
    ...playStyles,
    css`
      .body { grid-template-rows: minmax(0, 1fr) auto; }
      .pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(7rem, 30%), 1fr)); grid-auto-rows: minmax(0, 1fr); gap: 2cqmin; min-height: 0; }
      figure { position: relative; background: var(--sunken); border: 3px dashed var(--line-strong); border-radius: var(--radius-m); overflow: hidden; min-height: 0; }
      figure img { width: 100%; height: 100%; object-fit: cover; pointer-events: none; }
      figure.done { border: 3px solid var(--good); }
      figcaption { position: absolute; left: 0; right: 0; bottom: 0; background: var(--good); color: var(--surface); padding: 0.2em 0.5em; font-weight: 700; font-size: clamp(0.9rem, 3.6cqmin, 1.6rem); text-align: center; overflow-wrap: anywhere; }
      .words { display: flex; flex-wrap: wrap; gap: 2cqmin; min-height: calc(var(--touch) + 1cqmin); align-items: center; justify-content: center; }
      .word { background: var(--team); color: #fff; border-radius: 99px; padding: 0.5em 1em; min-height: var(--touch); font-weight: 700; font-size: clamp(0.95rem, 3.8cqmin, 1.7rem); touch-action: none; cursor: grab; display: flex; align-items: center; overflow-wrap: anywhere; max-width: 100%; }
      .word.held { position: relative; z-index: 5; box-shadow: var(--shadow); cursor: grabbing; pointer-events: none; }
      .done-words { font-size: clamp(1.1rem, 5cqmin, 2.2rem); font-weight: 700; display: flex; gap: 0.5em; align-items: center; color: var(--good); }
      .alone { position: absolute; inset: 0; display: grid; place-content: center; gap: var(--space-4); padding: var(--space-5); max-width: 40rem; margin: auto; text-align: center; }
    `,
  ];
  declare teams: number;
  declare sides: Side[] | null;
  /** Where each held word is, from where it lay, by "side word". */
  declare held: ReadonlyMap<string, { x: number; y: number; finger: number }>;
  declare kept: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.teams = 2;
    this.sides = null;
    this.held = new Map();
    this.kept = false;
    this.problem = null;
  }

  protected override arrive(): void {
    super.arrive();
    void this.begin();
  }

  private async begin(): Promise<void> {
    try {
      await hub.session.refresh();
      const lesson = hub.session.lesson?.id;
      if (!lesson) {
        this.sides = [];
        return;
      }
      const found = await hub.api.get<Page<Asset>>("/assets", { lesson, limit: 100 });
      const pairs = distinct(found.items);
      this.sides =
        pairs.length < 2
          ? []
          : places(this.teams).map((place, at) => ({
              place,
              name: t("Team {number}", { number: at + 1 }),
              pictures: mixed(pairs),
              words: mixed(pairs.map((pair) => pair.title)),
              found: new Set<string>(),
              missed: new Set<string>(),
            }));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  protected override fingerDown(finger: Finger): void {
    const word = finger.target.closest<HTMLElement>("[data-word]");
    const key = word?.dataset.word;
    if (!key || this.held.has(key)) return;
    this.held = new Map([...this.held, [key, { x: 0, y: 0, finger: finger.id }]]);
  }

  protected override fingerMoved(finger: Finger, from: { x: number; y: number }): void {
    const key = this.keyOf(finger);
    const before = key ? this.held.get(key) : undefined;
    const turned = key ? this.sides?.[Number(key.split(" ")[0])]?.place.turn : 0;
    if (!key || !before) return;
    const way = turned ? -1 : 1;
    const moved = {
      ...before,
      x: before.x + way * (finger.x - from.x),
      y: before.y + way * (finger.y - from.y),
    };
    this.held = new Map([...this.held, [key, moved]]);
  }

  protected override fingerUp(finger: Finger): void {
    const key = this.keyOf(finger);
    if (!key) return;
    this.held = new Map([...this.held].filter(([other]) => other !== key));
    const picture = deepest(finger.x, finger.y)?.closest<HTMLElement>("[data-picture]");
    if (picture?.dataset.picture) this.drop(key, picture.dataset.picture);
  }

  private keyOf(finger: Finger): string | undefined {
    for (const [key, held] of this.held) if (held.finger === finger.id) return key;
    return undefined;
  }

  /** A word of a side is dropped on a picture: both are "side index". */
  private drop(wordKey: string, pictureKey: string): void {
    const [at, word] = wordKey.split(" ").map(Number) as [number, number];
    const [where, picture] = pictureKey.split(" ").map(Number) as [number, number];
    const side = this.sides?.[at];
    const title = side?.words[word];
    if (!side || title === undefined || at !== where) return;
    const good = side.pictures[picture]?.title === title;
    const changed: Side = good
      ? { ...side, found: new Set([...side.found, title]) }
      : { ...side, missed: new Set([...side.missed, title]) };
    this.sides = (this.sides ?? []).map((other, index) => (index === at ? changed : other));
    if (this.sides.every((one) => one.found.size === one.pictures.length)) void this.keep();
  }

  private async keep(): Promise<void> {
    if (this.kept || !this.sides) return;
    this.kept = true;
    const teams = this.sides.map((side) => {
      const right = side.pictures.length - side.missed.size;
      return { name: side.name, points: right, right, of: side.pictures.length };
    });
    try {
      const body = { activity: "match", title: t("Names and pictures"), teams };
      await hub.api.post<Result>("/touch/results", body);
    } catch (error) {
      this.kept = false;
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    if (this.problem) {
      return html`<div class="alone"><hub-notice .problem=${this.problem}></hub-notice></div>`;
    }
    if (this.sides?.length === 0) {
      return html`<div class="alone"><h1>${t("Names and pictures")}</h1>
        <p>${t("This needs at least two pictures of the lesson, each with a name of its own. Take pictures, name them in the album, and come back.")}</p></div>`;
    }
    return html`${(this.sides ?? []).map((side, at) => this.side(side, at))}`;
  }

  private side(side: Side, at: number): TemplateResult {
    const done = side.found.size === side.pictures.length;
    return html`<section class="place of${this.sides?.length ?? 0} at${at}" aria-label=${side.name}><div class="team">
      <div class="name"><span>${side.name}</span><span>${number(side.found.size)}/${number(side.pictures.length)}</span></div>
      <div class="body"><div class="pictures">${side.pictures.map(
        (pair, index) =>
          html`<figure class=${side.found.has(pair.title) ? "done" : ""} data-picture="${at} ${index}"><img src=${pair.asset.links.thumbnail ?? pair.asset.links.content} alt="" draggable="false">${side.found.has(pair.title) ? html`<figcaption>${pair.title}</figcaption>` : nothing}</figure>`,
      )}</div>
      <div class="words">${
        done
          ? html`<p class="done-words">${icon("check")}${t("All found; {right} at the first try.", { right: number(side.pictures.length - side.missed.size) })}</p>`
          : side.words.map((word, index) => this.word(side, word, `${at} ${index}`))
      }</div></div></div></section>`;
  }

  private word(side: Side, word: string, key: string): TemplateResult | typeof nothing {
    if (side.found.has(word)) return nothing;
    const held = this.held.get(key);
    const move = (word?: Element) => {
      if (word instanceof HTMLElement) word.style.translate = held ? `${held.x}px ${held.y}px` : "";
    };
    return html`<span class="word ${held ? "held" : ""}" data-word=${key} ${ref(move)}>${word}</span>`;
  }
}
define("hub-match-play", MatchPlay);

/** Pictures with names of their own: what has no name, or the name of another, says nothing. */
function distinct(assets: readonly Asset[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const asset of assets) {
    const title = asset.title?.trim() ?? "";
    const picture = asset.media_type.startsWith("image/");
    if (picture && title && !pairs.has(title)) pairs.set(title, { asset, title });
  }
  return [...pairs.values()].slice(0, MOST);
}
