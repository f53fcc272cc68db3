import "./pen-out-page.js";
import "./tablet-page.js";
