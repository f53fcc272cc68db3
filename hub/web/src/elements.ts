/**
 * `/elements.js`: the hub's parts for anybody's page, in one file that needs nothing else.
 *
 *     <script type="module" src="http://hub.local:8420/elements.js"></script>
 *     <hub-live-view device="…" token="…"></hub-live-view>
 *     <hub-capture-button device="…" token="…"></hub-capture-button>
 *
 * `hub` names another hub than the one that served the script; `token` is a token of a program.
 * Without a token the session of the browser speaks, on the hub's own pages only. The language is
 * that of the page (`<html lang="kk">`), else the browser's.
 */
import { i18n } from "@classhub/ui";
import "@classhub/live-view";
import { WORDS } from "./elements-parts.js";

for (const [language, words] of Object.entries(WORDS)) i18n.add(language, words);
const wanted = (document.documentElement.lang || navigator.language).slice(0, 2);
void i18n.use(wanted in WORDS ? wanted : "en");
