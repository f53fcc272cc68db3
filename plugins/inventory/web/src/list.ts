import "./list-page.js";
