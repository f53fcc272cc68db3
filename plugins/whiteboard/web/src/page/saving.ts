/** The board as a file: asked of the hub, saved by the browser. */
import { hub, problemOf } from "@classhub/client";
import { icon, sayProblem, t } from "@classhub/ui";
import { html, type TemplateResult } from "lit";
import type { HubBoard } from "../board.js";
import type { BoardPage } from "./board-page.js";

type Format = "pdf" | "png" | "svg" | "inkml";

export class Saving {
  /** What is being made. */
  private busy: Format | null = null;

  constructor(private readonly host: BoardPage) {}

  render(element: HubBoard): TemplateResult {
    const button = (format: Format, words: string, page: string | null) =>
      html`<button ?disabled=${this.busy !== null} @click=${() => void this.save(format, page)}>${icon("download")}${
        this.busy === format ? t("The file is being made …") : words
      }</button>`;
    const page = element.stage?.page ?? null;
    return html`<section class="part"><h3>${t("Save as a file")}</h3>
      ${button("pdf", t("All pages (PDF)"), null)}
      ${button("png", t("This page as a picture (PNG)"), page)}
      ${button("svg", t("This page as a drawing (SVG)"), page)}
      ${button("inkml", t("The pens' strokes (InkML)"), null)}
    </section>`;
  }

  private async save(format: Format, page: string | null): Promise<void> {
    this.busy = format;
    this.host.again();
    try {
      const board = encodeURIComponent(this.host.params.id);
      const file = await hub.api.file(`/boards/${board}/export`, { format, page });
      const address = URL.createObjectURL(file);
      const link = document.createElement("a");
      link.href = address;
      link.download = file.name;
      link.click();
      // The browser reads it in its own time.
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = null;
    this.host.again();
  }
}
