/** The list of boards; what draws comes only with a board. */
import "./page/boards-page.js";
