import { hub } from "@classhub/client";
import { i18n } from "@classhub/ui";
import { data, routes } from "./data.js";
import { findRoute } from "./router.js";
import { applyTheme } from "./theme.js";
import "./app.js";

applyTheme();
i18n.addEventListener("change", () => {
  document.documentElement.lang = i18n.language;
  hub.speak(i18n.language);
});
// Words, the session and the page's module are fetched side by side; what fails here is asked for
// again, and told, by the application.
const words = i18n.start(data.hub.languages, data.catalogues);
const route = findRoute(routes, location.pathname)?.route;
const page = route?.load();
const session = location.hash.includes("code=") ? undefined : hub.session.refresh();
// A page that anybody may see need not wait until it is known who looks.
const ahead = route?.roles === "all" ? [page] : [page, session];
session?.catch(() => {});
await Promise.all([words, Promise.allSettled(ahead)]);
document.body.append(document.createElement("hub-app"));
