/** What of a rule can be set on the page. */
import type { AlertRule } from "./api.js";

export interface RuleFields {
  enabled?: boolean;
  title?: string;
  hint?: string;
  severity: "warning" | "fault" | null;
  delay: number;
  hold: number;
  escalate: number;
  urgent: boolean;
  lesson: boolean;
  tell: string[];
  above?: number | null;
  below?: number | null;
  clear?: number;
  within?: number;
}

/** What is other than in the rule: only that is sent, so that the rest follows newer versions. */
export function changesOf(rule: AlertRule, given: RuleFields): Partial<RuleFields> {
  const before = rule as unknown as Record<string, unknown>;
  const entries = Object.entries(given).filter(
    ([name, value]) => JSON.stringify(before[name] ?? null) !== JSON.stringify(value ?? null),
  );
  return Object.fromEntries(entries) as Partial<RuleFields>;
}
