import "./item-page.js";
