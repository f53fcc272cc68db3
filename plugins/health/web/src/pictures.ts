/** What to do, drawn: small pictures beside a hint, chosen by what is wrong and with what. */
import { t } from "@classhub/ui";
import { css, html, nothing, type SVGTemplateResult, svg, type TemplateResult } from "lit";

export type Picture =
  | "power"
  | "usb"
  | "network"
  | "pen"
  | "globe"
  | "plate"
  | "filament"
  | "lamp"
  | "menu"
  | "window";

/** Lines in the colour of the text, what matters in the accent, surfaces a little filled. */
const DRAWINGS: Record<Picture, SVGTemplateResult> = {
  power: svg`<rect class="body" x="12" y="12" width="96" height="66" rx="10"/><circle class="mark" cx="60" cy="45" r="21"/>
    <path class="mark" d="M60 32v12M50.5 37.5a12 12 0 1 0 19 0"/><path d="M24 68h10M86 68h10"/>`,
  usb: svg`<path d="M4 58C16 58 14 45 26 45h6"/><rect class="body" x="32" y="32" width="27" height="26" rx="5"/>
    <rect class="mark" x="59" y="36" width="17" height="18" rx="1.5"/><path class="mark" d="M64 41.5h4M64 48.5h4"/>
    <path class="mark" d="M62 72h18m-7-6 7 6-7 6"/><path class="body" d="M94 16h20v58H94z"/><path d="M94 33h9v24h-9"/>`,
  network: svg`<path d="M4 62C15 62 14 45 25 45h8"/><path class="body" d="M33 31h34v28H33z"/><path d="M41 31v-6h14v6"/>
    <path class="mark" d="M61 37v16M55 37v16M49 37v16"/><path class="mark" d="M56 74h20m-7-6 7 6-7 6"/>
    <path class="body" d="M90 14h24v62H90z"/><path d="M90 29h11v32H90"/><circle class="mark" cx="106" cy="24" r="2"/>`,
  pen: svg`<rect class="body" x="8" y="40" width="104" height="40" rx="7"/><rect x="20" y="48" width="80" height="24" rx="2"/>
    <path class="mark" d="M58 61 84 17l10 6-26 44-11 5z"/><path class="mark" d="m80 24 10 6"/><path d="M34 63c5-7 8 6 13-1"/>`,
  globe: svg`<circle class="body" cx="50" cy="42" r="31"/><ellipse cx="50" cy="42" rx="13" ry="31"/><path d="M20 33h60M20 52h60M50 73v9M34 84h32"/>
    <path class="mark" d="M76 49 102 15l8 6-26 34-10 4z"/><path class="mark" d="m97 21 8 6"/>`,
  plate: svg`<path d="M22 82V10h76v72"/><path d="M22 22h76"/><path class="body" d="M50 18h20v14l-6 8h-8l-6-8z"/>
    <path class="body" d="M10 70h100v9H10z"/><path d="M30 55h22v15H30z" stroke-dasharray="4 4"/><path class="mark" d="M62 60h26m-8-7 8 7-8 7"/>`,
  filament: svg`<circle class="body" cx="42" cy="45" r="33"/><circle cx="42" cy="45" r="10"/><circle class="mark" cx="42" cy="45" r="21"/>
    <path class="mark" d="M63 45c20 0 16-26 33-26"/><path class="body" d="M88 32h20v16l-6 10h-8l-6-10z"/><path class="mark" d="M98 19v9m-5-4 5 5 5-5"/>`,
  lamp: svg`<path class="body" d="M22 74h60v8H22z"/><path d="M78 74c18-14 17-46-6-55"/><path class="body" d="m52 8 16 8-14 30-16-8z"/>
    <path class="body" d="M24 54h46v6H24z"/><path class="mark" d="M40 66v4M33 65l-4 3M47 65l4 3"/><circle class="mark" cx="40" cy="71" r="0.6"/>
    <path class="mark" d="M98 70a9 9 0 1 1 14 0v6H98zM101 82h8M105 42v5M90 50l4 4M118 50l-2 3"/>`,
  menu: svg`<rect class="body" x="8" y="10" width="104" height="60" rx="6"/><path d="M44 82h32M60 70v12"/>
    <rect class="mark" x="26" y="30" width="68" height="22" rx="4"/><path class="mark" d="M38 41h.1M52 41h.1M66 41h.1" stroke-width="7"/><path class="mark" d="M80 35v12"/>`,
  window: svg`<rect class="body" x="10" y="12" width="72" height="54" rx="5"/><path d="M10 26h72M18 19h.1M25 19h.1"/>
    <rect class="body" x="40" y="34" width="70" height="46" rx="5"/><path d="M40 47h70"/><path class="mark" d="m96 38 6 6m0-6-6 6"/><path d="M64 62l10 8 10-8"/>`,
};

