import arrowLeft from "icon:arrow-left";
import cable from "icon:cable";
import camera from "icon:camera";
import down from "icon:chevron-down";
import left from "icon:chevron-left";
import right from "icon:chevron-right";
import up from "icon:chevron-up";
import check from "icon:circle-check";
import help from "icon:circle-question-mark";
import task from "icon:clipboard-list";
import device from "icon:cpu";
import download from "icon:download";
import angle from "icon:drafting-compass";
import more from "icon:ellipsis";
import film from "icon:film";
import focus from "icon:focus";
import grip from "icon:grip-vertical";
import hand from "icon:hand";
import home from "icon:house";
import add from "icon:image-plus";
import images from "icon:images";
import inbox from "icon:inbox";
import light from "icon:lightbulb";
import select from "icon:list-checks";
import count from "icon:list-ordered";
import door from "icon:log-out";
import grow from "icon:maximize";
import mic from "icon:mic";
import microscope from "icon:microscope";
import shrink from "icon:minimize";
import moon from "icon:moon";
import arrow from "icon:move-up-right";
import pause from "icon:pause";
import board from "icon:pen-line";
import pen from "icon:pen-tool";
import area from "icon:pentagon";
import play from "icon:play";
import plus from "icon:plus";
import present from "icon:presentation";
import printer from "icon:printer";
import qr from "icon:qr-code";
import redo from "icon:redo-2";
import ruler from "icon:ruler";
import search from "icon:search";
import send from "icon:send";
import sliders from "icon:sliders-horizontal";
import curve from "icon:spline";
import stop from "icon:square";
import star from "icon:star";
import sun from "icon:sun";
import label from "icon:tag";
import erase from "icon:trash-2";
import warning from "icon:triangle-alert";
import undo from "icon:undo-2";
import person from "icon:user-round";
import people from "icon:users";
import video from "icon:video";
import volume from "icon:volume-2";
import close from "icon:x";
import zoomIn from "icon:zoom-in";
import zoomOut from "icon:zoom-out";
import { html, type TemplateResult } from "lit";
import { until } from "lit/directives/until.js";

const ICONS = {
  "arrow-left": arrowLeft,
  board,
  cable,
  camera,
  check,
  close,
  device,
  door,
  down,
  download,
  erase,
  focus,
  grow,
  help,
  home,
  images,
  left,
  light,
  microscope,
  moon,
  more,
  pause,
  people,
  person,
  play,
  plus,
  qr,
  right,
  shrink,
  sliders,
  stop,
  sun,
  up,
  add,
  inbox,
  printer,
  present,
  search,
  send,
  task,
  select,
  star,
  video,
  warning,
  hand,
  ruler,
  curve,
  angle,
  area,
  count,
  label,
  arrow,
  undo,
  redo,
  "zoom-in": zoomIn,
  "zoom-out": zoomOut,
  film,
  grip,
  mic,
  volume,
};

export type IconName = keyof typeof ICONS;

// A template for each icon, parsed once however often it is drawn.
const drawn = new Map<string, TemplateResult>();

/** Lucide's own names, which kinds of device and plugins' pages give, of what is in the bundle. */
const LUCIDE: Record<string, string> = { cpu: device, "pen-line": board, "pen-tool": pen };

// Written as `new URL(…, import.meta.url)` the bundler takes it for a file of its own, and finds none.
const HERE = import.meta.url;
const LUCIDE_NAME = /^[a-z][a-z0-9-]*$/;
// What is not in the bundle is fetched once from the hub, which has all of Lucide.
const fetched = new Map<string, Promise<TemplateResult>>();

/**
 * An icon, drawn in the colour of the text; always beside words or on a labelled button.
 *
 * @param name ours, or the name of any Lucide icon.
 */
export function icon(name: IconName | (string & {})): TemplateResult {
  if (Object.hasOwn(ICONS, name)) return drawing(ICONS[name as IconName]);
  if (Object.hasOwn(LUCIDE, name)) return drawing(LUCIDE[name] ?? device);
  if (!LUCIDE_NAME.test(name)) return drawing(device);
  let found = fetched.get(name);
  if (!found) {
    found = inside(name).then(drawing);
    fetched.set(name, found);
  }
  return html`${until(found, drawing(device))}`;
}

async function inside(name: string): Promise<string> {
  try {
    const response = await fetch(new URL(`/icons/${name}.json`, HERE));
    return response.ok ? ((await response.json()) as string) : device;
  } catch {
    return device; // The hub is out of reach: the words beside it say what it is.
  }
}

/** As `icon`, of a drawing that a plugin brings itself: `import cube from "icon:box"`. */
export function drawing(inside: string): TemplateResult {
  let found = drawn.get(inside);
  if (!found) {
    const svg = `<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor"
      stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${inside}</svg>`;
    found = html(Object.assign([svg], { raw: [svg] }));
    drawn.set(inside, found);
  }
  return found;
}

/** Our mark: a shanyrak, the crown of the yurt, that is a lens as well. */
export function brandMark(): TemplateResult {
  return html`<svg viewBox="0 0 32 32" width="32" height="32" fill="none" stroke="currentColor"
    stroke-width="1.9" stroke-linecap="round" aria-hidden="true">
    <circle cx="16" cy="16" r="13.5" stroke-width="2.6"></circle>
    <path d="M9 4.9c5 6.5 5 15.7 0 22.2M16 2.6v26.8M23 4.9c-5 6.5-5 15.7 0 22.2"></path>
    <path d="M4.9 9c6.5 5 15.7 5 22.2 0M2.6 16h26.8M4.9 23c6.5-5 15.7-5 22.2 0"></path>
  </svg>`;
}
