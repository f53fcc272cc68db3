import "./report-page.js";
