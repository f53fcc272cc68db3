import "./readiness-page.js";
