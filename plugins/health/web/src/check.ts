import "./check-page.js";
