import { Api } from "./api.js";
import { ApiProblem } from "./problem.js";
import { Stream } from "./stream.js";
import type { Lesson, Principal, Role, SessionAnswer } from "./types.js";

const RANK: Role[] = ["display", "pupil", "teacher", "engineer", "admin"];

/** Tell whether a role may do what another role may do. */
export function includes(role: Role | undefined, other: Role): boolean {
  return role !== undefined && RANK.indexOf(role) >= RANK.indexOf(other);
}

/**
 * Who is signed in and in which lesson. `change` is dispatched whenever it changes; `known` is
 * false until the hub has answered for the first time.
 */
export class Session extends EventTarget {
  known = false;
  principal: Principal | null = null;
  lesson: Lesson | null = null;
  /** Who was signed in, and where, when the hub ended the session: a lesson's end, a revocation. */
  farewell: { principal: Principal; lesson: Lesson | null } | null = null;

  constructor(private readonly hub: Hub) {
    super();
  }

  may(role: Role): boolean {
    return includes(this.principal?.role, role);
  }

  /** Ask the hub anew. Only "not signed in" counts as signed out; other failures are thrown. */
  refresh(): Promise<void> {
    // While nothing is known yet one answer serves all who ask; later each wants a fresh one.
    if (this.known) return this.ask();
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private asking: Promise<void> | null = null;

  private async ask(): Promise<void> {
    try {
      this.take(await this.hub.api.get<SessionAnswer>("/session"));
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      this.take(null);
    }
  }

  /** Sign in with a one-time code, or join a lesson with six digits and a name. */
  async open(by: { code: string } | { digits: string; name: string }): Promise<void> {
    const answer = await this.hub.api.post<SessionAnswer>("/session", by);
    this.hub.stream.reconnect();
    this.take(answer);
  }

  async close(): Promise<void> {
    await this.hub.api.delete("/session");
    this.take(null);
    this.farewell = null;
    this.hub.stream.reconnect();
  }

  private take(answer: SessionAnswer | null): void {
    const before = JSON.stringify([this.known, this.principal, this.lesson]);
    if (answer) this.farewell = null;
    else if (this.principal) this.farewell = { principal: this.principal, lesson: this.lesson };
    this.known = true;
    this.principal = answer?.principal ?? null;
    this.lesson = answer?.lesson ?? null;
    if (JSON.stringify([this.known, this.principal, this.lesson]) !== before) {
      this.dispatchEvent(new Event("change"));
    }
  }
}

/** One hub as a page sees it: calls, live messages, the session. */
export class Hub {
  readonly api: Api;
  readonly stream: Stream;
  readonly session: Session;
  private language = "";

  constructor(
    readonly origin = "",
    token = "",
  ) {
    this.api = new Api({ origin, token, language: () => this.language });
    this.stream = new Stream({ url: () => this.streamUrl(), token });
    this.session = new Session(this);
  }

  /** The language in which the hub tells problems. */
  speak(language: string): void {
    const changed = this.language !== "" && this.language !== language;
    this.language = language;
    if (changed) this.stream.reconnect();
  }

  private streamUrl(): string {
    const base = this.origin || location.origin;
    const lang = this.language ? `?lang=${encodeURIComponent(this.language)}` : "";
    return `${base.replace(/^http/, "ws")}/api/v1/stream${lang}`;
  }
}

const hubs = new Map<string, Hub>();

/** The hub of an origin and token; the same object for the same ones, so one socket is shared. */
export function hubAt(origin = "", token = ""): Hub {
  const own = typeof location !== "undefined" && origin === location.origin ? "" : origin;
  const key = JSON.stringify([own, token]);
  let found = hubs.get(key);
  if (!found) {
    found = new Hub(own, token);
    hubs.set(key, found);
  }
  return found;
}

/** The hub that served this script: the page's own, or for `/elements.js` that of its address. */
export const hub = hubAt(import.meta.url.startsWith("http") ? new URL(import.meta.url).origin : "");

/** The hub that an element speaks with, as its attributes `hub` and `token` say. */
export function hubFor(element: Element): Hub {
  const origin = element.getAttribute("hub");
  const token = element.getAttribute("token");
  if (origin === null && token === null) return hub;
  return hubAt(origin ? new URL(origin, location.href).origin : hub.origin, token ?? "");
}
