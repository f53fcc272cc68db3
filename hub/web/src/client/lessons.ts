import type { Task } from "./types.js";

/** A sheet's title and text, as one. */
export function taskWords(task: Task | null | undefined): string {
  return task ? [task.title, task.text].filter(Boolean).join("\n") : "";
}

/** Whether a message of `lessons/+` tells of the lesson itself, not of who came or went. */
export function isAboutLesson(payload: unknown): boolean {
  const change = (payload as { change?: string } | null)?.change;
  return change !== "joined" && change !== "left";
}
