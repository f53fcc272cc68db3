import "./compare-page.js";
import "./subject-page.js";
