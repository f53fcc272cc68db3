import { N_ } from "./mark.js";
import { ApiProblem, UNREACHABLE } from "./problem.js";
import type { Page, Problem } from "./types.js";

export interface ApiOptions {
  /** Origin of the hub, such as `http://hub.local:8420`; empty for the page's own. */
  origin?: string;
  /** Bearer token; without it the browser's session cookie speaks. */
  token?: string;
  /** The language in which problems are told. */
  language?: () => string;
}

type Query = Record<string, string | number | boolean | null | undefined>;

/** Typed calls of the hub's REST API. Every failure is an `ApiProblem`. */
export class Api {
  readonly origin: string;
  readonly token: string;
  readonly language: () => string;

  constructor(options: ApiOptions = {}) {
    this.origin = options.origin ?? "";
    this.token = options.token ?? "";
    this.language = options.language ?? (() => "");
  }

  /** The address of a path of the API: `/devices` becomes `/api/v1/devices`. */
  url(path: string, query: Query = {}): string {
    const full = path.startsWith("/api/") ? path : `/api/v1${path}`;
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) search.set(name, String(value));
    }
    const text = search.toString();
    return this.origin + full + (text ? (full.includes("?") ? "&" : "?") + text : "");
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.request<T>("GET", this.url(path, query));
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.request<T>("POST", this.url(path), body);
  }

  /** Send a form, perhaps with a file. */
  form<T>(path: string, form: FormData): Promise<T> {
    return this.request<T>("POST", this.url(path), form);
  }

  put<T>(path: string, body?: unknown): Promise<T> {
    return this.request<T>("PUT", this.url(path), body);
  }

  patch<T>(path: string, body?: unknown): Promise<T> {
    return this.request<T>("PATCH", this.url(path), body);
  }

  delete(path: string): Promise<void> {
    return this.request<void>("DELETE", this.url(path));
  }

  /** All the items of a list, page after page, at most `most`. */
  async all<T>(path: string, query: Query = {}, most = 1000): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<T> = await this.get(path, { limit: 200, ...query, cursor });
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null && items.length < most);
    return items;
  }

  /** A file that the hub makes, with its name. */
  async file(path: string, query?: Query): Promise<File> {
    const response = await this.answer("GET", this.url(path, query), undefined, "*/*");
    const said = response.headers.get("Content-Disposition") ?? "";
    const [, coded, plain] = /filename\*=utf-8''([^;]+)|filename="([^"]*)"/i.exec(said) ?? [];
    const name = coded ? decodeURIComponent(coded) : (plain ?? "");
    const bytes = await response.blob();
    return new File([bytes], name, { type: bytes.type });
  }

  private async request<T>(method: string, url: string, body?: unknown): Promise<T> {
    const response = await this.answer(method, url, body, "application/json");
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }

  private async answer(
    method: string,
    url: string,
    body: unknown,
    accept: string,
  ): Promise<Response> {
    const headers: Record<string, string> = { Accept: accept };
    const language = this.language();
    if (language) headers["Accept-Language"] = language;
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const isForm = body instanceof FormData;
    // Of a form the browser says the type itself, with the boundary between the parts.
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers,
        credentials: this.origin ? "omit" : "same-origin",
        body: body === undefined || isForm ? body : JSON.stringify(body),
      });
    } catch {
      throw new ApiProblem(UNREACHABLE, 0);
    }
    if (!response.ok) throw new ApiProblem(await readProblem(response), response.status);
    return response;
  }
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    const document = (await response.json()) as Partial<Problem>;
    if (document.title) return { code: "unknown", ...document } as Problem;
  } catch {
    // Not a problem document: something between us and the hub answered.
  }
  return {
    code: `http-${response.status}`,
    title: N_("The hub gave no proper answer."),
    hint: N_("Try again. If it happens again, tell the lab engineer."),
  };
}
