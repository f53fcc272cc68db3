import "./health-page.js";
