/** What is wanted of a panel; the server's `Plan`, see `plugins/panel/plans.py`. */

export interface Scene {
  power: "on" | "off" | null;
  source: string | null;
  volume: number | null;
  mute: boolean | null;
  blank: boolean | null;
  freeze: boolean | null;
  lock: boolean | null;
  touch_lock: boolean | null;
}

export interface Time {
  days: number[];
  at: string;
  scene: "start" | "end";
}

/** Days without lessons, both included, as `2027-01-08`. */
export interface Holiday {
  first: string;
  last: string;
}

export interface Plan {
  start: Scene;
  end: Scene;
  with_lessons: boolean;
  times: Time[];
  holidays: Holiday[];
  wake: string | null;
  idle_minutes: number | null;
}

export interface SceneState {
  scene: "start" | "end";
  state: "running" | "done" | "failed";
  begun: string;
  step: string;
  failed: { property: string; code: string; title: string; hint: string }[];
}

export interface PanelShown {
  device: string;
  plan: Plan;
  scene: SceneState | null;
}

/** Somebody has said anew when there are no lessons. */
export class HolidaysEvent extends Event {
  constructor(readonly holidays: Holiday[]) {
    super("holidays");
  }
}

/** Holidays with one end changed: the other goes along, so that they never end before they begin. */
export function withHoliday(
  holidays: Holiday[],
  at: number,
  end: "first" | "last",
  date: string,
): Holiday[] {
  return holidays.map((one, index) => {
    if (index !== at || !date) return one;
    const other = end === "first" ? one.last : one.first;
    const crossed = end === "first" ? other < date : other > date;
    return crossed ? { first: date, last: date } : { ...one, [end]: date };
  });
}

/** A plan whose time `at` is another; a whole new one, as the page shows what it was given. */
export function withTime(plan: Plan, at: number, change: Partial<Time> | null): Plan {
  const times = plan.times.flatMap((time, index) => {
    if (index !== at) return [time];
    return change === null ? [] : [{ ...time, ...change }];
  });
  return { ...plan, times };
}

/** The days with one put in or taken out; the last one stays. */
export function withDay(days: number[], day: number): number[] {
  const rest = days.filter((one) => one !== day);
  if (rest.length === days.length) return [...days, day].sort((a, b) => a - b);
  return rest.length ? rest : days;
}