function nameOf(picture: Picture): string {
  const names: Record<Picture, string> = {
    power: t("Picture: the power button"),
    usb: t("Picture: a USB plug goes into its socket"),
    network: t("Picture: a network cable goes into its socket"),
    pen: t("Picture: a pen on a tablet"),
    globe: t("Picture: a pen touches a globe"),
    plate: t("Picture: the printer's plate is cleared"),
    filament: t("Picture: filament goes from its spool into the printer"),
    lamp: t("Picture: a microscope and its lamp"),
    menu: t("Picture: a number is set in the screen's menu"),
    window: t("Picture: another program is closed"),
  };
  return names[picture];
}

/** By what is wrong. */
export const OF_CODE: Record<string, Picture[]> = {
  "check-too-slow": ["power"],
  "timed-out": ["power"],
  "device-error": ["power"],
  "printer-halted": ["power"],
  "printer-silent": ["power", "usb"],
  "printer-not-connected": ["power", "usb"],
  "filament-out": ["filament"],
  "plate-not-clear": ["plate"],
  "print-not-started": ["plate"],
  "bad-picture": ["usb"],
  "damaged-pictures": ["usb"],
  "nothing-to-focus": ["lamp"],
  "camera-in-use": ["window"],
  "camera-released": ["window"],
  "pen-not-said-yet": ["globe"],
  "no-pen-reports": ["pen"],
  "panel-password": ["menu"],
  "mdc-secured": ["menu"],
  "mdc-not-secured": ["menu"],
  "mdc-pin": ["menu"],
  "mdc-pin-blocked": ["menu"],
  "wrong-display-id": ["menu"],
  "panel-not-ready": ["power"],
  "cec-no-adapter": ["usb"],
  "cec-nobody": ["power"],
};
/** Of a device that does not answer, by the icon of its kind: how such a one is connected. */
export const OF_ICON: Record<string, Picture[]> = {
  monitor: ["power", "network"],
  printer: ["power", "usb"],
  microscope: ["usb", "lamp"],
  "pen-tool": ["usb", "pen"],
  globe: ["usb", "globe"],
  hand: ["usb"],
};
const SILENT = new Set(["unreachable", "unplugged"]);

/** The pictures that go with what is wrong; none where none would help. */
export function picturesOf(code: string | null, icon: string): Picture[] {
  if (code === null) return [];
  if (Object.hasOwn(OF_CODE, code)) return OF_CODE[code] ?? [];
  if (!SILENT.has(code)) return [];
  return Object.hasOwn(OF_ICON, icon) ? (OF_ICON[icon] ?? []) : ["power", "usb"];
}

export const pictureStyles = css`
  .pictures { display: flex; flex-wrap: wrap; gap: var(--space-3); }
  .picture { width: 7.5rem; height: 5.6rem; flex: none; fill: none; stroke: currentColor; stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
  .picture .body { fill: currentColor; fill-opacity: 0.09; }
  .picture .mark { stroke: var(--picture-mark, var(--accent)); stroke-width: 4; }
`;

/** Draw them. */
export function pictures(all: Picture[]): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<span class="pictures">${all.map(
    (one) =>
      html`<svg class="picture" viewBox="0 0 120 90" role="img" aria-label=${nameOf(one)}>${DRAWINGS[one]}</svg>`,
  )}</span>`;
}
