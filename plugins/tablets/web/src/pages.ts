import "./tablet-page.js";
