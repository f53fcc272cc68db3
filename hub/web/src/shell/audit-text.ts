import { N_ } from "@classhub/client";
import { t } from "@classhub/ui";

/** What was done, in words; an action of a plugin that is not known here shows as it is. */
const ACTIONS: Record<string, string> = {
  "asset.delete": N_("deleted a picture or file"),
  "backup.make": N_("made a backup"),
  "backup.restore": N_("restored a backup"),
  "device.adopt": N_("took a device into use"),
  "device.remove": N_("took a device out of use"),
  "device.update": N_("changed the set-up of a device"),
  "hub.start": N_("the hub was started"),
  "hub.stop": N_("the hub was stopped"),
  "lesson.end": N_("ended a lesson"),
  "lesson.remove": N_("took somebody out of a lesson"),
  "lesson.seat": N_("changed who sits where"),
  "lesson.start": N_("started a lesson"),
  "person.erase": N_("erased a name"),
  "person.role": N_("changed somebody's role"),
  "session.open": N_("signed in"),
  "session.refuse": N_("was refused when signing in"),
  "token.create": N_("made a token"),
  "token.revoke": N_("revoked a token"),
};

export function auditText(action: string): string {
  return t(ACTIONS[action] ?? action);
}
