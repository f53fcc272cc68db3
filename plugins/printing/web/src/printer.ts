/** The page of one printer. */
import "./printer/printer-page.js";
