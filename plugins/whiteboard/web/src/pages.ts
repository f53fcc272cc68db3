/** The boards of a lesson, and one of them. */
import "./page/board-page.js";
