import "./subject-page.js";
