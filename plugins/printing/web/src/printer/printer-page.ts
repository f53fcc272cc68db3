import "@classhub/live-view";
import {
  type Device,
  hub,
  N_,
  type Operation,
  type Problem,
  problemOf,
  type Reading,
} from "@classhub/client";
import {
  define,
  deviceName,
  deviceStatus,
  givenName,
  HubElement,
  i18n,
  icon,
  number,
  type SetEvent,
  sayProblem,
  t,
  Writer,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { printerPath, take } from "../api.js";
import { DRAW } from "../drawings.js";
import { type Printer, withNews } from "../model.js";
import "../job/sure.js";
import "../print-progress.js";
import {
  type Firmware,
  type LineCounts,
  offers,
  type PrinterState,
  type Prompt,
} from "./device.js";
import "./filament.js";
import type { FilamentEvent } from "./filament.js";
import "./motion.js";
import type { MoveEvent } from "./motion.js";
import "./set-up.js";
import { printerStyles } from "./printer-page.styles.js";
import "./temperatures.js";
import type { HeatEvent } from "./temperatures.js";

const STATES: Record<PrinterState, string> = {
  idle: N_("Ready"),
  busy: N_("At work"),
  printing: N_("Printing"),
  paused: N_("Paused"),
  attention: N_("Waits for a person"),
  halted: N_("Stopped: switch it off and on again"),
};

/** One printer: what it prints, how warm it is, its camera; moving, heating, filament; and STOP. */
class PrinterPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    device: { state: true },
    readings: { state: true },
    printer: { state: true },
    operation: { state: true },
    problem: { state: true },
    answers: { state: true },
    sure: { state: true },
  };
  static override styles = printerStyles;
  declare params: { id: string };
  declare device: Device | null;
  declare readings: Record<string, Reading>;
  declare printer: Printer | null;
  /** What was begun last on this page. */
  declare operation: Operation | null;
  declare problem: Problem | null;
  /** What the printer said to the lines that the engineer sent. */
  declare answers: string[];
  /** Asked about before the print is given up; STOP asks nothing. */
  declare sure: "cancel" | null;
  private readonly writers = new Map<string, Writer<unknown>>();

  constructor() {
    super();
    this.params = { id: "" };
    this.device = null;
    this.readings = {};
    this.printer = null;
    this.operation = null;
    this.problem = null;
    this.answers = [];
    this.sure = null;
  }

  protected override arrive(): void {
    const { id } = this.params;
    const hear = (filter: string, take: (topic: string, payload: unknown) => void) =>
      this.until(hub.stream.subscribe(filter, take));
    hear(`${id}/state`, () => void this.load());
    hear(`${id}/td`, (_, payload) => payload !== null && void this.load());
    hear(`${id}/p/+`, (topic, payload) => {
      const name = topic.split("/").at(-1) ?? "";
      this.readings = { ...this.readings, [name]: payload as Reading };
    });
    this.until(
      hub.stream.subscribe(
        `x/printing/printers/${id}`,
        (_, payload) => {
          const news = this.printer && payload ? withNews(this.printer, payload as Printer) : null;
          if (news) this.printer = news;
          else if (this.printer) void this.loadPrinter();
        },
        () => void this.loadPrinter(),
      ),
    );
    hear("operations/+", (_, payload) => {
      const operation = payload as Operation | null;
      if (operation && operation.id === this.operation?.id) this.took(operation);
    });
    this.on(i18n, "change", () => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.device = await hub.api.get<Device>(`/devices/${encodeURIComponent(this.params.id)}`);
      this.readings = { ...this.device.properties, ...this.readings };
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async loadPrinter(): Promise<void> {
    try {
      this.printer = await hub.api.get<Printer>(printerPath(this.params.id));
    } catch {
      // The device's own part of the page works without the queue's.
    }
  }

  private took(operation: Operation): void {
    this.operation = operation;
    if (operation.action === "send" && operation.status === "done") {
      this.answers = (operation.result as { answers: string[] } | null)?.answers ?? [];
    }
  }

  private value<T>(name: string): T | null {
    return (this.readings[name]?.value as T | undefined) ?? null;
  }

  private has(action: string): boolean {
    const description = this.device?.description;
    return (
      offers(description, action) && hub.session.may(description?.actions[action]?.role ?? "admin")
    );
  }

  private get reachable(): boolean {
    return this.device?.state.reachable ?? false;
  }

  /** Nothing by hand while it prints. */
  private get busy(): boolean {
    const state = this.value<PrinterState>("state");
    return !this.reachable || state === "printing" || state === "busy" || state === "halted";
  }

  private async invoke(action: string, input?: unknown): Promise<void> {
    const path = `/devices/${encodeURIComponent(this.params.id)}/actions/${action}`;
    try {
      this.took(await hub.api.post<Operation>(path, input === undefined ? {} : { input }));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  /** Through the job where there is one: then its owner sees who did it. */
  private async step(step: "pause" | "resume" | "cancel"): Promise<void> {
    const job = this.printer?.job;
    if (!job) return this.invoke(step);
    try {
      await take(job.id, step);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private write(name: string, value: unknown): void {
    let writer = this.writers.get(name);
    if (!writer) {
      const path = `/devices/${encodeURIComponent(this.params.id)}/properties/${name}`;
      writer = new Writer(
        async (next) => {
          const reading = await hub.api.put<Reading>(path, { value: next });
          this.readings = { ...this.readings, [name]: reading };
        },
        (error) => sayProblem(problemOf(error)),
      );
      this.writers.set(name, writer);
    }
    writer.send(value);
  }

  override render(): TemplateResult {
    const device = this.device;
    return html`${device ? this.bar(device) : nothing}<div class="page">
      <hub-notice .problem=${this.problem}></hub-notice>
      ${device ? this.body(device) : nothing}</div>`;
  }

  private bar(device: Device): TemplateResult {
    const status = deviceStatus(device.state);
    const state = this.value<PrinterState>("state");
    const words = status.tone === "good" && state ? t(STATES[state] ?? state) : status.text;
    const tone =
      state === "halted"
        ? "bad"
        : state === "attention" || state === "paused"
          ? "warn"
          : status.tone;
    return html`<div class="bar"><a class="button quiet icon" href="/print/queue" aria-label=${t("To the queue")}>${icon("arrow-left")}</a>
      <div class="grow"><h1>${deviceName(device)}</h1><p class="chip"><span class="dot ${tone}"></span>${words}</p></div>
      ${this.has("stop") ? html`<button class="stop" ?disabled=${!this.reachable} @click=${() => void this.invoke("stop")}>${DRAW.halt()}${t("STOP")}</button>` : nothing}</div>`;
  }

  private body(device: Device): TemplateResult {
    const problem =
      device.state.problem ?? (device.state.health?.severity === "ok" ? null : device.state.health);
    const camera = this.printer?.camera;
    const hands = this.has("move") || this.has("home");
    const byHand = hands || this.has("load") || hub.session.may("teacher");
    return html`<hub-notice .problem=${problem}></hub-notice>
      ${this.prompt()}${this.running()}
      <div class="columns"><div>
        <section class="card">${this.now()}</section>
        ${camera ? html`<section class="card view"><hub-live-view .device=${camera}></hub-live-view></section>` : nothing}
        <section class="card"><h2>${t("Temperatures")}</h2><hub-printer-temperatures .printer=${this.params.id} .reading=${this.readings.temperatures ?? null}
          ?heats=${this.has("heat")} ?disabled=${this.busy} @heat=${(event: HeatEvent) => void (event.targets ? this.invoke("heat", event.targets) : this.invoke("cool"))}></hub-printer-temperatures></section>
      </div>${
        byHand
          ? html`<div>
        ${
          hands
            ? html`<section class="card"><h2>${t("Move")}</h2><hub-printer-motion .reading=${this.readings.position ?? null} ?disabled=${this.busy} ?moves=${this.has("move")} ?homes=${this.has("home")}
          @move=${(event: MoveEvent) => void this.invoke("move", event.move)} @home=${() => void this.invoke("home", {})}></hub-printer-motion></section>`
            : nothing
        }
        ${
          this.has("load") || this.has("unload")
            ? html`<section class="card"><h2>${t("Filament")}</h2><hub-printer-filament .materials=${this.value<string[]>("materials") ?? []} .present=${this.value<boolean>("filament")}
          ?loads=${this.has("load")} ?unloads=${this.has("unload")} ?disabled=${this.busy}
          @filament=${(event: FilamentEvent) => void this.invoke(event.step, { temperature: event.temperature })}></hub-printer-filament></section>`
            : nothing
        }
        ${this.tuning(device)}
        ${
          this.printer && hub.session.may("teacher")
            ? html`<section class="card"><h2>${t("About this printer")}</h2><hub-printer-set-up .printer=${this.printer}
          @printer=${(event: CustomEvent<Printer>) => (this.printer = event.detail)}></hub-printer-set-up></section>`
            : nothing
        }
        ${hub.session.may("engineer") ? this.engineer() : nothing}
      </div>`
          : nothing
      }</div>`;
  }

  /** What the printer itself asks; its words are its own and stay as they are. */
  private prompt(): TemplateResult | typeof nothing {
    const prompt = this.value<Prompt>("prompt");
    if (!prompt?.message && this.value<PrinterState>("state") !== "attention") return nothing;
    const choices = prompt?.choices.length ? prompt.choices : [t("Go on")];
    return html`<section class="prompt" role="alert"><div><h2>${t("The printer asks")}</h2><p>${prompt?.message || t("It waits for somebody to look after it.")}</p></div>
      ${this.has("answer") ? html`<div class="row">${choices.map((words, choice) => html`<button class="big ${choice === 0 ? "primary" : ""}" @click=${() => void this.invoke("answer", { choice })}>${words}</button>`)}</div>` : nothing}</section>`;
  }

  /** What was begun here and is still under way, or has failed. */
  private running(): TemplateResult | typeof nothing {
    const operation = this.operation;
    if (!operation) return nothing;
    if (operation.problem) return html`<hub-notice .problem=${operation.problem}></hub-notice>`;
    if (operation.status !== "running" && operation.status !== "pending") return nothing;
    return html`<div class="card running" role="status"><strong>${t(operation.title)}</strong>
      ${operation.fraction === null ? html`<progress aria-label=${t(operation.title)}></progress>` : html`<progress max="1" .value=${operation.fraction} aria-label=${t(operation.title)}></progress>`}
      ${operation.message ? html`<p class="small">${t(operation.message)}</p>` : nothing}</div>`;
  }

  private now(): TemplateResult {
    const state = this.value<PrinterState>("state");
    const going = state === "printing" || state === "paused";
    const job = this.printer?.job;
    return html`<h2>${t("Print")}</h2>
      ${this.printer ? html`<hub-print-progress printer=${this.params.id}></hub-print-progress>` : html`<p class="muted">${t("The print queue does not know this printer.")}</p>`}
      <div class="row">
        ${going && state === "printing" && this.has("pause") ? html`<button class="big" @click=${() => void this.step("pause")}>${icon("pause")}${t("Pause")}</button>` : nothing}
        ${going && state === "paused" && this.has("resume") ? html`<button class="big primary" @click=${() => void this.step("resume")}>${icon("play")}${t("Go on")}</button>` : nothing}
        ${going && this.has("cancel") ? html`<button class="big danger" @click=${() => (this.sure = "cancel")}>${icon("close")}${t("Stop the print")}</button>` : nothing}
        <hub-print-sure .what=${this.sure} .name=${job?.name ?? ""} @close=${() => (this.sure = null)}
          @sure=${() => {
            this.sure = null;
            void this.step("cancel");
          }}></hub-print-sure>
        ${job?.name ? html`<a class="button" href="/print/jobs/${encodeURIComponent(job.id)}">${DRAW.box()}${t("To the job")}</a>` : nothing}
      </div>`;
  }

  /** Speed, flow, fan, light: what may be changed while it prints. */
  private tuning(device: Device): TemplateResult | typeof nothing {
    const writable = Object.values(device.description?.properties ?? {}).filter(
      (one) => one.writable && hub.session.may(one.write_role),
    );
    if (writable.length === 0) return nothing;
    return html`<section class="card"><h2>${t("While it prints")}</h2>${writable.map((one) => {
      const value = this.readings[one.name]?.value;
      if (one.schema.type === "boolean") {
        return html`<hub-switch .label=${t(one.title)} .value=${value === true} ?disabled=${!this.reachable} @set=${(event: SetEvent<boolean>) => this.write(one.name, event.value)}></hub-switch>`;
      }
      return html`<hub-range .label=${t(one.title)} unit=${one.unit ?? ""} .value=${typeof value === "number" ? value : null} minimum=${one.schema.minimum ?? 0} maximum=${one.schema.maximum ?? 100} step="5"
        ?disabled=${!this.reachable} @set=${(event: SetEvent<number>) => this.write(one.name, event.value)}></hub-range>`;
    })}</section>`;
  }

  private engineer(): TemplateResult {
    const counts = this.value<LineCounts>("line_counts");
    const firmware = this.value<Firmware>("firmware");
    const row = (words: string, figure: number | string) =>
      html`<div><dt>${words}</dt><dd>${typeof figure === "number" ? number(figure, 0) : figure}</dd></div>`;
    return html`<section class="card"><h2>${t("For the engineer")}</h2>
      ${firmware ? html`<dl>${row(t("Firmware"), firmware.name || "–")}${row(t("Machine"), givenName(firmware.machine) || "–")}</dl>` : nothing}
      ${
        counts
          ? html`<dl>${row(t("Lines sent"), counts.sent)}${row(t("Sent again"), counts.resent)}${row(t("Not understood"), counts.refused)}
        ${row(t("Silences"), counts.silences)}${row(t("Garbled answers"), counts.garbled)}</dl>`
          : nothing
      }
      ${
        this.has("send")
          ? html`<form class="gcode" @submit=${(event: Event) => {
              event.preventDefault();
              const lines = String(new FormData(event.target as HTMLFormElement).get("gcode") ?? "")
                .split("\n")
                .map((line) => line.trim())
                .filter(Boolean);
              if (lines.length) void this.invoke("send", { lines });
            }}><label for="gcode">${t("G-code to send")}</label><textarea id="gcode" name="gcode" spellcheck="false" maxlength="4000"></textarea><button ?disabled=${!this.reachable}>${icon("send")}${t("Send")}</button></form>
      ${this.answers.length ? html`<pre>${this.answers.join("\n")}</pre>` : nothing}`
          : nothing
      }
      <a class="all" href="/devices/${encodeURIComponent(this.params.id)}">${t("Everything about the device")}</a></section>`;
  }
}
define("hub-printer-page", PrinterPage);
