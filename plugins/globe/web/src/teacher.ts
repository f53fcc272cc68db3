/** The page of teachers. */
import "./teach/teach-page.js";
