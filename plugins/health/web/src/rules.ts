import "./alerts-page.js";
