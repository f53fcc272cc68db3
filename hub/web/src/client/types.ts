/** What the hub's API answers with. Times are RFC 3339 in UTC; text of devices is untrusted. */

export type Role = "display" | "pupil" | "teacher" | "engineer" | "admin";

export interface Principal {
  id: string;
  name: string;
  role: Role;
  person: string | null;
}

/** A task sheet; the title or the text may be empty. */
export interface Task {
  id: string;
  title: string;
  text: string;
  /** The asset that is shown with it. */
  picture: string | null;
  sent: string;
}

export interface Lesson {
  id: string;
  title: string;
  group: string | null;
  teacher: { id: string; name: string } | null;
  started: string;
  ended: string | null;
  /** Its pupils may see each other's pictures. */
  shared?: boolean;
  /** What its pupils work on. */
  task?: Task | null;
  /** Six digits; only for teachers and above, while the lesson runs. */
  code?: string | null;
  join_url?: string | null;
}

export interface SessionAnswer {
  principal: Principal;
  lesson: Lesson | null;
  language: string;
}

/** A problem of a device or a problem document: title and hint are message ids or translated. */
export interface Problem {
  code: string;
  title: string;
  hint?: string;
  detail?: string;
  severity?: "ok" | "warning" | "fault";
  params?: Record<string, unknown>;
  errors?: { field: string; message: string }[];
}

export interface Reading {
  value: unknown;
  time: string;
  quality: "good" | "stale" | "bad";
}

export interface DeviceState {
  presence: "present" | "absent" | "unknown";
  reachable: boolean;
  process: "starting" | "running" | "restarting" | "fault" | "stopped";
  problem: Problem | null;
  health: Problem | null;
  since: string | number;
}

export interface JsonSchema {
  type?: string | string[];
  title?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  maxLength?: number;
  format?: string;
  writeOnly?: boolean;
  description?: string;
  examples?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
}

export interface Member {
  name: string;
  title: string;
  doc: string;
  optional: boolean;
  role: Role;
}

export interface PropertyDescription extends Member {
  schema: JsonSchema;
  unit: string | null;
  writable: boolean;
  write_role: Role;
}

export interface ActionDescription extends Member {
  input: JsonSchema | null;
  output: JsonSchema | null;
  limit: number;
}

export interface EventDescription extends Member {
  data: JsonSchema | null;
}

export interface StreamDescription extends Member {
  content: "frames" | "samples";
  sample: JsonSchema | null;
}

export interface DeviceDescription {
  kind: string;
  revision: number;
  properties: Record<string, PropertyDescription>;
  actions: Record<string, ActionDescription>;
  events: Record<string, EventDescription>;
  streams: Record<string, StreamDescription>;
}

export interface Device {
  id: string;
  name: string;
  kind: string;
  kind_title: string;
  icon: string;
  driver: string;
  seat: string | null;
  state: DeviceState;
  properties: Record<string, Reading>;
  streams: string[];
  description?: DeviceDescription | null;
  /** What has been counted since the hub started; for engineers. */
  counters?: Record<string, number> | null;
}

export type OperationStatus =
  | "pending"
  | "running"
  | "done"
  | "failed"
  | "cancelled"
  | "interrupted";

export interface Operation {
  id: string;
  device: string;
  action: string;
  title: string;
  status: OperationStatus;
  fraction: number | null;
  message: string;
  result: unknown;
  problem: Problem | null;
  started: string;
  ended: string | null;
}

export interface Asset {
  id: string;
  title: string;
  note: string;
  media_type: string;
  sha256: string;
  size: number;
  width: number | null;
  height: number | null;
  owner: { id: string; name: string } | null;
  lesson: string | null;
  device: string | null;
  derived_from: string | null;
  created: string;
  /** When it was handed in to the teacher. */
  handed_in?: string | null;
  /** The task sheet that the hand-in answers. */
  task?: string | null;
  /** The caller's own; said in lists, not on the stream. */
  favourite?: boolean | null;
  info: Record<string, unknown>;
  links: { content: string; thumbnail: string | null };
}

/** Something that was found on a bus; for engineers. Its texts are its own and untrusted. */
export interface Discovery {
  identity: string;
  bus: "usb" | "mdns";
  title: string;
  vendor: string;
  product: string;
  serial: string;
  port: string;
  host: string;
  tcp_port: number;
  nodes: Record<string, string[]>;
  /** Drivers that know such things. */
  drivers: string[];
  /** The device that it is, null while nobody has adopted it. */
  device: string | null;
  /** How many look exactly like it, itself among them. */
  twins: number;
}

/** An installed driver; for engineers. */
export interface Driver {
  name: string;
  kind: string;
  kind_title: string;
  icon: string;
  title: string;
  doc: string;
  settings: JsonSchema | null;
  /** What its devices look like on a bus; empty where they are added by their address only. */
  discovery: { bus: "usb" | "mdns" }[];
  /** Seconds that its search takes; 0 where it has none. */
  searching: number;
  problem: Problem | null;
}

