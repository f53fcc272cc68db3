import { hub } from "@classhub/client";
import { i18n, say } from "@classhub/ui";

/** What a plugin tells a person once, on `x/<plugin>/notices/<id>`, wherever they are in the hub. */
interface Notice {
  /** The person, or what they are signed in with. */
  to: string;
  /** The words by language. */
  said: Record<string, string>;
}

/** Say what plugins tell whoever is signed in; returns what ends it. */
export function followNotices(): () => void {
  return hub.stream.subscribe("x/+/notices/+", (_, payload) => {
    const me = hub.session.principal;
    const words = wordsFor(payload, me && (me.person ?? me.id), i18n.language);
    if (words) say(words);
  });
}

/** The words of a notice for somebody, in a language; empty where it is none, or another's. */
export function wordsFor(payload: unknown, me: string | null, language: string): string {
  const { to, said } = (payload ?? {}) as Partial<Notice>;
  if (me === null || to !== me) return "";
  return said?.[language] ?? said?.en ?? "";
}
