/** What lies on the table. */
import "./play/play-page.js";