/** A device that a search has found. What it says of itself is untrusted text. */
export interface Candidate {
  driver: string;
  title: string;
  /** Where it is, for people: an address, a socket. */
  place: string;
  /** Those of the driver by which it is reached. */
  settings: Record<string, unknown>;
  /** The device that it is already, null where it is none. */
  device: string | null;
}

/** What a search has found, and which drivers could not search and why. */
export interface SearchResult {
  found: Candidate[];
  problems: { driver: string; problem: Problem }[];
}

/** What is set of one device; secrets are only named. */
export interface DeviceSettings {
  values: Record<string, unknown>;
  secrets_set: string[];
  schema: JsonSchema | null;
  source: "file" | "adopted";
}

export interface LogLine {
  time: string;
  level: string;
  text: string;
}

export interface Recording {
  id: string;
  device: string;
  size: number;
  seconds: number | null;
  created: string;
}

/** Who did what; for engineers. The name is empty once the person is erased. */
export interface AuditEntry {
  seq: number;
  time: string;
  by: { id: string; name: string; role: Role };
  action: string;
  /** The action in words, to be read after the name. */
  said: string;
  subject: string;
  detail: Record<string, unknown>;
}

export interface Backup {
  name: string;
  size: number;
  made: string;
}

export interface Person {
  id: string;
  name: string;
  role: Role;
  created: string;
  erased?: string | null;
}

/** What a long list of assets holds; each cursor begins a page of `every`. */
export interface AssetOutline {
  total: number;
  every: number;
  cursors: (string | null)[];
  sections: { day: string; lesson: string | null; title: string; count: number }[];
  more: boolean;
}

/** A seat of a lesson: what stands there, and who sits there. */
export interface Seat {
  seat: string;
  devices: { id: string; name: string; kind: string }[];
  person: { id: string; name: string } | null;
}

export interface Seats {
  items: Seat[];
}

export interface Group {
  id: string;
  name: string;
  created: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** A page that a plugin brings, as its `web.json` says. */
export interface PageManifest {
  path: string;
  title: string;
  icon?: string;
  roles?: Role[];
  nav?: boolean;
  /** How far back there, 1 to 99; from 50 it is for looking after the room. */
  place?: number;
  /** The page is the place for devices of this kind; `path` then has `:id`. */
  kind?: string;
  /** The page opens assets of these media types, so many at once. */
  opens?: Opens;
  /** People record their voice on it. */
  microphone?: boolean;
  /** The chapter about it: `#chapter` of the plugin's own guide, or `guide#chapter`. */
  help?: string;
  module: string;
  tag: string;
}

/** A guide for people that a plugin brings: `guide/<language>.md` beside its `web.json`. */
export interface GuideManifest {
  title: string;
  /** In its address; left out: the plugin's id. */
  name?: string;
  roles?: Role[];
  languages: string[];
}

/** Which assets a page opens: one by `:id` of its path, or several as `?assets=a,b,c`. */
export interface Opens {
  /** Such as `image/png`, `image/*` or `*\/*`; each asset must be of one of them. */
  media: string[];
  least: number;
  most: number;
  /** It also opens a whole album, as `?lesson=…`. */
  album?: boolean;
  /** What it does with them, where the page's own title does not say it. */
  title?: string;
}

/** An element of a plugin; with `shows` teachers put it on the class's screen. */
export interface ElementManifest {
  tag: string;
  module: string;
  shows?: {
    title: string;
    icon?: string;
    media: string[];
    attributes: string[];
    /** Where it is picked. */
    page?: string;
  };
}

/** One thing on the class's screen. */
export interface ShownThing {
  element: string;
  attributes: Record<string, string>;
  title: string;
  plugin: string;
  /** When it was put there. */
  at: string;
  /** Why the screen cannot show it, as the screen itself says; empty where it can. */
  trouble?: "" | "not-playable" | "not-drawn" | "not-loaded";
}

/** What the class's screen shows: one thing, or two side by side. */
export interface Shown extends ShownThing {
  beside: ShownThing | null;
  /** Whatever is shown next stands beside what is there. */
  next_beside: boolean;
}

export interface HubData {
  hub: {
    id: string;
    name: string;
    version: string;
    languages: string[];
    /** The hub's own: what nobody chose a language for is in this one. */
    language: string;
    /** Which media types albums show, as a query says it. */
    media: string;
  };
  plugins: {
    id: string;
    base: string;
    pages: PageManifest[];
    elements: ElementManifest[];
    /** Cards of the home page, for those of their roles. */
    home: { tag: string; module: string; roles?: Role[] }[];
    guide?: GuideManifest;
  }[];
  catalogues: Record<string, string[]>;
}
