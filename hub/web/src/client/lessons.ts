/** Whether a message of `lessons/+` tells of the lesson itself, not of who came or went. */
export function isAboutLesson(payload: unknown): boolean {
  const change = (payload as { change?: string } | null)?.change;
  return change !== "joined" && change !== "left";
}
